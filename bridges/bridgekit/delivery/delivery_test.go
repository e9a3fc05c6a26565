package delivery

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// notes keeps what the hub keeps of one message.
type notes struct {
	network.Outcomes
	clock   clock.Clock
	earlier network.Earlier
	fail    error // of Accepted and Refused
	unheard func(from, until time.Time) bool
}

func (n *notes) Unheard(_ context.Context, from, until time.Time) (bool, error) {
	return n.unheard != nil && n.unheard(from, until), nil
}

func (n *notes) Look(context.Context, id.EventID) (network.Earlier, error) { return n.earlier, nil }

func (n *notes) Begin(context.Context, network.Attempt) (network.Earlier, error) {
	before := n.earlier
	n.earlier.Attempts++
	n.earlier.Unresolved = n.clock.Now()
	return before, nil
}

func (n *notes) Refused(context.Context, id.EventID) error {
	n.earlier.Unresolved = time.Time{}
	return n.fail
}

func (n *notes) Accepted(_ context.Context, _ id.EventID, networkMessageID string) error {
	if n.fail != nil {
		return n.fail
	}
	n.earlier.NetworkMessageID, n.earlier.Unresolved = networkMessageID, time.Time{}
	return nil
}

// desk is a courier with one message to deliver, whose sends end as the test says.
type desk struct {
	*Courier
	notes *notes
	clock *clock.Manual
	sends int
	lasts time.Duration // each send
	end   error
	bad   error // of prepare
}

func newDesk(grace time.Duration) *desk {
	at := clock.NewManual(time.Unix(1_800_000_000, 0))
	d := &desk{clock: at, notes: &notes{clock: at}}
	d.Courier = &Courier{Network: "Toynet", Outcomes: d.notes, Clock: at, Log: zerolog.Nop(), Grace: grace}
	return d
}

func (d *desk) try() (string, error) {
	return d.Once(context.Background(), "$e", "!r", func(context.Context) (Send, error) {
		if d.bad != nil {
			return nil, d.bad
		}
		return func(context.Context) (string, error) {
			d.sends++
			d.clock.Advance(d.lasts)
			if d.end != nil {
				return "", d.end
			}
			return "net-1", nil
		}, nil
	})
}

