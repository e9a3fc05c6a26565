package signal

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/bridgev2"

	"puente/bridges/signal/daemon"
	"puente/core/base/clock"
	"puente/core/hub/network"
)

// journal is an intake that fails as often as the test wants.
type journal struct {
	fails int
	tried chan struct{}
	taken []network.Entry
}

func (j *journal) Take(_ context.Context, entries ...network.Entry) error {
	defer func() { j.tried <- struct{}{} }()
	if j.fails > 0 {
		j.fails--
		return errors.New("the disk is full")
	}
	j.taken = append(j.taken, entries...)
	return nil
}

func received(t *testing.T, envelope string) *daemon.Received {
	t.Helper()
	got, err := daemon.ParseReceived([]byte(`{"account":"+4930555078388","envelope":{` + envelope + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestKeysTellRepetitionsFromOtherThings(t *testing.T) {
	const from = `"sourceUuid":"U","sourceNumber":"+49301234567","sourceDevice":1,"timestamp":5,`
	keys := map[string]string{}
	for name, envelope := range map[string]string{
		"Text":         from + `"dataMessage":{"message":"a"}`,
		"Edit":         from + `"editMessage":{"targetSentTimestamp":1,"dataMessage":{"message":"a"}}`,
		"OtherDevice":  strings.Replace(from, `"sourceDevice":1`, `"sourceDevice":2`, 1) + `"dataMessage":{"message":"a"}`,
		"Delivered":    from + `"receiptMessage":{"isDelivery":true,"timestamps":[1]}`,
		"DeliveredTwo": from + `"receiptMessage":{"isDelivery":true,"timestamps":[1,2]}`,
		"Read":         from + `"receiptMessage":{"isRead":true,"timestamps":[1]}`,
		"Typing":       from + `"typingMessage":{"action":"STARTED"}`,
		"Stopped":      from + `"typingMessage":{"action":"STOPPED"}`,
		"NoUUID":       `"sourceNumber":"+49301234567","sourceDevice":1,"timestamp":5,"dataMessage":{"message":"a"}`,
	} {
		got := received(t, envelope)
		key := entryKey("login", got.Kind(), got)
		if key != entryKey("login", got.Kind(), received(t, envelope)) {
			t.Errorf("%s: a repetition has another key", name)
		}
		if other, taken := keys[key]; taken {
			t.Errorf("%s and %s have the same key", name, other)
		}
		if strings.Contains(key, "1234567") {
			t.Errorf("%s: the key shows a number", name)
		}
		keys[key] = name
	}
}

func TestLanesAreChats(t *testing.T) {
	c := &Connector{}
	for name, test := range map[string]struct{ envelope, want string }{
		"Person":     {`"sourceUuid":"U","timestamp":5,"dataMessage":{"message":"a"}`, "u"},
		"Group":      {`"sourceUuid":"U","timestamp":5,"dataMessage":{"message":"a","groupInfo":{"groupId":"g"}}`, "group:g"},
		"Receipt":    {`"sourceUuid":"U","timestamp":5,"receiptMessage":{"timestamps":[1]}`, "u"},
		"FromPhone":  {`"sourceUuid":"own","timestamp":5,"syncMessage":{"sentMessage":{"destinationUuid":"U","message":"a"}}`, "u"},
		"InGroup":    {`"sourceUuid":"own","timestamp":5,"syncMessage":{"sentMessage":{"message":"a","groupInfo":{"groupId":"g"}}}`, "group:g"},
		"Sync":       {`"sourceUuid":"own","timestamp":5,"syncMessage":{"type":"CONTACTS_SYNC"}`, "sync"},
		"NumberOnly": {`"sourceNumber":"+49301234567","timestamp":5,"dataMessage":{"message":"a"}`, "number-" + hashed("+49301234567")},
	} {
		if got := c.chatOf(nil, received(t, test.envelope)); got != test.want {
			t.Errorf("%s is in lane %q, not %q", name, got, test.want)
		}
	}
}

func TestWhatCannotBeKeptIsTriedUntilItIs(t *testing.T) {
	moved := clock.NewManual(time.Unix(1_800_000_000, 0))
	taken := &journal{fails: 5, tried: make(chan struct{})}
	c := &Connector{env: network.Env{Intake: taken}, clock: moved, log: zerolog.Nop(), bridge: &bridgev2.Bridge{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.receive(t.Context(), daemon.News{Raw: []byte(`half a JS`), Broken: errors.New("broken")})
	}()
	for range 5 {
		<-taken.tried
		for moved.Waiting() == 0 {
			time.Sleep(time.Millisecond) // until it waits for its next try
		}
		moved.Advance(keepEvery) // also after many: Pause does not wait for long
	}
	<-taken.tried
	<-done
	if len(taken.taken) != 1 || taken.taken[0].Failed == "" || string(taken.taken[0].Payload) != "half a JS" || taken.taken[0].Key == "" {
		t.Errorf("%+v", taken.taken)
	}
}
