package hub

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// statesHeard are the states of an event as the desk heard them.
func (w *world) statesHeard(eventID id.EventID) (list []channel.State) {
	for _, changed := range ofKind[channel.StatusChanged](w.desk) {
		if changed.ID == eventID.String() {
			list = append(list, changed.State)
		}
	}
	return list
}

func (w *world) begin(room id.RoomID, eventID id.EventID) network.Earlier {
	w.Helper()
	earlier, err := w.red.env.Outcomes.Begin(w.ctx, network.Attempt{EventID: eventID, RoomID: room})
	w.must(err)
	return earlier
}

func (w *world) look(eventID id.EventID) network.Earlier {
	w.Helper()
	earlier, err := w.red.env.Outcomes.Look(w.ctx, eventID)
	w.must(err)
	return earlier
}

func TestAttempts(t *testing.T) {
	each(t, nil, func(w *world) {
		room, outcomes := w.customer(w.red, "c1", "hello"), w.red.env.Outcomes
		if w.look("$e") != (network.Earlier{}) || w.begin(room, "$e") != (network.Earlier{}) {
			w.Error("something is known of a message that was never tried")
		}
		first := w.look("$e")
		if first.Unresolved.IsZero() || first.Attempts != 1 || first.NetworkMessageID != "" {
			w.Errorf("after one attempt: %+v", first)
		}
		if again := w.begin(room, "$e"); again != first {
			w.Errorf("an attempt beside an unresolved one: %+v", again)
		}
		w.must(outcomes.Refused(w.ctx, "$e"))
		if got := w.look("$e"); got != (network.Earlier{Attempts: 1}) {
			w.Errorf("after a refusal: %+v", got)
		}
		if got := w.begin(room, "$e"); got != (network.Earlier{Attempts: 1}) {
			w.Errorf("the second attempt was told: %+v", got)
		}
		if got := w.look("$e"); got.Attempts != 2 || got.Unresolved.IsZero() {
			w.Errorf("after two attempts: %+v", got)
		}
		w.must(outcomes.Accepted(w.ctx, "$e", "net-1"))
		want := network.Earlier{NetworkMessageID: "net-1", Attempts: 2}
		if got := w.look("$e"); got != want || w.begin(room, "$e") != want {
			w.Errorf("after the acceptance: %+v", got)
		}
		if err := outcomes.Accepted(w.ctx, "$other", "net-2"); !errors.Is(err, errs.ErrNotFound) {
			w.Errorf("the acceptance of what was never tried: %v", err)
		}
	})
}

func TestReportsMoveAMessageOn(t *testing.T) {
	each(t, nil, func(w *world) {
		room, outcomes := w.customer(w.red, "c1", "hello"), w.red.env.Outcomes
		ghost, err := w.red.bridge.GetGhostByID(w.ctx, "c1")
		w.must(err)
		report := func(r network.Report) error { r.At = time.Unix(1_700_000_100, 0); return outcomes.Report(w.ctx, r) }
		for _, unknown := range []network.Report{{EventID: "$e"}, {NetworkMessageID: "net-1"}, {EventID: "$e", NetworkMessageID: "net-1"}, {}} {
			unknown.State = channel.Sent
			if err := report(unknown); !errors.Is(err, errs.ErrNotFound) {
				w.Errorf("a report of an unknown message: %v", err)
			}
		}
		w.begin(room, "$e")
		// The provider's report comes before its acceptance is noted, and proves it.
		w.must(report(network.Report{EventID: "$e", NetworkMessageID: "net-1", State: channel.Sent}))
		if got := w.look("$e"); got.NetworkMessageID != "net-1" || !got.Unresolved.IsZero() {
			w.Errorf("after the report: %+v", got)
		}
		w.must(outcomes.Accepted(w.ctx, "$e", "net-1"))
		w.settled() // what is not shown yet would be passed over for what is newer
		w.must(report(network.Report{NetworkMessageID: "net-1", State: channel.Read, By: ghost}))
		for _, state := range []channel.State{channel.Delivered, channel.Sent, channel.Pending, channel.Failed, channel.Read} {
			w.must(report(network.Report{EventID: "$e", State: state, By: ghost, Reason: "late"}))
		}
		if got := w.statesHeard("$e"); !slices.Equal(got, []channel.State{channel.Sent, channel.Read}) {
			w.Errorf("the desk heard %v", got)
		}
		w.settled()
		if got := w.statuses(room, "$e"); !slices.Equal(got, []string{"SUCCESS", "SUCCESS"}) {
			w.Errorf("the room was shown %v", got)
		}
		w.hs.mu.Lock()
		receipts := slices.Clone(w.hs.receipts)
		w.hs.mu.Unlock()
		if !slices.Equal(receipts, []string{"@puente_red_c1:example.org $e"}) {
			w.Errorf("receipts: %v", receipts)
		}
		w.begin(room, "$f")
		w.must(report(network.Report{EventID: "$f", State: channel.Failed, Reason: "blocked."}))
		w.must(report(network.Report{EventID: "$f", State: channel.Sent}))
		w.must(report(network.Report{EventID: "$f", State: channel.Delivered}))
		if got := w.statesHeard("$f"); !slices.Equal(got, []channel.State{channel.Failed, channel.Delivered}) {
			w.Errorf("the desk heard %v", got)
		}
		if got := w.notices(room); !slices.Equal(got, []string{"⚠️ Not delivered: blocked."}) {
			w.Errorf("the room was told %q", got)
		}
		// What another network's message is called says nothing here.
		if err := w.blue.env.Outcomes.Report(w.ctx, network.Report{NetworkMessageID: "net-1", State: channel.Read}); !errors.Is(err, errs.ErrNotFound) {
			w.Errorf("a report on another network: %v", err)
		}
	})
}

