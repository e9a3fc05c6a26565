package hub

import (
	"bytes"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/journal"
	"puente/core/desk/channel"
)

// far is an agent of another homeserver.
const far = id.UserID("@far:elsewhere.org")

// farHomeserver is where the far agent is.
type farHomeserver struct {
	down atomic.Bool
	sent atomic.Int32 // invitations that got there
}

// farIsDown has ours answer 502 to whatever invites the far agent, also to createRoom, which has taken the room's alias by
// then.
func farIsDown(w *world) *farHomeserver {
	there := &farHomeserver{}
	there.down.Store(true)
	w.hs.failWith(func(r *http.Request, parts []string) int {
		body, err := io.ReadAll(r.Body)
		w.must(err)
		r.Body = io.NopCloser(bytes.NewReader(body))
		last := parts[len(parts)-1]
		if (last != "createRoom" && last != "invite") || !bytes.Contains(body, []byte(far)) {
			return 0
		} else if there.down.Load() {
			return 502
		}
		there.sent.Add(1)
		return 0
	})
	return there
}

// laterOn starts again as if the time until the next try had passed.
func (w *world) laterOn() {
	w.Helper()
	w.hub.Stop()
	_, err := w.db.Exec(w.ctx, "UPDATE pu_journal SET next_at=0 WHERE source=$1", sourceInvite)
	w.must(err)
	w.start()
}

// waitsForFar waits until a number of invitations is kept.
func (w *world) waitsForFar(count int) {
	w.Helper()
	w.until("kept invitations", func() bool {
		kept, err := w.journal.List(w.ctx, journal.Filter{State: journal.Waiting, Source: sourceInvite})
		w.must(err)
		return len(kept) == count
	})
}

func TestAgentWhoseHomeserverIsDown(t *testing.T) {
	alone(t, func(w *world) { w.opts.Agents.Users = []id.UserID{ana, far} }, func(w *world) {
		there := farIsDown(w)
		room := w.customer(w.red, "c1", "hello")
		w.must(w.hub.ShowView(w.ctx, channel.View{Key: "mine", Name: "Mine", Members: []string{far.String(), ana.String()}}))
		if got := w.hs.membership(room, ana); got != event.MembershipInvite {
			t.Errorf("ana is %q", got)
		}
		made := w.hs.created()
		if levels, _ := made[0]["power_level_content_override"].(map[string]any); levels["invite"] != 50.0 {
			t.Errorf("whoever is in the room lets others in: %v", levels)
		}
		there.down.Store(false)
		w.laterOn()
		view, err := w.hub.views.load(w.ctx, "mine")
		w.must(err)
		for _, each := range []id.RoomID{room, view.room} {
			w.until("the agent is invited", func() bool { return w.hs.membership(each, far) == event.MembershipInvite })
		}
		w.settled()
		if len(w.failed()) != 0 {
			t.Errorf("set aside: %v", w.failed())
		}
	})
}

func TestNewAgentWhoseHomeserverIsDown(t *testing.T) {
	alone(t, nil, func(w *world) {
		one, other := w.customer(w.red, "c1", "hello"), w.customer(w.blue, "c2", "hello")
		there := farIsDown(w)
		w.opts.Agents.Users = []id.UserID{ana, berta, far}
		w.restart()
		w.waitsForFar(2)
		there.down.Store(false)
		w.laterOn()
		for _, room := range []id.RoomID{one, other} {
			w.until("the agent is invited", func() bool { return w.hs.membership(room, far) == event.MembershipInvite })
		}
	})
}

func TestAgentWhoLeftBeforeTheirHomeserverAnswered(t *testing.T) {
	alone(t, func(w *world) { w.opts.Agents.Users = []id.UserID{ana, far} }, func(w *world) {
		there := farIsDown(w)
		w.customer(w.red, "c1", "hello")
		w.waitsForFar(1)
		there.down.Store(false)
		w.opts.Agents.Users = []id.UserID{ana}
		w.laterOn()
		w.waitsForFar(0)
		if there.sent.Load() != 0 {
			t.Error("somebody is invited who is an agent no more")
		}
	})
}
