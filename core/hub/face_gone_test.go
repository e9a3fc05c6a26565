package hub

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

func TestARoomThatIsGone(t *testing.T) {
	each(t, nil, func(w *world) {
		t := w.TB.(*testing.T)
		face := aFace()
		face.Views = []string{"open"}
		w.must(w.hub.ShowView(w.ctx, channel.View{Key: "open", Name: "Open"}))
		space := w.text(`SELECT room_id FROM pu_view WHERE key='open'`)
		gone := func(name, chat string, before bool, then func(w *world, room id.RoomID)) {
			w.fact(t, name, func(w *world) {
				room := w.customer(w.red, chat, "hello")
				w.calm()
				if before {
					w.must(w.hub.ShowFace(w.ctx, refOf(chat, room), face))
				}
				then(w, room)
				w.calm()
				said := len(w.hs.sent(room, event.EventMessage))
				face.Card = "for " + chat
				if err := w.hub.ShowFace(w.ctx, refOf(chat, room), face); !errors.Is(err, errs.ErrNotFound) {
					w.Errorf("it was answered with %v", err)
				}
				if got := w.hs.shows(id.RoomID(space), event.StateSpaceChild, room.String()); len(got) > 0 {
					w.Errorf("it is still in a view: %v", got)
				}
				if len(w.hs.sent(room, event.EventMessage)) != said {
					w.Error("something was said there")
				}
			})
		}
		deleted := func(w *world, room id.RoomID) {
			portal, err := w.red.bridge.GetPortalByMXID(w.ctx, room)
			w.must(err)
			w.must(portal.Delete(w.ctx))
		}
		thrownOut := func(w *world, room id.RoomID) {
			bot := w.hub.byID["red"].matrix.Bot.UserID
			w.hs.setMember(room, bot, event.MembershipBan)
			w.evt(room, ana, event.StateMember, object{"membership": "ban"}, object{"state_key": bot})
			w.settled()
		}
		gone("NoConversationAnyMore", "c1", true, deleted)
		gone("NeverShown", "c2", false, deleted)
		gone("TheBotWasThrownOut", "c3", true, thrownOut)
		gone("ThrownOutBefore", "c4", false, thrownOut)
		w.fact(t, "AnotherNetworks", func(w *world) {
			if err := w.hub.ShowFace(w.ctx, channel.Ref{Network: "green", Room: "!x:y"}, face); !errors.Is(err, errs.ErrNotFound) {
				w.Errorf("it was answered with %v", err)
			}
		})
		w.fact(t, "AHomeserverInTrouble", func(w *world) {
			room := w.customer(w.red, "c5", "hello")
			w.hs.failWith(once("PUT", "m.room.topic"))
			if err := w.hub.ShowFace(w.ctx, refOf("c5", room), face); err == nil || errors.Is(err, errs.ErrNotFound) {
				w.Errorf("it was answered with %v", err)
			}
			w.hs.failWith(func(_ *http.Request, parts []string) int {
				if slices.Contains(parts, "m.room.topic") {
					return 403
				}
				return 0
			})
			if err := w.hub.ShowFace(w.ctx, refOf("c5", room), face); err == nil || errors.Is(err, errs.ErrNotFound) {
				w.Errorf("without the right to do it, it was answered with %v", err)
			}
			w.hs.failWith(nil)
		})
		w.fact(t, "AViewThatIsNotThere", func(w *world) {
			room := w.customer(w.red, "c6", "hello")
			face.Views = []string{"never shown"}
			if err := w.hub.ShowFace(w.ctx, refOf("c6", room), face); err == nil || errors.Is(err, errs.ErrNotFound) {
				w.Errorf("it was answered with %v", err)
			}
		})
	})
}
