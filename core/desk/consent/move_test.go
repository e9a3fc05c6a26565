package consent

import (
	"context"
	"errors"
	"testing"
	"time"

	"puente/core/base/errs"
)

// move merges the first customer into the second.
func (w *world) move(from, to string) {
	w.Helper()
	if err := w.Move(w.Context(), from, to); err != nil {
		w.Fatal(err)
	}
}

func (w *world) moveBack(from string) {
	w.Helper()
	if err := w.MoveBack(w.Context(), from, nil); err != nil {
		w.Fatal(err)
	}
}

// kept are the customers whom a customer's entries were recorded for, newest first.
func (w *world) kept(customer string) (customers string) {
	w.Helper()
	for _, entry := range w.history(customer) {
		customers += entry.Customer
	}
	return customers
}

func TestMove(t *testing.T) {
	each(t, Options{}, func(w *world) {
		for _, customer := range []string{"a", "b", "c", "d"} {
			w.now.Advance(time.Minute)
			w.must(byAgent(customer, customer, Everywhere, Marketing, In))
		}
		w.move("a", "b")
		w.Run("EntriesCountForTheSurvivor", func(t *testing.T) {
			if w.kept("b") != "ba" || w.kept("c") != "c" {
				t.Errorf("b has %q, c has %q", w.kept("b"), w.kept("c"))
			}
		})
		w.Run("BothNamesGiveTheSameAnswers", func(t *testing.T) {
			if w.kept("a") != "ba" {
				t.Errorf("a has %q", w.kept("a"))
			}
		})
		w.Run("RepetitionIsNothing", func(t *testing.T) { w.move("a", "b") })
		for name, pair := range map[string][2]string{"Elsewhere": {"a", "c"}, "InACircle": {"b", "a"}} {
			w.Run(name+"IsAConflict", func(t *testing.T) {
				if err := w.Move(t.Context(), pair[0], pair[1]); !errors.Is(err, errs.ErrConflict) {
					t.Errorf("%v", err)
				}
			})
		}
		for name, pair := range map[string][2]string{"ToThemselves": {"a", "a"}, "ToNobody": {"a", ""}, "OfNobody": {"", "a"}} {
			w.Run(name+"IsInvalid", func(t *testing.T) {
				if err := w.Move(t.Context(), pair[0], pair[1]); !errors.Is(err, errs.ErrInvalid) {
					t.Errorf("%v", err)
				}
			})
		}
		w.move("b", "c")
		w.move("d", "c")
		w.Run("MovesAdd", func(t *testing.T) {
			if w.kept("c") != "dcba" || w.kept("a") != "dcba" {
				t.Errorf("c has %q, a has %q", w.kept("c"), w.kept("a"))
			}
		})
		w.Run("BackWithWhomTheyCameWith", func(t *testing.T) {
			w.moveBack("b")
			if w.kept("c") != "dc" || w.kept("b") != "ba" {
				t.Errorf("c has %q, b has %q", w.kept("c"), w.kept("b"))
			}
		})
		w.Run("BackOneByOne", func(t *testing.T) {
			w.moveBack("a")
			w.moveBack("a") // nothing
			if w.kept("b") != "b" || w.kept("a") != "a" {
				t.Errorf("b has %q, a has %q", w.kept("b"), w.kept("a"))
			}
		})
		w.Run("AgainAfterwards", func(t *testing.T) {
			w.move("b", "a")
			if w.kept("a") != "ba" {
				t.Errorf("a has %q", w.kept("a"))
			}
		})
	})
}

func TestMovedEntriesDecide(t *testing.T) {
	each(t, Options{}, func(w *world) {
		w.must(byAgent("1", "old", Everywhere, Everything, Out))
		w.move("old", "new")
		if w.answers("new", "red") != [3]bool{} {
			w.Errorf("after the merge: %v", w.answers("new", "red"))
		}
		w.now.Advance(time.Minute)
		w.must(byAgent("2", "new", "red", Marketing, In))
		if w.answers("old", "red") != [3]bool{true, false, false} {
			w.Errorf("after the newer agreement: %v", w.answers("old", "red"))
		}
		w.moveBack("old")
		if w.answers("new", "red") != [3]bool{true, true, true} || w.answers("old", "red") != [3]bool{} {
			w.Errorf("taken apart: %v and %v", w.answers("new", "red"), w.answers("old", "red"))
		}
	})
}

// A merge that is not committed leaves nothing.
func TestMoveIsPartOfTheCallersTransaction(t *testing.T) {
	each(t, Options{}, func(w *world) {
		w.must(byAgent("a", "a", Everywhere, Marketing, In))
		broken := errors.New("the merge fails")
		err := w.db.DoTxn(w.Context(), nil, func(ctx context.Context) error {
			if err := w.Move(ctx, "a", "b"); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) || w.kept("b") != "" {
			w.Errorf("%v; b has %q", err, w.kept("b"))
		}
	})
}

// What somebody said while they were part of another customer is still theirs when they leave.
func TestWhatWasSaidSinceGoesAlong(t *testing.T) {
	each(t, Options{}, func(w *world) {
		w.must(Entry{Key: "before", Customer: "old", Network: "red", Purpose: Marketing, State: In, Source: Keyword, By: "old", Conversation: "theirs"})
		w.move("old", "new")
		for key, conversation := range map[string]string{"$stop": "theirs", "$other": "not theirs"} {
			w.now.Advance(time.Minute)
			w.must(Entry{Key: key, Customer: "new", Purpose: Everything, State: Out, Source: Keyword, By: "new", Event: key, Conversation: conversation})
		}
		for range 2 { // the second time they were merged once more
			if err := w.MoveBack(t.Context(), "old", []string{"theirs"}); err != nil {
				t.Fatal(err)
			}
			entries := w.history("old")
			if len(entries) != 2 || entries[0].Event != "$stop" || entries[0].By != "old" || entries[0].State != Out || !entries[1].At.Before(entries[0].At) {
				w.Errorf("taken along is %+v", entries)
			}
			if w.answers("old", "red") != [3]bool{} || w.answers("new", "red") != [3]bool{} {
				w.Errorf("they may be sent %v and %v", w.answers("old", "red"), w.answers("new", "red"))
			}
			w.move("old", "new")
		}
	})
}
