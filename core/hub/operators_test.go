package hub

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/hub/network"
)

// operatorsRoom waits until @puente has made the operators' room, and returns it.
func (w *world) operatorsRoom() id.RoomID {
	w.Helper()
	var room id.RoomID
	w.until("a room for the operators", func() bool {
		w.hs.mu.Lock()
		defer w.hs.mu.Unlock()
		if record := w.hs.accounts[operatorsRoomKey]; record != nil {
			room = id.RoomID(record["room_id"].(string))
		}
		return room != ""
	})
	return room
}

// told waits until the operators' room shows a notice with all the words.
func (w *world) told(words ...string) string {
	w.Helper()
	room, found := w.operatorsRoom(), ""
	w.until("a notice with "+strings.Join(words, ", "), func() bool {
		for _, notice := range w.notices(room) {
			if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(notice, word) }) {
				found = notice
			}
		}
		return found != ""
	})
	return found
}

// logIn connects another account.
func (w *world) logIn(t *toy, account string) *bridgev2.UserLogin {
	w.Helper()
	user, err := w.hub.byID[t.id].owner(w.ctx)
	w.must(err)
	login, err := user.NewLogin(w.ctx, &database.UserLogin{ID: networkid.UserLoginID(account), RemoteName: "Shop in Cádiz"}, nil)
	w.must(err)
	login.BridgeState.Send(status.BridgeState{StateEvent: status.StateConnecting}) // as some bridges do
	login.Client.Connect(w.ctx)
	return login
}

func TestOperatorsAreToldOfAccounts(t *testing.T) {
	each(t, nil, func(w *world) {
		login := w.logIn(w.red, "second")
		w.told("✅", "Toy red", "second", "Shop in Cádiz", "is connected")
		room := w.operatorsRoom()
		if got := w.hs.membership(room, operator); got != event.MembershipInvite {
			w.Errorf("the operator's membership is %q", got)
		}
		login.BridgeState.Send(status.BridgeState{StateEvent: status.StateBadCredentials, Error: "toy-refused", Message: "the provider says that 100% of it is wrong"})
		w.told("⛔", "The provider says that 100% of it is wrong.", "login red")
		login.BridgeState.Send(status.BridgeState{StateEvent: status.StateConnected})
		w.told("✅", "works again")
		login.BridgeState.Send(status.BridgeState{
			StateEvent: status.StateBadCredentials, Error: "toy-rights", Message: "the owner must give the right", UserAction: status.UserActionOpenNative,
		})
		if said := w.told("⛔", "The owner must give the right."); strings.Contains(said, "login red") {
			w.Errorf("a mend that does not help: %q", said)
		}
		login.BridgeState.Send(status.BridgeState{StateEvent: status.StateConnected})
		w.settled()
		before := len(w.notices(room))
		login.BridgeState.Send(status.BridgeState{StateEvent: status.StateTransientDisconnect, Error: "toy-away"})
		login.BridgeState.Send(status.BridgeState{StateEvent: status.StateConnected})
		w.until("connected again", func() bool { return w.hub.byID["red"].stateOf("second").StateEvent == status.StateConnected })
		w.settled()
		if got := w.notices(room); len(got) != before {
			w.Errorf("a short break was told: %q", got[before:])
		}
		w.evt(w.talk(), operator, event.EventMessage, object{"msgtype": "m.text", "body": "logout red second"})
		w.told("👋", "was disconnected", "login red")
	})
}

// talk is a chat between the operator and @puente.
func (w *world) talk() id.RoomID {
	w.Helper()
	const room = id.RoomID("!talk:" + testDomain)
	w.hs.setMember(room, operator, event.MembershipJoin)
	w.hs.setMember(room, w.hub.Front(), event.MembershipInvite)
	w.evt(room, operator, event.StateMember, object{"membership": "invite"}, object{"state_key": w.hub.Front()})
	w.settled()
	return room
}

