package hub

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/desk/channel"
)

// space is the room of a view.
func (w *world) space(key string) id.RoomID {
	w.Helper()
	return id.RoomID(w.text(`SELECT room_id FROM pu_view WHERE key=$1`, key))
}

// spaces is how many spaces were made.
func (w *world) spaces() (n int) {
	for _, made := range w.hs.created() {
		if content, _ := made["creation_content"].(map[string]any); content["type"] == "m.space" {
			n++
		}
	}
	return n
}

func mine(members ...id.UserID) channel.View {
	view := channel.View{Key: "mine", Name: "Mine", Topic: "What is yours"}
	for _, member := range members {
		view.Members = append(view.Members, member.String())
	}
	return view
}

func TestAViewIsShown(t *testing.T) {
	each(t, nil, func(w *world) {
		t := w.TB.(*testing.T)
		var space id.RoomID
		// shows shows a view, and compares the requests that it takes.
		shows := func(w *world, view channel.View, asks ...string) {
			w.Helper()
			w.hs.takeRequests()
			w.must(w.hub.ShowView(w.ctx, view))
			if got := w.asked(); !slices.Equal(got, asks) {
				w.Errorf("it took %q", got)
			}
		}
		const invite, kick = "POST client/v3/rooms/{room}/invite", "POST client/v3/rooms/{room}/kick"
		w.fact(t, "ItIsMade", func(w *world) {
			shows(w, mine(ana, berta), "POST client/v3/createRoom")
			space = w.space("mine")
			if w.hs.membership(space, ana) != event.MembershipInvite || w.hs.membership(space, berta) != event.MembershipInvite {
				w.Error("its members are not invited")
			}
			if name, topic := w.hs.shows(space, event.StateRoomName, ""), w.hs.shows(space, event.StateTopic, ""); name["name"] != "Mine" || topic["topic"] != "What is yours" {
				w.Errorf("it is called %v, %v", name, topic)
			}
			made := w.hs.created()
			levels, _ := made[len(made)-1]["power_level_content_override"].(map[string]any)
			if w.spaces() != 1 || levels["events_default"] != 100.0 || levels["state_default"] != 100.0 || levels["invite"] != 100.0 {
				w.Errorf("it was made by %v", made)
			}
		})
		w.fact(t, "OnceAndForAll", func(w *world) {
			shows(w, mine(ana, berta))
			w.restart()
			shows(w, mine(ana, berta))
		})
		w.fact(t, "OthersComeAndGo", func(w *world) {
			shows(w, mine(ana, operator), invite, kick)
			if w.hs.membership(space, operator) != event.MembershipInvite || w.hs.membership(space, berta) != event.MembershipLeave {
				w.Error("the members are not as they should be")
			}
			shows(w, mine(ana, operator))
			shows(w, mine(operator, ana)) // another order is the same
		})
		w.fact(t, "ItIsCalledOtherwise", func(w *world) {
			view := mine(operator, ana)
			view.Name, view.Topic = "Yours", "Another topic"
			shows(w, view, "PUT client/v3/rooms/{room}/state/m.room.name/", "PUT client/v3/rooms/{room}/state/m.room.topic/")
			shows(w, view)
			view.Topic = ""
			shows(w, view, "PUT client/v3/rooms/{room}/state/m.room.topic/")
		})
		w.fact(t, "WhoCannotBeMovedHoldsNothingUp", func(w *world) {
			w.hs.failWith(func(_ *http.Request, parts []string) int {
				if last := parts[len(parts)-1]; last == "invite" || last == "kick" {
					return 403
				}
				return 0
			})
			view := mine(ana, berta)
			view.Name = "Ours"
			w.must(w.hub.ShowView(w.ctx, view))
			w.hs.failWith(nil)
			if got := w.hs.shows(space, event.StateRoomName, "")["name"]; got != "Ours" {
				w.Errorf("it is called %v", got)
			}
		})
		w.fact(t, "DoorsFromOtherRooms", func(w *world) {
			view := channel.View{Key: "customer", Name: "A customer", Rooms: []string{"!a:example.org", "!b:example.org"}}
			shows(w, view, "POST client/v3/createRoom", "PUT client/v3/rooms/{room}/state/m.room.join_rules/")
			rules := w.hs.shows(w.space("customer"), event.StateJoinRules, "")
			if allow, _ := rules["allow"].([]any); rules["join_rule"] != "restricted" || len(allow) != 2 {
				w.Errorf("they come in by %v", rules)
			}
			shows(w, view)
			view.Rooms = view.Rooms[:1]
			shows(w, view, "PUT client/v3/rooms/{room}/state/m.room.join_rules/")
			if link, err := w.hub.ViewLink(w.ctx, "customer"); err != nil || link != "https://matrix.to/#/"+w.space("customer").String()+"?via="+testDomain {
				w.Errorf("it is found at %q, %v", link, err)
			}
			if link, err := w.hub.ViewLink(w.ctx, "nothing"); err == nil {
				w.Errorf("what was never shown is found at %q", link)
			}
		})
	})
}