func TestOnce(t *testing.T) {
	broken := Unclear(errors.New("connection reset"))
	t.Run("ATakenMessageIsNotSentAgain", func(t *testing.T) {
		d := newDesk(time.Minute)
		for range 3 {
			if sent, err := d.try(); sent != "net-1" || err != nil {
				t.Fatalf("got %q, %v", sent, err)
			}
		}
		if d.sends != 1 {
			t.Errorf("sent %d times", d.sends)
		}
	})
	t.Run("AnUnclearOneWaitsForASignAndThenGoesOut", func(t *testing.T) {
		d := newDesk(time.Minute)
		d.end = broken
		if _, err := d.try(); !waits(err) {
			t.Fatalf("a broken connection gives %v", err)
		}
		d.end = nil
		if _, err := d.try(); !waits(err) || d.sends != 1 || errs.Message(err) == "" {
			t.Fatalf("within the grace: %v after %d sends", err, d.sends)
		}
		d.clock.Advance(time.Minute)
		if sent, err := d.try(); sent != "net-1" || err != nil || d.sends != 2 {
			t.Errorf("after the grace: %q, %v after %d sends", sent, err, d.sends)
		}
	})
	t.Run("ItWaitsForSignsThatWaitToBeRead", func(t *testing.T) {
		d := newDesk(time.Minute)
		began := d.clock.Now()
		d.end = broken
		_, _ = d.try()
		d.end, d.notes.unheard = nil, func(from, until time.Time) bool {
			return from.Equal(began) && until.Equal(began.Add(time.Minute))
		}
		d.clock.Advance(2 * time.Minute)
		if _, err := d.try(); !waits(err) || d.sends != 1 {
			t.Fatalf("with a sign that waits: %v after %d sends", err, d.sends)
		}
		d.clock.Advance(signPatience)
		if sent, err := d.try(); sent != "net-1" || err != nil || d.sends != 2 {
			t.Errorf("when it waits for ever: %q, %v after %d sends", sent, err, d.sends)
		}
	})
	t.Run("TheTimeInWhichNobodyListenedDoesNotCount", func(t *testing.T) {
		d := newDesk(time.Minute)
		d.end = broken
		_, _ = d.try()
		d.end = nil
		d.clock.Advance(20 * time.Second)
		gone := d.clock.Now()
		d.clock.Advance(time.Hour)
		back := d.clock.Now()
		d.Away = func() (time.Time, time.Time) { return gone, back }
		d.clock.Advance(40*time.Second - time.Second)
		if _, err := d.try(); !waits(err) || d.sends != 1 {
			t.Fatalf("soon after a start: %v after %d sends", err, d.sends)
		}
		d.clock.Advance(time.Second)
		if sent, err := d.try(); sent != "net-1" || err != nil || d.sends != 2 {
			t.Errorf("when the grace is over: %q, %v after %d sends", sent, err, d.sends)
		}
	})
	t.Run("AnAbsenceBeforeItDoesNotMatter", func(t *testing.T) {
		d := newDesk(time.Minute)
		back := d.clock.Now()
		d.clock.Advance(time.Second)
		d.Away = func() (time.Time, time.Time) { return back.Add(-time.Hour), back }
		d.end = broken
		_, _ = d.try()
		d.end = nil
		d.clock.Advance(time.Minute)
		if sent, err := d.try(); sent != "net-1" || err != nil || d.sends != 2 {
			t.Errorf("got %q, %v after %d sends", sent, err, d.sends)
		}
	})
	t.Run("TheGraceBeginsWhenTheSendingBreaksOff", func(t *testing.T) {
		d := newDesk(time.Minute)
		d.end, d.lasts = broken, 3*time.Minute
		_, _ = d.try()
		d.end = nil
		d.clock.Advance(time.Minute - time.Second)
		if _, err := d.try(); !waits(err) || d.sends != 1 {
			t.Fatalf("within the grace: %v after %d sends", err, d.sends)
		}
		d.clock.Advance(time.Second)
		if sent, err := d.try(); sent != "net-1" || err != nil || d.sends != 2 {
			t.Errorf("after the grace: %q, %v after %d sends", sent, err, d.sends)
		}
		if len(d.broke) > 0 {
			t.Errorf("kept for ever: %v", d.broke)
		}
	})
	t.Run("ItComesBackWhenTheProviderWantsIt", func(t *testing.T) {
		d := newDesk(time.Minute)
		for wanted, want := range map[time.Duration]time.Duration{0: look, time.Minute: time.Minute} {
			d.notes.earlier = network.Earlier{}
			d.end = Unclear(errs.Temporary(errors.New("gateway"), wanted))
			_, err := d.try()
			if after, _ := errs.IsTemporary(err); after != want {
				t.Errorf("it waits for %s, not %s", after, want)
			}
		}
	})
	t.Run("ASignSettlesIt", func(t *testing.T) {
		d := newDesk(time.Minute)
		d.end = broken
		_, _ = d.try()
		d.notes.earlier.NetworkMessageID = "net-7"
		if sent, err := d.try(); sent != "net-7" || err != nil || d.sends != 1 || len(d.broke) > 0 {
			t.Errorf("got %q, %v after %d sends, with %v kept", sent, err, d.sends, d.broke)
		}
	})
	t.Run("WithoutGraceItGoesOutAtOnce", func(t *testing.T) {
		d := newDesk(0)
		d.end = broken
		if _, err := d.try(); !waits(err) {
			t.Fatalf("sending ended with %v", err)
		} else if after, _ := errs.IsTemporary(err); after != 0 {
			t.Errorf("it is sent again every %s: each may be one more at the customer", after)
		}
		d.end = nil
		if sent, err := d.try(); sent != "net-1" || err != nil || d.sends != 2 {
			t.Errorf("got %q, %v after %d sends", sent, err, d.sends)
		}
	})
	t.Run("ARefusalStaysAsItIsAndLeavesNothingOpen", func(t *testing.T) {
		d := newDesk(time.Minute)
		d.end = errs.ErrForbidden
		if _, err := d.try(); !errors.Is(err, errs.ErrForbidden) || waits(err) || !d.notes.earlier.Unresolved.IsZero() {
			t.Errorf("got %v, left %+v", err, d.notes.earlier)
		}
	})
	t.Run("WhatCannotBePreparedWasNeverTried", func(t *testing.T) {
		d := newDesk(time.Minute)
		d.bad = errs.ErrTooLarge
		if _, err := d.try(); !errors.Is(err, errs.ErrTooLarge) || d.notes.earlier != (network.Earlier{}) {
			t.Errorf("got %v, noted %+v", err, d.notes.earlier)
		}
	})
	t.Run("TriesEnd", func(t *testing.T) {
		d := newDesk(time.Minute)
		d.Tries = func(error) int { return 2 }
		d.end = errs.Temporary(errors.New("provider's fault"), 0)
		for try := range 3 {
			if _, err := d.try(); errs.IsFinal(err) != (try == 2) {
				t.Errorf("try %d: %v", try, err)
			}
		}
	})
	t.Run("AnOutageTakesNoTriesAway", func(t *testing.T) {
		d := newDesk(time.Minute)
		fault := errs.Temporary(errors.New("provider's fault"), 0)
		d.Tries = func(err error) int {
			if errors.Is(err, fault) {
				return 1
			}
			return 0
		}
		d.end = errs.Temporary(errors.New("nobody there"), 0)
		for range 5 {
			_, _ = d.try()
		}
		d.end = fault
		for try := range 2 {
			if _, err := d.try(); errs.IsFinal(err) != (try == 1) {
				t.Errorf("try %d: %v", try, err)
			}
		}
		if len(d.limited) > 0 {
			t.Errorf("kept for ever: %v", d.limited)
		}
	})
	t.Run("ANoteThatFailsIsTriedAgain", func(t *testing.T) {
		for _, end := range []error{nil, errs.ErrForbidden} {
			d := newDesk(time.Minute)
			d.end, d.notes.fail = end, errors.New("database away")
			if _, err := d.try(); !waits(err) {
				t.Errorf("after %v: %v", end, err)
			}
		}
	})
	t.Run("WhatWasTakenAndCouldNotBeNotedIsNotSentAgain", func(t *testing.T) {
		for _, grace := range []time.Duration{0, time.Minute} {
			d := newDesk(grace)
			d.notes.fail = errors.New("disk full")
			for range 2 {
				if _, err := d.try(); !waits(err) {
					t.Errorf("the error is %v", err)
				}
				d.clock.Advance(time.Hour)
			}
			d.notes.fail = nil
			for range 2 {
				if sent, err := d.try(); sent != "net-1" || err != nil || d.sends != 1 {
					t.Errorf("got %q, %v after %d sends", sent, err, d.sends)
				}
			}
			if len(d.taken) > 0 {
				t.Errorf("kept for ever: %v", d.taken)
			}
		}
	})
}

