package hub

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

func TestTheTeamIsNotified(t *testing.T) {
	each(t, nil, func(w *world) {
		p := w.furnish("c1")
		before := len(w.notices(p.room))
		for _, one := range []struct{ key, to, text string }{{"k1", "", "one"}, {"k1", "", "one"}, {"k2", p.sent.String(), "one"}, {"k1", "", "something else"}} {
			w.must(w.hub.Notify(w.ctx, refOf("c1", p.room), one.key, one.to, one.text))
		}
		if got := w.notices(p.room)[before:]; !slices.Equal(got, []string{"one", "one"}) {
			w.Errorf("the room was told %q", got)
		}
		sent := w.hs.sent(p.room, event.EventMessage)
		last := sent[len(sent)-1]
		if !sameJSON(last.Content["m.relates_to"], replyTo(p.sent)["m.relates_to"]) {
			w.Errorf("it answers %v", last.Content["m.relates_to"])
		}
		w.evt(p.room, ana, event.EventMessage, with(words("about it"), replyTo(last.ID)))
		if rest := w.outwardAfter(p.room); len(rest) > 0 {
			w.Errorf("the network got %q", rest)
		}
		if err := w.hub.Notify(w.ctx, channel.Ref{Network: "green"}, "k", "", "x"); !errors.Is(err, errs.ErrNotFound) {
			w.Errorf("a network that is not here: %v", err)
		}
	})
}

// TestTheDeskWritesToACustomer: it stands in the room once for each key, passes the gate and reaches the network.
func TestTheDeskWritesToACustomer(t *testing.T) {
	desk := &office{}
	each(t, staffed(desk), func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		desk.asked()
		// says writes, and hands over what the homeserver does with it.
		says := func(said channel.Message) sentEvent {
			w.Helper()
			eventID, err := w.hub.Send(w.ctx, refOf("c1", room), said)
			w.must(err)
			sent := w.hs.sent(room, event.EventMessage)
			last := sent[len(sent)-1]
			if last.ID.String() != eventID || last.Sender != w.hub.Desk() {
				w.Fatalf("it is %q, and the last of the room is %+v", eventID, last)
			}
			return last
		}
		first := says(channel.Message{Key: "k1", By: ana.String(), Text: "**Hello**", Purpose: "marketing"})
		if first.body() != "**Hello**" || first.Content["formatted_body"] != "<strong>Hello</strong>" || first.Content[network.AuthorKey] != ana.String() || first.Content[network.PurposeKey] != "marketing" {
			w.Errorf("the room holds %v", first.Content)
		}
		if again := says(channel.Message{Key: "k1", By: ana.String(), Text: "**Hello**", Purpose: "marketing"}); again.ID != first.ID {
			w.Error("the same was said twice")
		}
		w.evt(room, w.hub.Desk(), event.EventMessage, first.Content)
		w.handled()
		if got := desk.asked(); len(got) != 1 || got[0].From.ID != ana.String() || got[0].Purpose != "marketing" {
			w.Errorf("asked was %+v", got)
		}
		one(w, w.red, "message")
		asks := says(channel.Message{Key: "k2", Text: "How was it?", Choices: []string{"Good", "Bad"}})
		if asks.body() != "How was it?\n\n[Good]\n[Bad]" || asks.Content[network.ChoicesKey] == nil || asks.Content[network.AuthorKey] != nil || asks.Content[network.PurposeKey] != nil {
			w.Errorf("the room holds %v", asks.Content)
		}
		w.hs.failWith(once(http.MethodPut, "m.room.message"))
		_, err := w.hub.Send(w.ctx, refOf("c1", room), channel.Message{Key: "k3", Text: "x"})
		if _, again := errs.IsTemporary(err); !again {
			w.Errorf("a homeserver in trouble: %v", err)
		}
		if _, err = w.hub.Send(w.ctx, channel.Ref{Network: "green"}, channel.Message{Key: "k", Text: "x"}); !errors.Is(err, errs.ErrNotFound) {
			w.Errorf("a network that is not here: %v", err)
		}
	})
}

