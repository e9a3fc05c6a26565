package hub

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"maunium.net/go/mautrix/event"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/hub/network"
	"puente/core/testkit/db"
)

func TestStartStopStart(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.until("the ping", func() bool {
			w.hs.mu.Lock()
			defer w.hs.mu.Unlock()
			return w.hs.pings == 1 // one for all
		})
		if !w.hub.Ready() || w.hub.HomeserverRequests() == 0 {
			w.Error("the hub is not ready")
		}
		w.restart()
		w.says(room, ana, "good morning")
		one(w, w.red, "message")
		w.hub.Stop()
		w.hub.Stop()
		if w.hub.Ready() {
			w.Error("the hub is ready after its end")
		}
	})
}

// halted makes a world whose hub is not started.
func halted(t *testing.T) *world {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	w := newWorld(t, db.Chosen(t).Open(t))
	w.make()
	t.Cleanup(func() { w.hub.Stop() })
	return w
}

func TestStartThatCannotSucceed(t *testing.T) {
	t.Run("WrongToken", func(t *testing.T) {
		w := halted(t)
		w.hs.asToken = "another"
		err := w.hub.Start(w.ctx)
		if !errors.Is(err, errs.ErrForbidden) || !strings.Contains(err.Error(), "app_service_config_files in homeserver.yaml") {
			t.Errorf("told: %v", err)
		}
	})
	t.Run("ForeignNames", func(t *testing.T) {
		w := halted(t)
		w.hs.tokens[testASToken] = "@someone:example.org"
		err := w.hub.Start(w.ctx)
		if !errors.Is(err, errs.ErrInvalid) || !strings.Contains(err.Error(), "registration file") {
			t.Errorf("told: %v", err)
		}
	})
	t.Run("AddressInUse", func(t *testing.T) {
		w := halted(t)
		socket, err := net.Listen("tcp", "127.0.0.1:0")
		w.must(err)
		defer func() { _ = socket.Close() }()
		w.hub.Listen = socket.Addr().String()
		if err = w.hub.Start(w.ctx); err == nil || !strings.Contains(err.Error(), "appservice.listen") {
			t.Errorf("told: %v", err)
		}
	})
	t.Run("ClosedDatabase", func(t *testing.T) {
		w := halted(t)
		w.must(w.db.Close())
		if err := w.hub.Start(w.ctx); err == nil {
			t.Error("a start without a database succeeded")
		}
	})
}

func TestUnreachableHomeserverIsTriedUntilTheEnd(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	w := newWorld(t, db.Chosen(t).Open(t))
	manual := clock.NewManual(time.Unix(1_700_000_000, 0))
	w.opts.Clock = manual
	w.make()
	t.Cleanup(func() { w.hub.Stop() })
	w.hs.Close()
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- w.hub.Start(ctx) }()
	for range 3 {
		w.until("a wait between two attempts", func() bool { return manual.Waiting() > 0 })
		manual.Advance(5 * time.Second)
	}
	select {
	case err := <-done:
		t.Fatalf("the start gave up: %v", err)
	default:
	}
	cancel()
	err := <-done
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "homeserver.address") {
		t.Errorf("told: %v", err)
	}
}

// pausing is a toy network that still hands something over while it is being paused.
type pausing struct {
	*toy
	paused func()
	held   bool
}

func (p *pausing) Pause() { p.paused() }

// Hold implements network.Pauser.
func (p *pausing) Hold(held bool) { p.held = held }

func TestABridgeIsPausedWhileTheJournalStillTakes(t *testing.T) {
	alone(t, func(w *world) {
		w.opts.Networks[0].New = func(env network.Env) (network.Connector, error) {
			w.red.env = env
			return &pausing{toy: w.red, paused: func() {
				if err := env.Intake.Take(w.ctx, network.Entry{Key: "last", Kind: "message", Payload: []byte(`{}`), Failed: "came at the end"}); err != nil {
					w.Errorf("the journal takes nothing any more: %v", err)
				}
			}}, nil
		}
	}, func(w *world) {
		w.hub.Stop()
		list, err := w.journal.List(w.ctx, journal.Filter{State: journal.Failed})
		w.must(err)
		if len(list) != 1 || list[0].Key != "last" {
			w.Errorf("the journal holds %+v", list)
		}
	})
}

// TestStopWhileTheHomeserverHangs: bridgev2 waits for it with a context of its own.
func TestStopWhileTheHomeserverHangs(t *testing.T) {
	each(t, func(w *world) { w.grace = 10 * time.Millisecond }, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		asked := make(chan struct{}, 100)
		w.hs.failWith(func(r *http.Request, parts []string) int {
			if !slices.Contains(parts, "send") {
				return 0
			}
			asked <- struct{}{}
			_, _ = io.Copy(io.Discard, r.Body) // or the end of the connection is not noticed
			w.hs.mu.Unlock()
			defer w.hs.mu.Lock()
			select {
			case <-r.Context().Done():
			case <-w.ctx.Done():
			}
			return 502
		})
		w.must(w.journal.Append(w.ctx, w.takes(news{Chat: "c1", From: "c1", ID: "m2", Parts: []string{"are you there?"}})))
		<-asked
		stopped := make(chan struct{})
		go func() { w.hub.Stop(); close(stopped) }()
		select {
		case <-stopped:
		case <-w.ctx.Done():
			w.Fatal("it does not stop")
		}
		w.hs.failWith(nil)
		w.start()
		w.settled()
		if got := w.hs.sent(room, event.EventMessage); len(got) != 2 || got[1].body() != "are you there?" {
			w.Errorf("the room has %v", got)
		}
	})
}

// It is not known yet whether another process has the database.
func TestWhatIsHeldTakesAndBeginsNothing(t *testing.T) {
	var bridge *pausing
	alone(t, func(w *world) {
		w.opts.Networks[0].New = func(env network.Env) (network.Connector, error) {
			w.red.env = env
			bridge = &pausing{toy: w.red, paused: func() {}}
			return bridge, nil
		}
	}, func(w *world) {
		w.hub.Hold(true)
		if !bridge.held {
			w.Error("the bridge is not held")
		}
		w.must(w.red.env.Intake.Take(w.ctx, network.Entry{Key: "doubtful", Kind: "nothing", Payload: []byte(`{}`)}))
		list, err := w.journal.List(w.ctx, journal.Filter{Source: w.opts.Networks[0].ID, State: journal.Waiting})
		w.must(err)
		if len(list) != 1 {
			w.Errorf("%d entries wait, not 1", len(list))
		}
		w.hub.Hold(false)
		if bridge.held {
			w.Error("the bridge is still held")
		}
		w.until("the entry's turn", func() bool {
			waiting, err := w.journal.List(w.ctx, journal.Filter{Source: w.opts.Networks[0].ID, State: journal.Waiting})
			w.must(err)
			return len(waiting) == 0
		})
	})
}
