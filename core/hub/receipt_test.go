package hub

import (
	"testing"

	"maunium.net/go/mautrix/id"
)

// reads has people read up to an event, within a thread; what is read at once is one event of the homeserver's.
func (w *world) reads(room id.RoomID, up id.EventID, threads map[id.UserID]string) {
	w.Helper()
	byUser := object{}
	for user, thread := range threads {
		receipt := object{"ts": 1_700_000_000_500}
		if thread != "" {
			receipt["thread_id"] = thread
		}
		byUser[user.String()] = receipt
	}
	w.push(object{"ephemeral": []any{object{"type": "m.receipt", "room_id": room, "content": object{up.String(): object{"m.read": byUser}}}}})
	w.handled()
}

// TestWhoReadsInAThreadOfTheTeamTellsTheCustomerNothing: a receipt of such a thread is dropped, all others pass.
func TestWhoReadsInAThreadOfTheTeamTellsTheCustomerNothing(t *testing.T) {
	each(t, nil, func(w *world) {
		t := w.TB.(*testing.T)
		p := w.furnish("c1")
		fact := func(name string, up id.EventID, threads map[id.UserID]string, want int) {
			w.fact(t, name, func(w *world) {
				w.red.forget()
				if w.reads(p.room, up, threads); len(w.red.got("receipt")) != want {
					w.Errorf("the network got %+v", w.red.got(""))
				}
			})
		}
		for what, thread := range p.internal() {
			fact("Under "+what, p.threaded, map[id.UserID]string{ana: thread.String()}, 0)
			fact("TheCustomersWordsUnder "+what, p.asked, map[id.UserID]string{ana: thread.String()}, 0)
		}
		fact("UnderNothing", p.asked, map[id.UserID]string{ana: "$nowhere"}, 0)
		fact("NoThreadAtAll", p.asked, map[id.UserID]string{ana: "\x00"}, 0)
		fact("TheMainTimeline", p.asked, map[id.UserID]string{ana: "main"}, 1)
		fact("Unthreaded", p.asked, map[id.UserID]string{ana: ""}, 1)
		fact("UnderTheCustomersWords", p.asked, map[id.UserID]string{ana: p.asked.String()}, 1)
		fact("UnderAnAgentsWords", p.sent, map[id.UserID]string{ana: p.sent.String()}, 1)
		fact("OneOfTwo", p.asked, map[id.UserID]string{ana: p.card.String(), berta: "main"}, 1)
		fact("AGhosts", p.asked, map[id.UserID]string{w.hub.byID["red"].matrix.FormatGhostMXID("c1"): "main", w.hub.Front(): ""}, 0)
		w.fact(t, "WhenTheDatabaseFails", func(w *world) {
			w.red.forget()
			w.without("pu_note", func() {
				w.push(object{"ephemeral": []any{object{"type": "m.receipt", "room_id": p.room, "content": object{
					p.asked.String(): object{"m.read": object{ana.String(): object{"thread_id": p.card}}},
				}}}})
				w.until("a try", func() bool {
					return w.count(`SELECT COUNT(*) FROM pu_journal WHERE kind=$1 AND attempts>0 AND state='waiting'`, kindEphemeral) > 0
				})
			})
			if w.handled(); len(w.red.got("")) > 0 || len(w.setAside()) > 0 {
				w.Errorf("the network got %+v, set aside were %v", w.red.got(""), w.setAside())
			}
		})
	})
}