// TestAViewIsMadeOnce, whatever happens meanwhile; also if it is to be called otherwise by then.
func TestAViewIsMadeOnce(t *testing.T) {
	created := func(r *http.Request, _ []string) bool { return isCreateRoom(r) }
	for name, breaks := range map[string]func(w *world){
		"TheAnswerWasLost": func(w *world) { w.hs.loseWith(once(http.MethodPost, "createRoom")) },
		"ItWasNotNoted": func(w *world) {
			w.hs.loseWith(func(r *http.Request, parts []string) int {
				if created(r, parts) {
					if _, err := w.db.Exec(w.ctx, `ALTER TABLE pu_view RENAME TO pu_view_gone`); err != nil {
						w.Error(err)
					}
				}
				return 0
			})
		},
		"TheHomeserverDidNot": func(w *world) { w.hs.failWith(once(http.MethodPost, "createRoom")) },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, nil, func(w *world) {
				breaks(w)
				if err := w.hub.ShowView(w.ctx, mine(ana)); err == nil {
					w.Error("nobody was told")
				}
				w.hs.failWith(nil)
				w.hs.loseWith(nil)
				_, _ = w.db.Exec(w.ctx, `ALTER TABLE pu_view_gone RENAME TO pu_view`) // it fails where it was not renamed
				w.restart()
				view := mine(ana, berta)
				view.Name, view.Topic = "Yours", "Another topic"
				w.must(w.hub.ShowView(w.ctx, view))
				w.must(w.hub.ShowView(w.ctx, view))
				space := w.space("mine")
				if w.spaces() != 1 {
					w.Errorf("%d spaces were made", w.spaces())
				}
				if name, topic := w.hs.shows(space, event.StateRoomName, "")["name"], w.hs.shows(space, event.StateTopic, "")["topic"]; name != "Yours" || topic != "Another topic" {
					w.Errorf("it is called %v, %v", name, topic)
				}
				if w.hs.membership(space, berta) != event.MembershipInvite {
					w.Error("a member is not invited")
				}
			})
		})
	}
}

// TestAViewIsShownByTwoAtOnce: each change is made once.
func TestAViewIsShownByTwoAtOnce(t *testing.T) {
	alone(t, nil, func(w *world) {
		show := func(view channel.View) []string {
			w.hs.takeRequests()
			var showing sync.WaitGroup
			for range 4 {
				showing.Go(func() {
					if err := w.hub.ShowView(w.ctx, view); err != nil {
						w.Error(err)
					}
				})
			}
			showing.Wait()
			return w.asked()
		}
		if got := show(mine(ana)); !slices.Equal(got, []string{"POST client/v3/createRoom"}) {
			w.Errorf("its making took %q", got)
		}
		if got := show(mine(berta)); len(got) != 2 {
			w.Errorf("its change took %q", got)
		}
	})
}

// TestAChangeOfAViewThatWasCutOff is made when it is tried again.
func TestAChangeOfAViewThatWasCutOff(t *testing.T) {
	alone(t, nil, func(w *world) {
		for i, step := range []string{"m.room.name", "m.room.topic", "invite", "kick", "m.room.join_rules"} {
			view := mine(ana)
			view.Key = fmt.Sprint("view", i)
			w.must(w.hub.ShowView(w.ctx, view))
			changed := channel.View{Key: view.Key, Name: "Yours", Topic: "Another topic", Members: []string{berta.String()}, Rooms: []string{"!a:example.org"}}
			for _, method := range []string{http.MethodPut, http.MethodPost} {
				w.hs.failWith(once(method, step))
				err := w.hub.ShowView(w.ctx, changed)
				if method == http.MethodPut && (err != nil) != strings.HasPrefix(step, "m.") {
					w.Errorf("%s failed, and it was answered with %v", step, err)
				}
			}
			w.hs.failWith(nil)
			w.must(w.hub.ShowView(w.ctx, changed))
			space := w.space(view.Key)
			if w.hs.shows(space, event.StateRoomName, "")["name"] != "Yours" || w.hs.shows(space, event.StateTopic, "")["topic"] != "Another topic" ||
				w.hs.membership(space, ana) != event.MembershipLeave || w.hs.membership(space, berta) != event.MembershipInvite ||
				w.hs.shows(space, event.StateJoinRules, "")["join_rule"] != "restricted" {
				w.Errorf("after %s failed the view is not as it should be", step)
			}
		}
	})
}

func TestARoomIsPutIntoViewsAndTakenOut(t *testing.T) {
	each(t, nil, func(w *world) {
		t := w.TB.(*testing.T)
		room := w.customer(w.red, "c1", "hello")
		for _, key := range []string{"open", "mine", "snoozed"} {
			w.must(w.hub.ShowView(w.ctx, channel.View{Key: key, Name: key}))
		}
		face := aFace()
		w.must(w.hub.ShowFace(w.ctx, refOf("c1", room), face))
		const put = "PUT client/v3/rooms/{room}/state/m.space.child/{room}"
		moves := func(name, order string, requests int, views ...string) {
			w.fact(t, name, func(w *world) {
				face.Views, face.Order = views, order
				w.hs.takeRequests()
				w.must(w.hub.ShowFace(w.ctx, refOf("c1", room), face))
				if got := w.asked(); !slices.Equal(got, slices.Repeat([]string{put}, requests)) {
					w.Errorf("it took %q", got)
				}
				for _, key := range []string{"open", "mine", "snoozed"} {
					want := object{}
					if slices.Contains(views, key) {
						want = object{"via": []string{testDomain}}
						if order != "" {
							want["order"] = order
						}
					}
					if got := w.hs.shows(w.space(key), event.StateSpaceChild, room.String()); got != nil && !sameJSON(got, want) || got == nil && len(want) > 0 {
						w.Errorf("in %s it is %v", key, got)
					}
				}
			})
		}
		moves("IntoOne", "0001", 1, "open")
		moves("NothingAgain", "0001", 0, "open")
		moves("IntoAnother", "0001", 2, "mine")
		moves("IntoTwo", "0001", 1, "mine", "snoozed")
		moves("InAnotherOrder", "0002", 2, "mine", "snoozed")
		moves("TheOrderOfTheListIsNothing", "0002", 0, "snoozed", "mine")
		w.restart()
		moves("AfterARestart", "0002", 1, "mine", "snoozed", "open")
		moves("NoPlaceInIt", "", 3, "mine", "snoozed", "open")
		moves("OutOfAll", "", 3)
	})
}
