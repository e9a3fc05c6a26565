package consent

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/audit"
)

func TestRecord(t *testing.T) {
	each(t, Options{}, func(w *world) {
		entry := Entry{
			Key: "in:$1", Customer: "cus_a", Network: "red", Purpose: Marketing, State: In, Source: API, Basis: "contract",
			Event: "$1", Conversation: "con_1", By: "@ana:example.com", At: morning.Add(-time.Hour),
		}
		w.must(entry)
		w.Run("KeepsAllOfIt", func(t *testing.T) {
			want := entry
			want.ID, want.RecordedAt = 1, morning
			if got := w.history("cus_a"); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
				t.Errorf("%+v, not %+v", got, want)
			}
		})
		w.Run("RepetitionMakesNoSecond", func(t *testing.T) {
			again := entry
			again.State = Out
			if recorded, err := w.Record(t.Context(), again); err != nil || recorded {
				t.Errorf("recorded %v, %v", recorded, err)
			}
			if got := w.history("cus_a"); len(got) != 1 || got[0].State != In {
				t.Errorf("%+v", got)
			}
			if notes := w.notes(t, "cus_a"); len(notes) != 1 {
				t.Errorf("%d audit entries", len(notes))
			}
		})
		w.Run("KeysAreEachSourcesOwn", func(t *testing.T) {
			other := entry
			other.Source, other.At = Import, entry.At.Add(-time.Hour)
			if recorded, err := w.Record(t.Context(), other); err != nil || !recorded {
				t.Errorf("recorded %v, %v", recorded, err)
			}
			if notes := w.notes(t, "cus_a"); len(notes) != 2 || notes[0].After["source"] != "import" {
				t.Errorf("%+v", notes)
			}
		})
		w.Run("FutureIsNow", func(t *testing.T) {
			w.must(Entry{Key: "f", Customer: "cus_f", Purpose: Marketing, State: In, Source: Import, By: "x", At: morning.AddDate(70, 0, 0)})
			w.must(byAgent("g", "cus_g", Everywhere, Marketing, In))
			if got := append(w.history("cus_f"), w.history("cus_g")...); len(got) != 2 || !got[0].At.Equal(morning) || !got[1].At.Equal(morning) {
				t.Errorf("%+v", got)
			}
		})
	})
}

