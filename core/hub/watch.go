package hub

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/core/base/clock"
	"puente/core/hub/network"
)

// watch tells the operators how the logins of one bridge fare: what is connected, what is refused, what is gone.
type watch struct {
	bridge *hosted

	mu     sync.Mutex
	logins map[networkid.UserLoginID]*watched
}

// watched is one login.
type watched struct {
	state   status.BridgeStateEvent
	met     bool // that it is connected is no news
	trouble bool // the operators were told that it does not work
}

// disconnectedFor is how long a login may be without its provider before the operators are told.
const disconnectedFor = 2 * time.Minute

func newWatch(b *hosted) *watch {
	return &watch{bridge: b, logins: map[networkid.UserLoginID]*watched{}}
}

// expect names a login that is no news: it was there when the program started.
func (w *watch) expect(login networkid.UserLoginID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.logins[login] == nil {
		w.logins[login] = &watched{met: true}
	}
}

// note takes how a login is now.
func (w *watch) note(ctx context.Context, state status.BridgeState) {
	if state.RemoteID == "" {
		return // of the bridge as a whole
	}
	w.mu.Lock()
	login := w.logins[state.RemoteID]
	if login == nil {
		login = &watched{}
		w.logins[state.RemoteID] = login
	}
	before := *login
	login.state = state.StateEvent
	switch state.StateEvent {
	case status.StateConnected:
		login.trouble, login.met = false, true
	case status.StateBadCredentials, status.StateUnknownError:
		login.trouble = true
	case status.StateLoggedOut:
		delete(w.logins, state.RemoteID)
	}
	w.mu.Unlock()
	w.tell(ctx, state, before)
}

func (w *watch) tell(ctx context.Context, state status.BridgeState, before watched) {
	switch state.StateEvent {
	case status.StateConnected:
		if !before.met {
			w.say(ctx, state, "✅ %s is connected.")
		} else if before.trouble {
			w.say(ctx, state, "✅ %s works again.")
		}
	case status.StateBadCredentials:
		mend := " Log in again with `login " + w.bridge.network.ID + "`."
		if state.UserAction == status.UserActionOpenNative { // the reason says what to do, and where
			mend = ""
		}
		w.say(ctx, state, "⛔ %s does not work any more. "+w.reason(state)+mend)
	case status.StateUnknownError:
		w.say(ctx, state, "⚠️ %s does not work. "+w.reason(state)+" The log has the details.")
	case status.StateLoggedOut:
		w.say(ctx, state, "👋 %s was disconnected. Its rooms stay; messages to it are no longer taken in. `login "+w.bridge.network.ID+"` connects it again.")
	case status.StateTransientDisconnect:
		if before.state != state.StateEvent {
			w.bridge.hub.goDo(func() { w.tellIfLasting(state) })
		}
	}
}

// tellIfLasting tells of a lost connection that does not come back by itself soon.
func (w *watch) tellIfLasting(state status.BridgeState) {
	ctx := w.bridge.hub.background
	if clock.Sleep(ctx, w.bridge.hub.Clock, disconnectedFor) != nil {
		return
	}
	w.mu.Lock()
	login := w.logins[state.RemoteID]
	lasting := login != nil && login.state == state.StateEvent
	if lasting {
		login.trouble = true
	}
	w.mu.Unlock()
	if lasting {
		w.say(ctx, state, "⚠️ %s has had no connection for some minutes; Puente keeps trying, and nothing is lost meanwhile. "+w.reason(state))
	}
}

// reason is what the bridge says is wrong, as a sentence.
func (w *watch) reason(state status.BridgeState) string {
	text := strings.TrimSpace(state.Message)
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// say fills the account into words for the operators, which may hold signs that have a meaning for Printf.
func (w *watch) say(ctx context.Context, state status.BridgeState, words string) {
	account := fmt.Sprintf("**%s** `%s`", w.bridge.network.DisplayName, state.RemoteID)
	if name := strings.TrimSpace(state.RemoteName); name != "" {
		account += " (" + network.Plain(name) + ")"
	}
	key := w.bridge.network.ID + ":" + string(state.RemoteID) + ":state"
	w.bridge.hub.operators.Tell(ctx, key, strings.TrimSpace(strings.Replace(words, "%s", account, 1)))
}