func TestALastingBreakIsTold(t *testing.T) {
	at := clock.NewManual(time.Now())
	alone(t, func(w *world) { w.opts.Clock = at }, func(w *world) {
		login := w.hub.byID["red"].bridge.GetCachedUserLoginByID("account")
		waiting := at.Waiting()
		login.BridgeState.Send(status.BridgeState{StateEvent: status.StateTransientDisconnect, Error: "toy-away", Message: "nobody answers"})
		w.until("somebody who waits", func() bool { return at.Waiting() > waiting })
		at.Advance(disconnectedFor)
		w.told("⚠️", "no connection", "Nobody answers.")
		login.BridgeState.Send(status.BridgeState{StateEvent: status.StateConnected})
		w.told("✅", "works again")
	})
}

func TestOperatorsAreToldOfWhatWasSetAside(t *testing.T) {
	at := clock.NewManual(time.Now())
	alone(t, func(w *world) { w.opts.Clock = at }, func(w *world) {
		broken := func(key string) {
			w.must(w.red.env.Intake.Take(w.ctx, network.Entry{Key: key, Kind: "message", Payload: []byte("{"), Failed: "the chat has an unknown type"}))
		}
		waiting := at.Waiting()
		broken("1")
		w.told("Toy red", "the chat has an unknown type", "retry")
		broken("2")
		broken("3")
		w.until("somebody who waits", func() bool { return at.Waiting() > waiting })
		at.Advance(failuresEvery)
		w.told("2 things more")
		w.must(w.red.env.Intake.Take(w.ctx, network.Entry{Key: "4", Kind: "message", Payload: []byte("no JSON")}))
		w.settled()
		if failed := w.failed(); len(failed) != 4 {
			w.Errorf("set aside were %+v", failed)
		}
	})
}

func TestOperatorsRoom(t *testing.T) {
	say := func(w *world, key, text string) { w.hub.operators.Tell(w.ctx, key, text) }
	t.Run("TheSameIsSaidOnce", func(t *testing.T) {
		alone(t, nil, func(w *world) {
			say(w, "a", "one")
			say(w, "a", "one")
			say(w, "b", "one")
			say(w, "a", "two")
			say(w, "a", "one")
			w.settled()
			if got := w.notices(w.operatorsRoom()); !slices.Equal(got, []string{"one", "one", "two", "one"}) {
				w.Errorf("said was %q", got)
			}
		})
	})
	t.Run("ItStaysTheSameOverARestartAndTakesNewOperatorsIn", func(t *testing.T) {
		alone(t, nil, func(w *world) {
			say(w, "a", "one")
			room := w.operatorsRoom()
			w.settled()
			w.opts.Agents.Operators = append(w.opts.Agents.Operators, berta)
			w.restart()
			say(w, "a", "two")
			w.told("two")
			if w.operatorsRoom() != room || w.hs.membership(room, berta) != event.MembershipInvite {
				w.Errorf("now it is %s, where the new operator's membership is %q", w.operatorsRoom(), w.hs.membership(room, berta))
			}
		})
	})
	t.Run("AnotherIsMadeWhenPuenteWasRemoved", func(t *testing.T) {
		moved := clock.NewManual(time.Now())
		alone(t, func(w *world) { w.opts.Clock = shiftedClock{moved} }, func(w *world) {
			say(w, "a", "one")
			first := w.operatorsRoom()
			w.settled()
			w.hs.failWith(func(r *http.Request, parts []string) int {
				if strings.Contains(r.URL.Path, first.String()) {
					return 403
				}
				return 0
			})
			say(w, "a", "two")
			w.until("another room", func() bool {
				moved.Advance(time.Second) // it is waited for the first one for a while
				return w.operatorsRoom() != first
			})
			w.told("two")
		})
	})
	t.Run("TheConfiguredOneIsUsedAsItIs", func(t *testing.T) {
		const room = id.RoomID("!ops:" + testDomain)
		alone(t, func(w *world) {
			w.opts.Agents.OperatorsRoom = "#ops:" + testDomain
			w.hs.aliases["#ops:"+testDomain] = room
			w.hs.setMember(room, "@puente:"+testDomain, event.MembershipInvite)
		}, func(w *world) {
			say(w, "a", "one")
			w.until("the words", func() bool { return len(w.notices(room)) == 1 })
			if w.hs.membership(room, operator) != "" || len(w.hs.created()) != 0 {
				w.Error("somebody was invited, or another room was made")
			}
		})
	})
	t.Run("CommandsThereNeedThePrefix", func(t *testing.T) {
		alone(t, nil, func(w *world) {
			say(w, "a", "one")
			room := w.operatorsRoom()
			w.settled()
			w.hs.setMember(room, operator, event.MembershipJoin)
			w.must(w.hub.as.StateStore.SetMembership(w.ctx, room, w.hub.Front(), event.MembershipJoin))
			w.evt(room, operator, event.EventMessage, object{"msgtype": "m.text", "body": "status please"})
			w.evt(room, operator, event.EventMessage, object{"msgtype": "m.text", "body": "!puente status"})
			w.settled()
			if got := w.notices(room); len(got) != 2 || !strings.Contains(got[1], "Journal:") {
				w.Errorf("said was %q", got)
			}
		})
	})
	t.Run("WithoutOperatorsNobodyIsTold", func(t *testing.T) {
		alone(t, func(w *world) { w.opts.Agents.Operators = nil }, func(w *world) {
			say(w, "a", "one")
			w.settled()
			if counts, err := w.journal.Counts(w.ctx); err != nil || len(counts) != 0 {
				w.Errorf("the journal holds %+v, %v", counts, err)
			}
		})
	})
}