// notes are the audit entries of a customer.
func (w *world) notes(t *testing.T, customer string) []audit.Entry {
	t.Helper()
	list, err := w.log.Of(t.Context(), "customer", customer, 10)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestRecordIsAudited(t *testing.T) {
	each(t, Options{}, func(w *world) {
		w.must(byAgent("1", "cus_a", "red", Marketing, In))
		w.now.Advance(time.Minute)
		w.must(byAgent("2", "cus_a", Everywhere, Marketing, Out))
		w.must(byAgent("other purpose", "cus_a", "red", Utility, Out))
		w.must(byAgent("3", "cus_a", "red", Marketing, Out))
		notes := w.notes(w.T, "cus_a")
		if len(notes) != 4 {
			w.Fatalf("%d audit entries", len(notes))
		}
		want := audit.Entry{
			At: morning.Add(time.Minute), Actor: "@ana:example.com", Action: "consent.changed", Object: "customer", ObjectID: "cus_a",
			Before: audit.Facts{"state": "in", "source": "agent"},
			After:  audit.Facts{"state": "out", "source": "agent", "network": "red", "purpose": "marketing", "event": ""},
		}
		if !reflect.DeepEqual(notes[0], want) {
			w.Errorf("%+v, not %+v", notes[0], want)
		}
		for _, first := range notes[1:] {
			if len(first.Before) != 0 {
				w.Errorf("before the first entry of its kind: %v", first.Before)
			}
		}
	})
}

// A ledger whose audit log cannot be written keeps nothing either.
func TestRecordAndAuditAreOne(t *testing.T) {
	each(t, Options{}, func(w *world) {
		if _, err := w.db.Exec(w.Context(), "ALTER TABLE pu_audit RENAME TO pu_gone"); err != nil {
			w.Fatal(err)
		}
		if _, err := w.Record(context.Background(), byAgent("1", "cus_a", "red", Marketing, In)); err == nil {
			w.Error("recorded without an audit entry")
		}
		if got := w.history("cus_a"); len(got) != 0 {
			w.Errorf("%+v", got)
		}
	})
}

func TestRecordRefuses(t *testing.T) {
	each(t, Options{}, func(w *world) {
		for name, spoil := range map[string]func(e *Entry){
			"NoCustomer":      func(e *Entry) { e.Customer = "" },
			"NoKey":           func(e *Entry) { e.Key = "" },
			"NobodysWord":     func(e *Entry) { e.By = "" },
			"UnknownState":    func(e *Entry) { e.State = "secret" },
			"UnknownSource":   func(e *Entry) { e.Source = "secret" },
			"MisspeltPurpose": func(e *Entry) { e.Purpose = "secret" },
			"Answer":          func(e *Entry) { e.Purpose = Answer },
			"LongBasis":       func(e *Entry) { e.Basis = strings.Repeat("secret", 50) },
			"NoText":          func(e *Entry) { e.Basis = "secret\x00" },
			"NoUTF8":          func(e *Entry) { e.Event = "secret\xff" },
		} {
			w.Run(name, func(t *testing.T) {
				entry := byAgent(name, "cus_a", "red", Marketing, In)
				spoil(&entry)
				recorded, err := w.Record(t.Context(), entry)
				if recorded || !errors.Is(err, errs.ErrInvalid) && !errors.Is(err, errs.ErrTooLarge) {
					t.Errorf("recorded %v, %v", recorded, err)
				} else if strings.Contains(err.Error(), "secret") {
					t.Errorf("the error tells what was said: %v", err)
				}
			})
		}
		if got := w.history("cus_a"); len(got) != 0 {
			w.Errorf("%+v", got)
		}
	})
}

func TestAllowed(t *testing.T) {
	each(t, Options{Policy: Policy{Purposes: map[Purpose]bool{"survey": false}}}, func(w *world) {
		w.must(byAgent("1", "cus_a", "red", "survey", In))
		w.now.Advance(time.Minute)
		w.must(byAgent("2", "cus_a", "blue", Everything, Out))
		w.Run("ByPolicy", func(t *testing.T) {
			decision, err := w.Allowed(t.Context(), "cus_b", "red", Utility)
			if err != nil || decision != (Decision{Allowed: true}) {
				t.Errorf("%+v, %v", decision, err)
			}
		})
		w.Run("ByEntry", func(t *testing.T) {
			decision, err := w.Allowed(t.Context(), "cus_a", "red", "survey")
			if err != nil || !decision.Allowed || !decision.Explicit || decision.Entry.Key != "1" {
				t.Errorf("%+v, %v", decision, err)
			}
		})
		w.Run("NobodyElses", func(t *testing.T) {
			if w.allowed("cus_b", "red", "survey") {
				t.Error("another customer's agreement counts")
			}
		})
		w.Run("ObjectionOnOneNetwork", func(t *testing.T) {
			if w.answers("cus_a", "blue") != [3]bool{} || w.answers("cus_a", "red") != [3]bool{false, true, true} {
				t.Errorf("blue %v, red %v", w.answers("cus_a", "blue"), w.answers("cus_a", "red"))
			}
		})
		w.Run("AnswersAlways", func(t *testing.T) {
			if !w.allowed("cus_a", "blue", Answer) {
				t.Error("no")
			}
		})
		for name, purpose := range map[string]Purpose{"MisspeltPurpose": "market", "NoPurpose": Everything} {
			w.Run(name, func(t *testing.T) {
				decision, err := w.Allowed(t.Context(), "cus_a", "red", purpose)
				if !errors.Is(err, errs.ErrInvalid) || decision.Allowed {
					t.Errorf("%+v, %v", decision, err)
				}
			})
		}
	})
}

func TestHistoryIsNewestFirst(t *testing.T) {
	each(t, Options{}, func(w *world) {
		for i, key := range []string{"second", "first", "third"} {
			entry := byAgent(key, "cus_a", "red", Marketing, In)
			entry.At = morning.Add(time.Duration([]int{-2, -3, -2}[i]) * time.Hour)
			w.must(entry)
		}
		var keys []string
		for _, entry := range w.history("cus_a") {
			keys = append(keys, entry.Key)
		}
		if !reflect.DeepEqual(keys, []string{"third", "second", "first"}) {
			w.Errorf("%q", keys)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	for name, opts := range map[string]Options{
		"Policy": {Policy: Policy{Purposes: map[Purpose]bool{"Not So": true}}},
		"Words":  {Words: Words{Language: "tlh"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := New(nil, nil, clock.System{}, opts); !errors.Is(err, errs.ErrInvalid) {
				t.Errorf("%v", err)
			}
		})
	}
}
