package daemon

import (
	"context"
	"testing"
	"time"

	"puente/core/base/clock"
)

func TestALateAnswerIsTold(t *testing.T) {
	moved := clock.NewManual(time.Unix(1_800_000_000, 0))
	client, other := connected(t, Config{Clock: moved})
	type told struct {
		sent SendResult
		err  error
	}
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
	other.answer(req, `{"timestamp":42,"results":[]}`)
	if got := <-late; got.err != nil || got.sent.Timestamp != 42 {
		t.Errorf("%+v", got)
	}
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