// commander is a toy network with commands of its own.
type commander struct {
	*toy
	calls chan network.Call
}

func (c *commander) Commands() []network.Command {
	run := func(_ context.Context, call network.Call) (string, error) {
		c.calls <- call
		return "done with " + call.Args, nil
	}
	return []network.Command{
		{Name: "trust", Args: "<number>", Help: "trusts somebody", InRoom: true, Run: run},
		{Name: "captcha", Args: "<answer>", Help: "answers a captcha", Run: run},
	}
}

func TestCommandsOfABridge(t *testing.T) {
	calls := make(chan network.Call, 1)
	alone(t, func(w *world) {
		w.opts.Networks[0].New = func(env network.Env) (network.Connector, error) {
			w.red.env = env
			return &commander{toy: w.red, calls: calls}, nil
		}
	}, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.says(room, ana, "!puente trust 12345 67890")
		if call := <-calls; call.Args != "12345 67890" || call.Sender != ana || call.Portal == nil || call.Portal.MXID != room || call.Login.ID != "account" {
			w.Errorf("called with %+v", call)
		}
		if got := w.notices(room); !slices.Contains(got, "done with 12345 67890") {
			w.Errorf("said was %q", got)
		}
		w.says(room, ana, "!puente help")
		if got := w.notices(room); !strings.Contains(got[len(got)-1], "trust <number> – trusts somebody") || strings.Contains(got[len(got)-1], "captcha") {
			w.Errorf("the help is %q", got[len(got)-1])
		}
		talk := w.talk()
		w.says(talk, operator, "red captcha secret word")
		if call := <-calls; call.Args != "secret word" || call.Portal != nil {
			w.Errorf("called with %+v", call)
		}
		for _, line := range []string{"red", "red trust", "blue captcha x"} {
			w.says(talk, operator, line)
			if got := w.notices(talk); !strings.Contains(got[len(got)-1], "has no such command") {
				w.Errorf("%s: said was %q", line, got)
			}
		}
		w.says(talk, operator, "help")
		if got := w.notices(talk); !strings.Contains(got[len(got)-1], "red captcha <answer> – answers a captcha") {
			w.Errorf("the help is %q", got[len(got)-1])
		}
		w.says(talk, ana, "red captcha x")
		if got := w.notices(talk); !strings.Contains(got[len(got)-1], "Only an operator") {
			w.Errorf("said to an agent was %q", got[len(got)-1])
		}
		if got := w.red.got("message"); len(got) != 0 {
			w.Errorf("the customer got %+v", got)
		}
	})
}
