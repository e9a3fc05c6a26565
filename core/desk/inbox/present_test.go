package inbox

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

var errNo = errors.New("the homeserver says no")

// failing are rooms in which nothing can be shown.
func (w *world) failing(err error, rooms ...string) {
	w.rooms.failWith(func(what, about string) error {
		if what == "face" && slices.Contains(rooms, about) {
			return err
		}
		return nil
	})
}

// painted is how often a room was told how to look.
func (w *world) painted(c *Conversation) int {
	_, n := w.rooms.looks(c.Ref.Room)
	return n
}

// topicOf is the topic that a room has.
func (w *world) topicOf(c *Conversation) string {
	face, _ := w.rooms.looks(c.Ref.Room)
	return face.Topic
}

func TestPresenter(t *testing.T) {
	each(t, nil, func(w *world) {
		w.fact("WhatIsNewAndWhatChangesIsShown", func(w *world) {
			c := w.meets("whatsapp", "Ana")
			w.show()
			if got := w.topicOf(c); got != "open · nobody's" {
				w.t.Errorf("the topic is %q", got)
			}
			w.must(w.Claim(w.ctx, c.ID, anna))
			w.show()
			if got := w.topicOf(c); got != "open · Anna Martín" {
				w.t.Errorf("the topic is %q", got)
			}
		})
		w.fact("TwoQuickChangesAreShownOnce", func(w *world) {
			c := w.meets("whatsapp", "Berta")
			w.show()
			w.must(w.Claim(w.ctx, c.ID, ben))
			w.must(w.SetPriority(w.ctx, c.ID, "high", ben))
			w.show()
			if got := w.topicOf(c); got != "open · Ben · high" || w.painted(c) != 2 {
				w.t.Errorf("the topic is %q after %d times", got, w.painted(c))
			}
		})
		w.fact("WhatNobodySeesIsNotShown", func(w *world) {
			c := w.meets("whatsapp", "Carlos")
			w.show()
			w.writes(c)
			w.answers(c, anna)
			w.show()
			w.show()
			if w.painted(c) != 1 {
				w.t.Errorf("it is shown %d times", w.painted(c))
			}
		})
		w.fact("WhatChangesWhileItIsShownIsShownAgain", func(w *world) {
			c := w.meets("whatsapp", "Dora")
			w.rooms.paint = func(string) {
				w.rooms.paint = nil
				w.must(w.Claim(w.ctx, c.ID, cleo))
			}
			w.show()
			if got := w.topicOf(c); got != "open · Cleo" || w.painted(c) != 2 {
				w.t.Errorf("the topic is %q after %d times", got, w.painted(c))
			}
		})
		w.fact("TouchAndShowHaveItShownAnew", func(w *world) {
			c := w.meets("whatsapp", "Emil")
			w.show()
			w.must(w.Touch(w.ctx, c.Customer))
			w.show()
			w.must(w.Show(w.ctx, c.ID))
			w.show()
			if w.painted(c) != 3 {
				w.t.Errorf("it is shown %d times", w.painted(c))
			}
		})
		w.fact("ARoomThatIsGoneIsGivenUp", func(w *world) {
			c := w.meets("whatsapp", "Fe")
			w.failing(fmt.Errorf("room: %w", errs.ErrNotFound), c.Ref.Room)
			w.show()
			w.failing(nil)
			w.time.Advance(hour)
			w.show()
			if w.painted(c) != 1 {
				w.t.Errorf("it is tried %d times", w.painted(c))
			}
		})
		w.fact("WhatCannotBeMadeOutIsNoRoomThatIsGone", func(w *world) {
			c := w.meets("whatsapp", "Fe")
			other := c.Ref
			other.Account, other.Room = "second", "!other"
			w.opens(channel.PortalOpened{Base: channel.Base{Ref: other, At: start}, Customer: channel.Party{ID: c.Ref.Chat, Name: "Fe"}})
			w.rooms.failWith(func(what, about string) error {
				if what == "view" && about == customerKey(c.Customer) {
					return errs.ErrNotFound
				}
				return nil
			})
			w.show()
			w.rooms.failWith(nil)
			w.time.Advance(hour)
			if w.show(); w.topicOf(c) != "open · nobody's" {
				w.t.Error("it is given up")
			}
		})
		w.fact("AfterARestartWhatWasNotShownIs", func(w *world) {
			c := w.meets("whatsapp", "Gil")
			w.failing(errNo, c.Ref.Room)
			w.show()
			w.failing(nil)
			w.restart()
			w.show()
			if got := w.topicOf(c); got != "open · nobody's" {
				w.t.Errorf("the topic is %q", got)
			}
		})
	})
}

func TestPresenterRuns(t *testing.T) {
	each(t, func(s *Settings) { routed(RoundRobin, 0)(s) }, func(w *world) {
		w.runs()
		w.fact("WhatChangesIsShownByItself", func(w *world) {
			c := w.meets("telegram", "Ana")
			w.until("the topic", func() bool { return w.topicOf(c) == "open · nobody's" })
			w.must(w.Claim(w.ctx, c.ID, cleo))
			w.until("the next topic", func() bool { return w.topicOf(c) == "open · Cleo" })
		})
		w.fact("WhatIsNobodysIsGiven", func(w *world) {
			c := w.waits()
			w.until("an assignee", func() bool { return w.topicOf(c) == "open · Anna Martín" })
		})
		w.fact("ItGoesOnAfterAnOutage", func(w *world) {
			w.rooms.failWith(func(string, string) error { return errNo })
			w.time.Advance(teamIsFresh)
			c := w.meets("telegram", "Berta")
			w.time.Advance(time.Minute)
			w.rooms.failWith(nil)
			w.until("the topic", func() bool { return w.topicOf(c) == "open · nobody's" })
		})
		w.fact("SeveralAreShownAtOnce", func(w *world) {
			var at, most atomic.Int32
			w.rooms.mu.Lock()
			w.rooms.paint = func(string) {
				for now := at.Add(1); now > most.Load(); now = at.Load() {
					most.Store(now)
				}
				time.Sleep(5 * time.Millisecond)
				at.Add(-1)
			}
			w.rooms.mu.Unlock()
			var list []*Conversation
			for range 3 * presenters {
				list = append(list, w.meets("telegram", "Carlos"))
			}
			w.until("all topics", func() bool {
				return !slices.ContainsFunc(list, func(c *Conversation) bool { return w.topicOf(c) == "" })
			})
			if n := most.Load(); n < 2 || n > presenters {
				w.t.Errorf("%d are shown at once", n)
			}
		})
		w.fact("StopWaitsForWhatIsBeingShown", func(w *world) {
			began, done := make(chan struct{}), atomic.Bool{}
			w.rooms.mu.Lock()
			w.rooms.paint = func(string) {
				close(began)
				time.Sleep(20 * time.Millisecond)
				done.Store(true)
			}
			w.rooms.mu.Unlock()
			w.opens(channel.PortalOpened{Base: channel.Base{Ref: channel.Ref{Network: "signal", Account: "first", Chat: "last", Room: "!last"}, At: start}})
			<-began
			w.Stop()
			if !done.Load() {
				w.t.Error("it did not")
			}
			w.Stop() // again is nothing
		})
	})
}