func waits(err error) bool {
	_, again := errs.IsTemporary(err)
	return again
}

// bridgev2 stops waiting for a handler after some minutes, lets it go on, and the journal comes with the message again.
func TestWhatIsUnderWayIsNotSentBesides(t *testing.T) {
	for _, grace := range []time.Duration{0, time.Minute} {
		d := newDesk(grace)
		inside, goOn, done := make(chan struct{}), make(chan struct{}), make(chan error)
		slow := func(context.Context) (Send, error) {
			return func(context.Context) (string, error) {
				close(inside)
				<-goOn
				d.sends++
				return "net-1", nil
			}, nil
		}
		go func() {
			_, err := d.Once(context.Background(), "$e", "!r", slow)
			done <- err
		}()
		<-inside
		_, err := d.try()
		if after, again := errs.IsTemporary(err); !again || after <= 0 {
			t.Errorf("grace %s: another attempt gave %v", grace, err)
		}
		close(goOn)
		if err = <-done; err != nil {
			t.Error(err)
		}
		if sent, err := d.try(); sent != "net-1" || err != nil || d.sends != 1 {
			t.Errorf("grace %s: after it %q, %v, with %d sends", grace, sent, err, d.sends)
		}
	}
}

func TestWhatComesWhileAMessageIsMadeReady(t *testing.T) {
	prepare := func(d *desk, change func()) (string, error) {
		return d.Once(context.Background(), "$e", "!r", func(context.Context) (Send, error) {
			change()
			return func(context.Context) (string, error) { d.sends++; return "net-1", nil }, nil
		})
	}
	t.Run("ASign", func(t *testing.T) {
		d := newDesk(0)
		sent, err := prepare(d, func() { d.notes.earlier.NetworkMessageID = "net-0" })
		if sent != "net-0" || err != nil || d.sends != 0 {
			t.Errorf("got %q, %v, with %d sends", sent, err, d.sends)
		}
	})
	t.Run("AnotherProcess", func(t *testing.T) {
		d := newDesk(0)
		_, err := prepare(d, func() { d.notes.earlier.Unresolved = d.clock.Now() })
		if _, again := errs.IsTemporary(err); !again || d.sends != 0 {
			t.Errorf("got %v, with %d sends", err, d.sends)
		}
	})
}
