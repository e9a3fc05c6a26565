package customer

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
)

func TestEnsure(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		first := w.meets("whatsapp", "p1", "Ana\nLópez")
		w.fact("NewOneIsMade", func(w *world) {
			if !customerID.MatchString(first.ID) || first.Name != "Ana López" || first.NamedBy != "" || first.Attributes == nil {
				w.t.Errorf("%+v", first)
			}
			if got := w.get(first.ID); !got.same(first) || got.CreatedAt != w.time.Now() || got.UpdatedAt != w.time.Now() {
				w.t.Errorf("%+v, not %+v", got, first)
			}
		})
		w.fact("KnownOneIsFound", func(w *world) {
			before := w.dump()
			if got := w.meets("whatsapp", "p1", "Ana López"); got.ID != first.ID {
				w.t.Errorf("%s, not %s", got.ID, first.ID)
			}
			if w.meets("whatsapp", "p1", ""); w.dump() != before {
				w.t.Error("something was written")
			}
		})
		w.fact("KnownOneCostsOneRead", func(w *world) {
			before := w.db.Log
			counted := &counter{DatabaseLogger: before}
			w.db.Log = counted
			w.meets("whatsapp", "p1", "Ana López")
			if w.db.Log = before; counted.queries != 1 {
				w.t.Errorf("%d queries", counted.queries)
			}
		})
		w.fact("SamePersonOnAnotherNetworkIsAnother", func(w *world) {
			if got := w.meets("telegram", "p1", "Ana López"); got.ID == first.ID {
				w.t.Error("two networks' IDs were taken for one")
			}
		})
		w.fact("NetworksNewNameIsTaken", func(w *world) {
			chat := w.talks("whatsapp", "p1", first.ID)
			if got := w.meets("whatsapp", "p1", "Ana"); got.Name != "Ana" || !w.get(first.ID).same(got) {
				w.t.Errorf("%+v", got)
			}
			if w.count(`SELECT version FROM pu_conversation WHERE id=$1`, chat) != 2 {
				w.t.Error("the room is not shown anew")
			}
			if found, err := w.Find(ctx, "lópez", 0); err != nil || len(found) != 1 || found[0].ID == first.ID {
				w.t.Errorf("by the old name: %v %v", found, err)
			}
		})
		w.fact("TeamsNameStays", func(w *world) {
			w.must(w.Rename(ctx, first.ID, "Ana from the bakery", anna))
			if got := w.meets("whatsapp", "p1", "Anita"); got.Name != "Ana from the bakery" {
				w.t.Errorf("%q", got.Name)
			}
			contacts, err := w.Contacts(ctx, first.ID)
			if err != nil || len(contacts) != 1 || contacts[0].Name != "Anita" || contacts[0].Customer != first.ID || contacts[0].Person != "p1" {
				w.t.Errorf("%+v %v", contacts, err)
			}
		})
		w.fact("TeamsNameStaysIfItIsTheNetworksToo", func(w *world) {
			one := w.meets("signal", "p5", "Eva")
			w.must(w.Rename(ctx, one.ID, "Eva", anna))
			if got := w.meets("signal", "p5", "Evita"); got.Name != "Eva" || got.NamedBy != anna {
				w.t.Errorf("%+v", got)
			}
		})
		w.fact("NameOfAnotherContactIsNotTaken", func(w *world) {
			one := w.meets("signal", "p6", "Fred")
			w.must(w.Merge(ctx, one.ID, w.meets("telegram", "p6", "freddy").ID, anna))
			if got := w.meets("telegram", "p6", "fred99"); got.ID != one.ID || got.Name != "Fred" {
				w.t.Errorf("%+v", got)
			}
			if got := w.meets("signal", "p6", "Frederick"); got.Name != "Frederick" {
				w.t.Errorf("%+v", got)
			}
		})
		w.fact("NoControlCharacters", func(w *world) {
			if got := w.meets("signal", "p8", "\x00Gus\x1b[1m\xff"); got.Name != "Gus [1m\uFFFD" {
				w.t.Errorf("%q", got.Name)
			}
		})
		w.fact("LongNameIsCut", func(w *world) {
			if got := w.meets("signal", "p9", strings.Repeat("é", 500)+"\x00\xff"); got.Name != strings.Repeat("é", longestName) {
				w.t.Errorf("%d bytes", len(got.Name))
			}
		})
		w.fact("WrongContactIsRefused", func(w *world) {
			for _, wrong := range [][2]string{{"", "p"}, {"Whats App", "p"}, {"whatsapp", ""}, {"whatsapp", "a\x00b"}, {"whatsapp", strings.Repeat("p", 501)}} {
				if _, err := w.Ensure(ctx, wrong[0], wrong[1], ""); !errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "" {
					w.t.Errorf("%q: %v", wrong, err)
				}
			}
		})
	})
}

// counter is a database's log that counts queries.
type counter struct {
	dbutil.DatabaseLogger
	queries int
}

func (c *counter) QueryTiming(_ context.Context, method, _ string, _ []any, _ int, _ time.Duration, _ error) {
	if method != "EndRows" { // the second half of a query with rows
		c.queries++
	}
}

func TestEnsureAtOnce(t *testing.T) {
	each(t, func(w *world) {
		const callers = 20
		var ids [callers]string
		var failures [callers]error
		var group sync.WaitGroup
		for i := range callers {
			group.Go(func() {
				one, err := w.Ensure(context.Background(), "whatsapp", "p1", "Ana")
				ids[i], failures[i] = one.ID, err
			})
		}
		group.Wait()
		for i, id := range ids {
			if failures[i] != nil || id != ids[0] {
				t.Errorf("%s, not %s: %v", id, ids[0], failures[i])
			}
		}
		for _, table := range []string{"pu_customer", "pu_contact", "pu_customer_key"} {
			if n := w.count(`SELECT COUNT(*) FROM ` + table); n != 1 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
	})
}

// TestEnsureOvertakenInATransaction: what the caller has done in the same transaction stays.
func TestEnsureOvertakenInATransaction(t *testing.T) {
	each(t, func(w *world) {
		first := w.meets("whatsapp", "p1", "Ana")
		w.must(w.db.DoTxn(context.Background(), nil, func(ctx context.Context) error {
			if _, err := w.meet(ctx, "whatsapp", "p1", "Ana"); !errors.Is(err, errOvertaken) {
				t.Errorf("met twice: %v", err)
			}
			one, err := w.Ensure(ctx, "whatsapp", "p1", "Ana")
			if one.ID != first.ID {
				t.Errorf("%s, not %s", one.ID, first.ID)
			}
			return err
		}))
		if n := w.count(`SELECT COUNT(*) FROM pu_customer`); n != 1 {
			t.Errorf("%d customers", n)
		}
	})
}
