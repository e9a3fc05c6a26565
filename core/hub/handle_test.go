package hub

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
	"puente/core/testkit/db"
)

func userID(v string) network.Handle   { return network.Handle{Kind: "user_id", Value: v} }
func waID(v string) network.Handle     { return network.Handle{Kind: "wa_id", Value: v} }
func username(v string) network.Handle { return network.Handle{Kind: "username", Value: v} }

func TestHandles(t *testing.T) {
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		ctx, now := context.Background(), clock.NewManual(time.Unix(1_700_000_000, 0))
		h := newHandles(fresh.Open(t), "red", now)
		resolve := func(given ...network.Handle) networkid.UserID {
			t.Helper()
			now.Advance(time.Second)
			person, err := h.Resolve(ctx, given...)
			if err != nil {
				t.Fatal(err)
			}
			return person
		}
		lookup := func(handle network.Handle) networkid.UserID {
			person, err := h.Lookup(ctx, handle)
			if err != nil && !errors.Is(err, errs.ErrNotFound) {
				t.Fatal(err)
			}
			return person
		}
		t.Run("NobodyWithoutAHandle", func(t *testing.T) {
			if _, err := h.Resolve(ctx, userID(""), waID("")); !errors.Is(err, errs.ErrInvalid) {
				t.Error(err)
			}
			if _, err := h.Lookup(ctx, waID("nobody")); !errors.Is(err, errs.ErrNotFound) {
				t.Error(err)
			}
		})
		t.Run("FirstByNumberThenByBoth", func(t *testing.T) {
			person := resolve(userID(""), waID("100"))
			if !regexp.MustCompile(`^[a-z2-7]{16}$`).MatchString(string(person)) {
				t.Errorf("person %q", person)
			}
			if resolve(userID("BS1"), waID("100"), username("ana")) != person || resolve(userID("BS1")) != person || resolve(username("ana")) != person {
				t.Error("one customer became two")
			}
		})
		t.Run("NumberGivenToSomebodyElse", func(t *testing.T) {
			first := resolve(userID("BS2"), waID("200"))
			second := resolve(userID("BS3"), waID("200"))
			if first == second || lookup(waID("200")) != second || lookup(userID("BS2")) != first {
				t.Error("a recycled number led to its former owner")
			}
		})
		t.Run("NewNumberOfAKnownPerson", func(t *testing.T) {
			person := resolve(userID("BS4"), waID("400"))
			if resolve(userID("BS4"), waID("401")) != person || lookup(waID("401")) != person {
				t.Error("a new number made a new person")
			}
			list, err := h.Of(ctx, person)
			if err != nil || len(list) != 3 || list[1] != waID("401") || list[2] != waID("400") {
				t.Errorf("handles %v, %v: the newest of each kind comes first", list, err)
			}
		})
		t.Run("UsernameMovesWithItsNewOwner", func(t *testing.T) {
			first, second := resolve(userID("BS5"), username("max")), resolve(userID("BS6"))
			if resolve(userID("BS6"), username("max")) != second || lookup(username("max")) != second || lookup(userID("BS5")) != first {
				t.Error("the username stayed")
			}
		})
		t.Run("Attach", func(t *testing.T) {
			person := resolve(userID("BS7"))
			if err := h.Attach(ctx, person, waID("100")); err != nil {
				t.Fatal(err)
			}
			if lookup(waID("100")) != person || lookup(userID("BS1")) == person {
				t.Error("the handle was not taken over alone")
			}
		})
		t.Run("NetworksAreApart", func(t *testing.T) {
			other := newHandles(h.db, "blue", now)
			if _, err := other.Lookup(ctx, waID("200")); !errors.Is(err, errs.ErrNotFound) {
				t.Error(err)
			}
		})
		t.Run("ManyAtOnceAreOnePerson", func(t *testing.T) {
			var running sync.WaitGroup
			people := make([]networkid.UserID, 16)
			for i := range people {
				running.Go(func() {
					person, err := h.Resolve(ctx, userID("BS8"), waID("800"), username(fmt.Sprintf("u%d", i)))
					if err != nil {
						t.Error(err)
					}
					people[i] = person
				})
			}
			running.Wait()
			for _, person := range people {
				if person != people[0] {
					t.Fatalf("people %v", people)
				}
			}
		})
		t.Run("WithoutADatabase", func(t *testing.T) {
			if _, err := h.db.Exec(ctx, "ALTER TABLE pu_handle RENAME TO pu_gone"); err != nil {
				t.Fatal(err)
			}
			_, resolveErr := h.Resolve(ctx, userID("BS1"))
			_, ofErr := h.Of(ctx, "x")
			for _, err := range []error{resolveErr, ofErr, h.Attach(ctx, "x", userID("y"))} {
				if _, again := errs.IsTemporary(err); !again {
					t.Errorf("%v is not worth another try", err)
				}
			}
		})
	})
}
