package daemon

import (
	"context"
	"testing"
	"time"

	"puente/core/base/clock"
)

func TestALateAnswerIsTold(t *testing.T) {
	if got := lateAnswer(t, `{"timestamp":42,"results":[]}`); got.err != nil || got.sent.Timestamp != 42 {
		t.Errorf("%+v", got)
	}
}

// What has no timestamp is known by nothing.
func TestALateAnswerOfAnotherShapeLeavesOpenWhatHappened(t *testing.T) {
	for _, result := range []string{`{}`, `{"results":[]}`, `[]`} {
		if got := lateAnswer(t, result); !IsLost(got.err) || got.sent.Timestamp != 0 {
			t.Errorf("%s: %+v", result, got)
		}
	}
}

type told struct {
	sent SendResult
	err  error
}

// lateAnswer is what is told of an answer that came after nobody waited for it any more.
func lateAnswer(t *testing.T, answer string) told {
	t.Helper()
	moved := clock.NewManual(time.Unix(1_800_000_000, 0))
	client, other := connected(t, Config{Clock: moved})
	late, result := make(chan told, 1), make(chan error, 1)
	go func() {
		_, err := client.Send(t.Context(), "+1", To{Recipient: "aci"}, Message{Text: "hello"}, func(sent SendResult, err error) { late <- told{sent, err} })
		result <- err
	}()
	req := other.read()
	for moved.Waiting() == 0 {
		time.Sleep(time.Millisecond) // until it waits for its answer
	}
	moved.Advance(defaultSendTimeout)
	if err := <-result; !IsLost(err) {
		t.Fatalf("%v", err)
	}
	other.answer(req, answer)
	return <-late
}

func TestACancelledRequestIsLost(t *testing.T) {
	client, other := connected(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- client.Typing(ctx, "+1", To{Recipient: "aci"}, false) }()
	other.read()
	cancel()
	if err := <-result; !IsLost(err) {
		t.Errorf("%v", err)
	}
}
