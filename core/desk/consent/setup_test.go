package consent

import (
	"context"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/desk/audit"
	"puente/core/testkit/db"
)

var morning = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// world is a ledger on a fresh database, an hour after which nothing was said yet.
type world struct {
	*testing.T
	*Ledger
	db  *dbutil.Database
	log *audit.Log
	now *clock.Manual
}

// each runs a test on both databases.
func each(t *testing.T, opts Options, test func(w *world)) {
	t.Helper()
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		handle := fresh.Open(t)
		w := &world{T: t, db: handle, log: audit.New(handle), now: clock.NewManual(morning)}
		var err error
		if w.Ledger, err = New(handle, w.log, w.now, opts); err != nil {
			t.Fatal(err)
		}
		test(w)
	})
}

// must records an entry that is new.
func (w *world) must(entry Entry) {
	w.Helper()
	if recorded, err := w.Record(context.Background(), entry); err != nil || !recorded {
		w.Fatalf("record: %v, %v", recorded, err)
	}
}

func (w *world) history(customer string) []Entry {
	w.Helper()
	list, err := w.History(context.Background(), customer)
	if err != nil {
		w.Fatal(err)
	}
	return list
}

func (w *world) allowed(customer, network string, purpose Purpose) bool {
	w.Helper()
	decision, err := w.Allowed(context.Background(), customer, network, purpose)
	if err != nil {
		w.Fatal(err)
	}
	return decision.Allowed
}

// answers are what the ledger allows on a network: for marketing, utility and service.
func (w *world) answers(customer, network string) [3]bool {
	w.Helper()
	return [3]bool{w.allowed(customer, network, Marketing), w.allowed(customer, network, Utility), w.allowed(customer, network, Service)}
}

// byAgent is an entry that one of our own people made.
func byAgent(key, customer, network string, purpose Purpose, state State) Entry {
	return Entry{Key: key, Customer: customer, Network: network, Purpose: purpose, State: state, Source: Agent, By: "@ana:example.com"}
}
