package hub

import (
	"bytes"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/desk/channel"
)

// TestAgentWhoseHomeserverIsDown: ours answers 502 to whatever invites them, also to createRoom, and has the alias by then.
func TestAgentWhoseHomeserverIsDown(t *testing.T) {
	const far = id.UserID("@far:elsewhere.org")
	var down atomic.Bool
	down.Store(true)
	alone(t, func(w *world) { w.opts.Agents.Users = []id.UserID{ana, far} }, func(w *world) {
		w.hs.failWith(func(r *http.Request, parts []string) int {
			body, err := io.ReadAll(r.Body)
			w.must(err)
			r.Body = io.NopCloser(bytes.NewReader(body))
			last := parts[len(parts)-1]
			if down.Load() && (last == "createRoom" || last == "invite") && bytes.Contains(body, []byte(far)) {
				return 502
			}
			return 0
		})
		room := w.customer(w.red, "c1", "hello")
		w.must(w.hub.ShowView(w.ctx, channel.View{Key: "mine", Name: "Mine", Members: []string{far.String(), ana.String()}}))
		if got := w.hs.membership(room, ana); got != event.MembershipInvite {
			t.Errorf("ana is %q", got)
		}
		made := w.hs.created()
		if levels, _ := made[0]["power_level_content_override"].(map[string]any); levels["invite"] != 50.0 {
			t.Errorf("whoever is in the room lets others in: %v", levels)
		}
		down.Store(false)
		w.hub.Stop()
		_, err := w.db.Exec(w.ctx, "UPDATE pu_journal SET next_at=0 WHERE source=$1", sourceInvite) // as if the time had passed
		w.must(err)
		w.start()
		w.until("the agent is invited", func() bool { return w.hs.membership(room, far) == event.MembershipInvite })
		w.settled()
		if len(w.failed()) != 0 {
			t.Errorf("set aside: %v", w.failed())
		}
	})
}