func TestTheDesksCommands(t *testing.T) {
	desk := &office{verbs: []channel.Verb{
		{Name: "claim", Args: "[x]", Help: "take it", Room: true}, {Name: "canned", Help: "ready-made words", Room: true, Chat: true},
		{Name: "reset", Help: "all anew", Room: true, Chat: true, Operator: true},
	}}
	each(t, staffed(desk), func(w *world) {
		t := w.TB.(*testing.T)
		desk.decides(func(o *office) { o.run = nil })
		p := w.furnish("c1")
		at := time.UnixMilli(1_700_000_000_000).UTC()
		w.fact(t, "InARoom", func(w *world) {
			content := with(words("!puente CLAIM for  Berta\nnow "), replyTo(p.asked), object{"m.mentions": object{"user_ids": []string{berta.String()}}})
			command := w.evt(p.room, ana, event.EventMessage, content)
			w.handled()
			want := channel.Command{
				Ref: refOf("c1", p.room), ID: command.String(), By: anas, Name: "claim", Text: "for  Berta\nnow", Target: p.asked.String(), Mentions: []string{berta.String()}, At: at,
			}
			if got := desk.ordered(); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
				w.Errorf("the desk was told %+v", got)
			}
		})
		w.fact(t, "InAChatWithPuente", func(w *world) {
			w.hs.setMember("!dm:example.org", w.hub.Front(), event.MembershipJoin)
			w.must(w.hub.as.StateStore.SetMembership(w.ctx, "!dm:example.org", w.hub.Front(), event.MembershipJoin))
			command := w.evt("!dm:example.org", ana, event.EventMessage, words("canned add hi Hello"))
			w.evt("!dm:example.org", ana, event.EventMessage, words("claim"))
			w.handled()
			want := channel.Command{ID: command.String(), By: anas, Name: "canned", Text: "add hi Hello", At: at}
			if got := desk.ordered(); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
				w.Errorf("the desk was told %+v", got)
			}
		})
		w.fact(t, "OnlyOperators", func(w *world) {
			if told := w.asks(p.room, ana, "!puente reset"); !strings.Contains(told, "Only an operator") || len(desk.ordered()) > 0 {
				w.Errorf("the room was told %q", told)
			}
			w.asks(p.room, operator, "!puente reset")
			if got := desk.ordered(); len(got) != 1 || !got[0].Operator {
				w.Errorf("the desk was told %+v", got)
			}
		})
		w.fact(t, "TheHelpListsThem", func(w *world) {
			w.expect(w.asks(p.room, ana, "!puente help"), "!puente claim [x] – take it", "!puente canned – ready-made words")
		})
		w.fact(t, "WhatTheyAnswer", func(w *world) {
			desk.decides(func(o *office) {
				o.run = func(cmd channel.Command) (string, error) {
					if cmd.Name == "canned" {
						return "", errs.Tell(fmt.Errorf("canned: %w", errs.ErrInvalid), "there are none.")
					}
					return "It is yours.", nil
				}
			})
			w.expect(w.asks(p.room, ana, "!puente claim"), "It is yours.")
			w.expect(w.asks(p.room, ana, "!puente canned"), "Nothing was sent: there are none.")
		})
		w.fact(t, "LaterIfTheDeskSaysSo", func(w *world) {
			tries := 0
			desk.ordered()
			desk.decides(func(o *office) {
				o.run = func(channel.Command) (string, error) {
					if tries++; tries == 1 {
						return "", errs.Temporary(errToy, 0)
					}
					return "Done.", nil
				}
			})
			w.expect(w.asks(p.room, ana, "!puente claim"), "Done.")
			if got := desk.ordered(); len(got) != 2 || got[0].ID != got[1].ID {
				w.Errorf("the desk was told %+v", got)
			}
		})
		if got := w.red.got(""); len(got) > 0 || len(w.setAside()) > 0 {
			w.Errorf("the network got %+v; set aside were %v", got, w.setAside())
		}
	})
}

