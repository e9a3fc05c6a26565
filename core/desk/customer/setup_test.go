package customer

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/desk/audit"
	"puente/core/testkit/db"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

const anna = "@anna:example.com"

// world is a fresh database with its customers.
type world struct {
	*Customers
	t     *testing.T
	time  *clock.Manual
	rooms int
}

// each runs a test on both databases.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	db.Each(t, func(t *testing.T, fresh db.Fresh) { test(begin(t, fresh)) })
}

func begin(t *testing.T, fresh db.Fresh) *world {
	handle, now := fresh.Open(t), clock.NewManual(start)
	return &world{t: t, time: now, Customers: New(handle, audit.New(handle), now)}
}

// fact is a subtest whose failures are its own.
func (w *world) fact(name string, test func(w *world)) {
	w.t.Run(name, func(t *testing.T) {
		inner := *w
		inner.t = t
		test(&inner)
		w.rooms = inner.rooms
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// meets is Ensure, a second later than what was before.
func (w *world) meets(network, person, name string) Customer {
	w.t.Helper()
	w.time.Advance(time.Second)
	one, err := w.Ensure(context.Background(), network, person, name)
	w.must(err)
	return one
}

func (w *world) get(id string) Customer {
	w.t.Helper()
	one, err := w.Get(context.Background(), id)
	w.must(err)
	return one
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	w.must(w.db.QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	_, err := w.db.Exec(context.Background(), query, args...)
	w.must(err)
}

// talks adds a conversation and returns its ID; customer is "" for a group.
func (w *world) talks(network, chat, customer string) string {
	w.t.Helper()
	w.rooms++
	id := fmt.Sprintf("con_%d", w.rooms)
	w.exec(`INSERT INTO pu_conversation (id, network, account, chat, room_id, customer, status, opened_at, created_at, changed_at)
		VALUES ($1, $2, 'shop', $3, $4, $5, 'open', 1, $6, 1)`, id, network, chat, "!"+id, customer, w.time.Now().UnixMilli())
	return id
}

func (w *world) takesPart(conversation, customer string, at int64) {
	w.t.Helper()
	w.exec(`INSERT INTO pu_participant (conversation, customer, last_in_at) VALUES ($1, $2, $3)`, conversation, customer, at)
}

func (w *world) says(conversation, customer, event string) {
	w.t.Helper()
	w.exec(`INSERT INTO pu_message (event_id, conversation, direction, author, kind, at) VALUES ($1, $2, 'in', $3, 'text', 1)`, event, conversation, customer)
}

// dumped are the tables that a merge touches, each with the columns that it must restore, in an order that is total.
var dumped = []string{
	`SELECT id || '|' || name || '|' || named_by || '|' || language || '|' || attributes || '|' || preferred || '|' || preferred_by || '|' ||
		COALESCE(blocked_at, 0) || '|' || merged_into || '|' || created_at || '|' || search FROM pu_customer`,
	`SELECT network || '|' || person || '|' || customer || '|' || name || '|' || created_at FROM pu_contact`,
	`SELECT customer || '|' || label FROM pu_customer_label`,
	`SELECT customer || '|' || kind || '|' || value FROM pu_customer_key`,
	`SELECT id || '|' || customer FROM pu_conversation`,
	`SELECT conversation || '|' || customer || '|' || last_in_at FROM pu_participant`,
	`SELECT event_id || '|' || author FROM pu_message`,
	`SELECT merged || '|' || survivor || '|' || merged_by || '|' || merged_at || '|' || moved FROM pu_merge`,
}

func (w *world) dump() string {
	w.t.Helper()
	var text strings.Builder
	for _, query := range dumped {
		rows, err := w.db.Query(context.Background(), query+" ORDER BY 1")
		lines, err := dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[string], err).AsList()
		w.must(err)
		text.WriteString(strings.Join(lines, "\n") + "\n--\n")
	}
	return text.String()
}