func TestTellingAgainAfterACrashGivesNoSecondEvent(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.begin(room, "$e")
		failed := network.Report{EventID: "$e", State: channel.Failed, Reason: "blocked."}
		w.must(w.red.env.Outcomes.Report(w.ctx, failed))
		_, err := w.db.Exec(w.ctx, "UPDATE pu_outcome SET state=''")
		w.must(err)
		w.restart()
		w.must(w.red.env.Outcomes.Report(w.ctx, failed))
		if got := w.statuses(room, "$e"); len(got) != 1 {
			w.Errorf("the room was shown %v", got)
		}
		if got := w.notices(room); len(got) != 1 {
			w.Errorf("the room was told %q", got)
		}
		changed := ofKind[channel.StatusChanged](w.desk)
		if len(changed) != 2 || changed[0].Key != changed[1].Key {
			w.Errorf("the desk heard %+v", changed)
		}
	})
}

func TestReportIsRepeatedUntilTold(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.begin(room, "$e")
		w.desk.failWith(func(channel.Event) error { return errToy })
		err := w.red.env.Outcomes.Report(w.ctx, network.Report{EventID: "$e", State: channel.Delivered})
		if _, again := errs.IsTemporary(err); !again {
			w.Fatalf("a report that the desk did not take: %v", err)
		}
		w.desk.failWith(nil)
		w.must(w.red.env.Outcomes.Report(w.ctx, network.Report{EventID: "$e", State: channel.Delivered}))
		if got := w.statesHeard("$e"); !slices.Equal(got, []channel.State{channel.Delivered}) {
			w.Errorf("the desk heard %v", got)
		}
	})
}

func TestConcurrentReports(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.begin(room, "$e")
		var running sync.WaitGroup
		for i := range 12 {
			state := []channel.State{channel.Sent, channel.Delivered, channel.Read}[i%3]
			running.Go(func() {
				if err := w.red.env.Outcomes.Report(w.ctx, network.Report{EventID: "$e", State: state}); err != nil {
					w.Errorf("report %s: %v", state, err)
				}
			})
		}
		running.Wait()
		heard := w.statesHeard("$e")
		for i := 1; i < len(heard); i++ {
			if !heard[i-1].Advances(heard[i]) {
				w.Errorf("the desk heard %v", heard)
			}
		}
		w.settled()
		if shown := len(w.hs.sent(room, event.BeeperMessageStatus)); heard[len(heard)-1] != channel.Read || shown == 0 || shown > len(heard) {
			w.Errorf("the desk heard %v, the room was shown %d", heard, shown)
		}
	})
}

func TestOutcomesWithoutADatabase(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.begin(room, "$e")
		_, err := w.db.Exec(w.ctx, "ALTER TABLE pu_outcome RENAME TO pu_gone")
		w.must(err)
		outcomes := w.red.env.Outcomes
		_, lookErr := outcomes.Look(w.ctx, "$e")
		_, beginErr := outcomes.Begin(w.ctx, network.Attempt{EventID: "$e", RoomID: room})
		for what, err := range map[string]error{
			"Look": lookErr, "Begin": beginErr, "Refused": outcomes.Refused(w.ctx, "$e"), "Accepted": outcomes.Accepted(w.ctx, "$e", "n"),
			"Report": outcomes.Report(w.ctx, network.Report{EventID: "$e", State: channel.Sent}),
		} {
			if _, again := errs.IsTemporary(err); !again {
				w.Errorf("%s: %v is not worth another try", what, err)
			}
		}
	})
}