func TestTheTeamHasNames(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.evt(room, ana, event.StateMember, object{"membership": "join", "displayname": "Ana Díaz"}, object{"state_key": ana})
		w.handled()
		asked := 0
		w.hs.failWith(func(r *http.Request, parts []string) int {
			if slices.Contains(parts, "profile") && slices.Contains(parts, berta.String()) {
				asked++
				return 404
			}
			return 0
		})
		for range 2 {
			team, err := w.hub.Team(w.ctx)
			w.must(err)
			if want := []channel.Party{{ID: ana.String(), Name: "Ana Díaz"}, {ID: berta.String(), Name: "berta"}}; !slices.Equal(team, want) {
				w.Errorf("the team is %+v", team)
			}
		}
		if asked != 1 {
			w.Errorf("the homeserver was asked %d times for one name", asked)
		}
	})
}

func TestLinksAndRules(t *testing.T) {
	alone(t, nil, func(w *world) {
		ref := channel.Ref{Network: "red", Room: "!a:example.org"}
		if got := w.hub.Link(ref, ""); got != "https://matrix.to/#/!a:example.org?via=example.org" {
			w.Errorf("a room is at %q", got)
		}
		if got := w.hub.Link(ref, "$b"); got != "https://matrix.to/#/!a:example.org/$b?via=example.org" {
			w.Errorf("a message is at %q", got)
		}
		if list, err := w.hub.Templates(w.ctx, ref); err != nil || len(list) != 0 {
			w.Errorf("a network without templates has %v, %v", list, err)
		}
		if _, err := w.hub.Templates(w.ctx, channel.Ref{Network: "green"}); !errors.Is(err, errs.ErrNotFound) {
			w.Errorf("a network that is not here: %v", err)
		}
	})
}

func TestGuestsComeAndGo(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		const guest = "@partner:elsewhere.org"
		for range 2 {
			w.must(w.hub.Invite(w.ctx, refOf("c1", room), guest))
		}
		if got := w.hs.membership(room, guest); got != event.MembershipInvite {
			w.Errorf("who was invited is %q", got)
		}
		for range 2 {
			w.must(w.hub.Remove(w.ctx, refOf("c1", room), guest, "the time is over"))
		}
		if got := w.hs.membership(room, guest); got != event.MembershipLeave {
			w.Errorf("who was taken out is %q", got)
		}
		w.must(w.hub.Remove(w.ctx, refOf("c1", room), "@nobody:elsewhere.org", "was never there"))
		if err := w.hub.Remove(w.ctx, channel.Ref{Network: "green"}, guest, "x"); !errors.Is(err, errs.ErrNotFound) {
			w.Errorf("a network that is not here: %v", err)
		}
	})
}

// TestWhatIsNoAnswerIsNotCopied: in another room, as plain words, it would pass for one.
func TestWhatIsNoAnswerIsNotCopied(t *testing.T) {
	each(t, staffed(&office{}), func(w *world) {
		room, other := w.customer(w.red, "c1", "hello"), w.customer(w.red, "c2", "hello")
		marketing, template := object{network.PurposeKey: "marketing"}, object{network.TemplateKey: object{"name": "both"}}
		for i, one := range []struct {
			sender id.UserID
			extra  object
			want   error
		}{
			{w.hub.Desk(), marketing, errs.ErrForbidden}, {w.hub.Desk(), template, errs.ErrForbidden}, {ana, template, errs.ErrForbidden},
			{w.hub.Desk(), object{}, nil}, {ana, marketing, nil}, // what somebody claims in a client of their own is no purpose
		} {
			said := w.hs.says(room, one.sender, with(words("Buy!"), one.extra))
			_, err := w.hub.Copy(w.ctx, refOf("c2", other), channel.Copy{Key: fmt.Sprint(i), From: refOf("c1", room), ID: said.String(), Kind: "text"})
			if !errors.Is(err, one.want) || one.want != nil && errs.Message(err) == "" {
				w.Errorf("%v of %s: %v", one.extra, one.sender, err)
			}
		}
	})
}
