package hub

import (
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/desk/channel"
)

// TestOnlyTheTeamOrders: who is in a customer's room without being of the team, a guest mostly, and whoever has an account
// on the same homeserver, orders nothing.
func TestOnlyTheTeamOrders(t *testing.T) {
	desk := &office{verbs: []channel.Verb{{Name: "claim", Help: "take it", Room: true}, {Name: "canned", Help: "ready-made words", Room: true, Chat: true}}}
	each(t, staffed(desk), func(w *world) {
		t := w.TB.(*testing.T)
		p := w.furnish("c1")
		for name, who := range map[string]id.UserID{"FromElsewhere": "@pia:partner.example", "FromHere": "@intern:" + testDomain} {
			w.fact(t, name, func(w *world) {
				for _, command := range []string{"claim", "CANNED", "templates", "template x", "buttons Fine? | Yes", "list Which? | Choose | One"} {
					if told := w.asks(p.room, who, "!puente "+command); told != onlyTeam {
						w.Errorf("%s was answered %q", command, told)
					}
				}
				before := len(w.notices(p.room))
				reaction := w.reacts(p.room, who, p.card, "✋")
				if got := w.notices(p.room)[before:]; len(got) != 1 || got[0] != onlyTeam || w.takenOff(p.room, reaction) != 1 {
					w.Errorf("a press was answered %q and taken off %d times", got, w.takenOff(p.room, reaction))
				}
				help := w.asks(p.room, who, "!puente help")
				w.expect(help, "!puente help", "!puente note")
				w.lacks(help, "claim", "canned", "template")
				note := w.evt(p.room, who, event.EventMessage, words("!puente note the part is there"))
				w.handled()
				if w.locks(p.room, note) != 1 {
					w.Error("a guest's note is none")
				}
				if got := w.red.got(""); len(desk.ordered())+len(desk.pressed())+len(got) > 0 {
					w.Errorf("the network got %+v, or the desk was told", got)
				}
			})
		}
		w.fact(t, "InAChatWithPuente", func(w *world) {
			const intern = id.UserID("@intern:" + testDomain)
			room := w.chat(intern)
			if told := w.asks(room, intern, "canned"); told != onlyTeam || len(desk.ordered()) > 0 {
				w.Errorf("the desk's command was answered %q", told)
			}
			w.lacks(w.asks(room, intern, "help"), "canned", "log out")
		})
		w.fact(t, "WhoIsOfTheTeamDoes", func(w *world) {
			for _, who := range []id.UserID{ana, operator} {
				w.asks(p.room, who, "!puente claim")
				w.reacts(p.room, who, p.card, "✋")
				w.asks(w.chat(who), who, "canned")
			}
			if orders, presses := desk.ordered(), desk.pressed(); len(orders) != 4 || len(presses) != 2 {
				w.Errorf("the desk was told %+v and %+v", orders, presses)
			}
		})
	})
}
