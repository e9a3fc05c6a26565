package signal_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

// TestNothingIsLostWhenPuenteStops stops Puente at random moments while customers write. The daemon forgets what it has
// handed over, so each message must be in the journal when Puente has stopped, or still wait on Signal's server.
func TestNothingIsLostWhenPuenteStops(t *testing.T) {
	const people, stops, each = 4, 6, 25
	w := build(t)
	w.connect()
	var all []*customer
	var rooms []id.RoomID
	for n := range people {
		all = append(all, w.customer(fmt.Sprintf("Person %d", n)))
		rooms = append(rooms, all[n].opens())
	}
	said := make([]int, people)
	for round := range stops {
		moment := make(chan struct{})
		var writing sync.WaitGroup
		for n, c := range all {
			at := -1
			if n == 0 {
				at = rand.IntN(each)
			}
			writing.Go(func() {
				for i := range each {
					if _, err := c.SendText(fmt.Sprintf("line %03d", said[n])); err != nil {
						t.Error(err)
					}
					said[n]++
					if i == at {
						close(moment)
					}
					time.Sleep(time.Duration(rand.IntN(5)) * time.Millisecond) // nobody writes faster
				}
			})
		}
		<-moment
		w.stop(func() {
			writing.Wait()
			kept, waiting := w.journalled(), w.emulator.Daemon().Waiting[ownNumber]
			sent := people // the first words of each
			for _, count := range said {
				sent += count
			}
			if kept+waiting != sent {
				t.Errorf("stop %d: of %d messages %d are in the journal, and %d wait on Signal's server", round, sent, kept, waiting)
			}
		})
		w.start()
	}
	for n := range all {
		last := all[n].arrives(fmt.Sprintf("line %03d", said[n]))
		got := w.alice.bodies(last.RoomID, "line ")
		if last.RoomID != rooms[n] || len(got) != said[n]+1 {
			t.Errorf("%d of %d lines came: %q", len(got), said[n]+1, got)
		}
		for i, text := range got {
			if text != fmt.Sprintf("line %03d", i) {
				t.Fatalf("the lines came as %q", got)
			}
		}
	}
}

// journalled counts the messages in the journal.
func (w *world) journalled() (count int) {
	w.tb.Helper()
	w.must(w.opts.DB.QueryRow(w.ctx, `SELECT COUNT(*) FROM pu_journal WHERE source='signal' AND kind='message'`).Scan(&count))
	return count
}
