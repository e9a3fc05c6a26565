package hub

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
)

func isCreateRoom(req *http.Request) bool { return strings.HasSuffix(req.URL.Path, "/createRoom") }

// TestRoomWhoseAnswerWasLost: the homeserver makes the room, and Puente never hears of it.
func TestRoomWhoseAnswerWasLost(t *testing.T) {
	each(t, nil, func(w *world) {
		lost := w.loses(isCreateRoom)
		lost.after = func() { // what the homeserver did not get done before it was interrupted
			for room := range w.hs.members {
				delete(w.hs.members[room], berta)
				w.hs.members[room][ana] = event.MembershipLeave
				state := w.hs.states[room].([]any)
				w.hs.states[room] = state[:len(state)-1]
			}
		}
		w.must(w.journal.Append(w.ctx, w.takes(news{Chat: "c1", From: "c1", ID: "m1", Parts: []string{"hello"}})))
		w.settled()
		if lost.lose != 0 || len(w.hs.created()) != 1 {
			w.Fatalf("these rooms were made: %v; set aside: %+v", w.hs.created(), w.failed())
		}
		room := w.room(w.red, "c1")
		if got := w.hs.sent(room, event.EventMessage); len(got) != 1 {
			w.Errorf("the room holds %v", got)
		}
		if got := w.hs.membership(room, berta); got != event.MembershipInvite {
			w.Errorf("who was not invited yet is %q", got)
		}
		if got := w.hs.membership(room, ana); got != event.MembershipLeave {
			w.Errorf("who has left is %q", got)
		}
		puts := 0
		for _, request := range w.hs.takeRequests() {
			if strings.HasPrefix(request, "PUT client/v3/rooms/{room}/state/") && !strings.Contains(request, "m.room.power_levels") {
				puts++
			}
		}
		if puts != 1 {
			w.Errorf("%d states were completed, where one was missing", puts)
		}
	})
}

// TestRoomThatNeverCameToBe: the homeserver ended after it had given the alias away.
func TestRoomThatNeverCameToBe(t *testing.T) {
	moved := clock.NewManual(time.Now())
	alone(t, func(w *world) { w.opts.Clock = shiftedClock{moved} }, func(w *world) {
		name := string(w.hub.byID["red"].matrix.GenerateDeterministicRoomID(news{Chat: "c1"}.key()))
		alias := "#" + w.hub.aliasOf("red", name) + ":" + testDomain
		w.hs.mu.Lock()
		w.hs.aliases[alias] = id.RoomID("!never:" + testDomain)
		w.hs.mu.Unlock()
		w.must(w.journal.Append(w.ctx, w.takes(news{Chat: "c1", From: "c1", ID: "m1", Parts: []string{"hello"}})))
		w.until("the room is waited for", func() bool {
			w.hub.adoption.mu.Lock()
			defer w.hub.adoption.mu.Unlock()
			return len(w.hub.adoption.closed) == 1
		})
		if len(w.hs.created()) != 0 {
			w.Fatal("the room was given up at once")
		}
		moved.Advance(abandonAfter)
		w.settled()
		if got := w.hs.sent(w.room(w.red, "c1"), event.EventMessage); len(got) != 1 || len(w.hs.created()) != 1 {
			w.Errorf("%d rooms were made; the last holds %v", len(w.hs.created()), got)
		}
	})
}

// shiftedClock tells the manual clock's time, and waits by the machine's.
type shiftedClock struct{ by *clock.Manual }

func (s shiftedClock) Now() time.Time                         { return s.by.Now() }
func (s shiftedClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
