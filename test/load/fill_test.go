package load

import (
	"strconv"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"puente/core/desk/inbox"
)

// batch is how many customers write at once in a fill. Rooms show their cards when no message passes, so the next ones write
// when all is shown.
const batch = 100

const (
	roomsQuery   = `SELECT id, room_id, name, network, account FROM pu_conversation ORDER BY id`
	waitingQuery = `SELECT COUNT(*) FROM pu_journal WHERE state='waiting'`
	unshownQuery = `SELECT COUNT(*) FROM pu_conversation WHERE shown<version`
)

// row is what the database says of a conversation's place.
type row struct{ con, room, name, network, account string }

// number is the customer's, by their name.
func (r row) number() int {
	n, err := strconv.Atoi(strings.TrimPrefix(r.name, "Customer "))
	if err != nil {
		return -1
	}
	return n
}

func (o *office) rows() map[int]row {
	o.Helper()
	rows, err := o.app.DB.Query(o.ctx, roomsQuery)
	o.must(err)
	defer func() { _ = rows.Close() }()
	byNumber := map[int]row{}
	for rows.Next() {
		var r row
		o.must(rows.Scan(&r.con, &r.room, &r.name, &r.network, &r.account))
		byNumber[r.number()] = r
	}
	o.must(rows.Err())
	return byNumber
}

// meet gives those phones again who wrote in the run that was kept, and has those write whom its end cut off.
func (o *office) meet() {
	o.Helper()
	all := o.rows()
	for n := 0; len(all) > 0; n++ {
		r, ok := all[n]
		if !ok {
			r.network, r.account = line(n)
		}
		delete(all, n)
		c, err := o.newcomer(r.network, r.account)
		o.must(err)
		if !ok {
			o.writes(c)
		}
	}
	for _, a := range o.leavers() {
		o.must(o.app.Desk.Inbox.SetAvailability(o.ctx, a.UserID.String(), inbox.Online))
	}
	o.settle()
	o.look()
}

// fill lets new customers write until there are n conversations.
func (o *office) fill(n int) {
	o.Helper()
	for len(o.customers) < n {
		began, here := time.Now(), min(batch, n-len(o.customers))
		for range here {
			c, err := o.newcomer(line(len(o.customers)))
			o.must(err)
			_, err = o.asks(c)
			o.must(err)
		}
		o.settle()
		o.look()
		took := time.Since(began)
		o.kept.Filled, o.kept.FillSeconds = o.kept.Filled+here, o.kept.FillSeconds+took.Seconds()
		o.remember()
		o.say("%d of %d conversations, the last %d in %s", len(o.customers), n, here, took.Truncate(time.Millisecond))
	}
}

// look finds the rooms of the customers who have written.
func (o *office) look() {
	o.Helper()
	all := o.rows()
	for _, c := range o.customers {
		r, ok := all[c.n]
		if !ok {
			o.Fatalf("customer %d has written and has no conversation", c.n)
		}
		c.con, c.room = r.con, id.RoomID(r.room)
	}
}

// settle waits until nothing is under way: not at the providers, not in the journal, and no room shows something old.
func (o *office) settle() {
	o.Helper()
	o.must(o.provider.whatsapp.WaitDelivered(o.ctx))
	o.must(o.provider.shop.WaitDelivered(o.ctx))
	o.until("that nothing is under way", func() bool {
		return o.provider.whatsapp.Waiting() == 0 && o.one(waitingQuery) == 0 && o.one(unshownQuery) == 0
	})
}
