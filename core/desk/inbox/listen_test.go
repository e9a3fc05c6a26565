package inbox

import (
	"testing"
	"time"

	"puente/core/desk/channel"
)

func TestOpening(t *testing.T) {
	each(t, nil, func(w *world) {
		w.fact("AConversationIsMadeOnce", func(w *world) {
			evt := channel.PortalOpened{
				Base:     channel.Base{Ref: channel.Ref{Network: "whatsapp", Account: "first", Chat: "ana", Room: "!ana"}, At: start},
				Customer: channel.Party{ID: "ana", Name: "Ana"},
			}
			first := w.opens(evt)
			evt.At = start.Add(time.Hour)
			second := w.opens(evt)
			if first.ID != second.ID || w.reads(`SELECT COUNT(*) FROM pu_conversation`) != 1 {
				w.t.Errorf("the conversations %s and %s", first.ID, second.ID)
			}
			if first.Status != Open || first.Name != "Ana" || first.Ref != evt.Ref || !first.OpenedAt.Equal(start) || !second.CreatedAt.Equal(start) {
				w.t.Errorf("the conversation is %+v", first)
			}
			who, err := w.Customers.ByContact(w.ctx, "whatsapp", "ana")
			if w.must(err); who.ID != first.Customer || who.Name != "Ana" {
				w.t.Errorf("the customer is %q with the ID %q, the conversation's is %q", who.Name, who.ID, first.Customer)
			}
		})
		w.fact("ItsTeamIsThatOfTheAccountBeforeThatOfTheNetwork", func(w *world) {
			for _, test := range []struct{ network, account, team string }{
				{"whatsapp", "first", "Sales"}, {"whatsapp", "second", "Support"}, {"telegram", "first", "Support"}, {"signal", "first", ""},
			} {
				chat := w.next("chat")
				c := w.opens(channel.PortalOpened{Base: channel.Base{Ref: channel.Ref{Network: test.network, Account: test.account, Chat: chat, Room: "!" + chat}, At: start}})
				if c.Team != test.team {
					w.t.Errorf("a conversation on %s/%s is of the team %q", test.network, test.account, c.Team)
				}
			}
		})
		w.fact("AChatWithAnotherRoomKeepsItsConversation", func(w *world) {
			c := w.meets("whatsapp", "Berta")
			w.must(w.Claim(w.ctx, c.ID, anna))
			before, moved := w.now(c), c.Ref
			moved.Room = "!elsewhere"
			again := w.opens(channel.PortalOpened{Base: channel.Base{Ref: moved, At: start}, Customer: channel.Party{ID: c.Ref.Chat, Name: "Berta"}})
			if again.ID != c.ID || again.Assignee != anna || again.Customer != c.Customer {
				w.t.Errorf("it was %+v, and is %+v", c, again)
			}
			if again.version != before.version+1 || w.reads(`SELECT COUNT(*) FROM pu_conversation WHERE chat=$1`, c.Ref.Chat) != 1 {
				w.t.Errorf("the version is %d after %d", again.version, before.version)
			}
		})
		w.fact("TheNameFollowsTheChatsAndAnEmptyOneDoesNot", func(w *world) {
			c := w.meets("whatsapp", "Carlos")
			for _, name := range []string{"Carlos Ruiz", ""} {
				w.opens(channel.PortalOpened{Base: channel.Base{Ref: c.Ref, At: start}, Customer: channel.Party{ID: c.Ref.Chat, Name: name}})
			}
			if found := w.now(c); found.Name != "Carlos Ruiz" || found.version != c.version+1 || len(w.deeds(c)) != 0 {
				w.t.Errorf("the name is %q, the version %d after %d", found.Name, found.version, c.version)
			}
		})
		w.fact("AGroupHasNoCustomerAndNotesWhoTakesPart", func(w *world) {
			chat := w.next("group")
			c := w.opens(channel.PortalOpened{
				Base: channel.Base{Ref: channel.Ref{Network: "signal", Account: "first", Chat: chat, Room: "!" + chat}, At: start}, Customer: channel.Party{ID: chat, Name: "Our suppliers"}, Group: true,
			})
			for _, from := range []string{"dora", "emil", "dora"} {
				w.time.Advance(time.Second)
				w.must(w.HandleChannelEvent(w.ctx, channel.MessageIn{
					Base: channel.Base{Ref: c.Ref, At: w.time.Now()}, ID: w.next("$in"), From: channel.Party{ID: from, Name: from}, Content: channel.Content{Kind: "text"},
				}))
			}
			if c.Customer != "" || w.reads(`SELECT COUNT(*) FROM pu_participant WHERE conversation=$1`, c.ID) != 2 {
				w.t.Errorf("its customer is %q", c.Customer)
			}
			dora, err := w.Customers.ByContact(w.ctx, "signal", "dora")
			w.must(err)
			if at := w.reads(`SELECT last_in_at FROM pu_participant WHERE customer=$1`, dora.ID); at != w.time.Now().UnixMilli() {
				w.t.Errorf("Dora wrote last at %d", at)
			}
		})
		w.fact("WhatHappensInAnUnknownRoomIsLetPass", func(w *world) {
			unknown := &Conversation{Ref: channel.Ref{Network: "whatsapp", Room: "!gone"}}
			in, out := w.writes(unknown), w.answers(unknown, anna)
			if w.reads(`SELECT COUNT(*) FROM pu_message WHERE event_id IN ($1, $2)`, in.ID, out.ID) != 0 {
				w.t.Error("it was noted")
			}
		})
	})
}

func TestCustomerWrites(t *testing.T) {
	each(t, nil, func(w *world) {
		w.fact("WhatIsResolvedBecomesANewPieceOfWork", func(w *world) {
			c := w.meets("whatsapp", "Ana")
			w.writes(c)
			w.answers(c, anna)
			w.must(w.Assign(w.ctx, c.ID, anna, anna))
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			evt := w.writes(c)
			found := w.now(c)
			if found.Status != Open || !found.OpenedAt.Equal(evt.At) || !found.AnsweredAt.IsZero() || !found.ResolvedAt.IsZero() || !found.WaitingSince.Equal(evt.At) {
				w.t.Errorf("it is %+v", found)
			}
			if deeds := w.deeds(c); found.Assignee != anna || deeds[len(deeds)-1].Action != "conversation.reopened" || deeds[len(deeds)-1].Actor != "puente" {
				w.t.Errorf("%q has it after %v", found.Assignee, deeds)
			}
		})
		w.fact("WhatIsSnoozedOpensAndStaysTheSameWork", func(w *world) {
			c := w.meets("whatsapp", "Berta")
			w.must(w.Snooze(w.ctx, c.ID, start.Add(time.Hour), anna))
			w.writes(c)
			if found := w.now(c); found.Status != Open || !found.SnoozedUntil.IsZero() || !found.OpenedAt.Equal(c.OpenedAt) {
				w.t.Errorf("it is %+v", found)
			}
		})
		w.fact("WhatABotHasStaysThere", func(w *world) {
			c := w.meets("whatsapp", "Carlos")
			w.must(w.Suspend(w.ctx, c.ID, anna))
			w.writes(c)
			w.is(c, Pending, "")
		})
		w.fact("TheWaitIsThatOfTheFirstMessageWithoutAnAnswer", func(w *world) {
			c := w.meets("whatsapp", "Dora")
			first := w.writes(c)
			last := w.writes(c)
			if found := w.now(c); !found.WaitingSince.Equal(first.At) || !found.LastIn.Equal(last.At) {
				w.t.Errorf("waiting since %s, the last message came at %s", found.WaitingSince, found.LastIn)
			}
			w.answers(c, anna)
			next := w.writes(c)
			if found := w.now(c); !found.WaitingSince.Equal(next.At) {
				w.t.Errorf("waiting since %s", found.WaitingSince)
			}
		})
		w.fact("WhatIsToldAgainChangesNothing", func(w *world) {
			c := w.meets("whatsapp", "Emil")
			in := w.writes(c)
			out := w.answers(c, anna)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			before, responses := *w.now(c), w.reads(`SELECT COUNT(*) FROM pu_response WHERE conversation=$1`, c.ID)
			w.must(w.HandleChannelEvent(w.ctx, in))
			w.must(w.HandleChannelEvent(w.ctx, out))
			after := *w.now(c)
			if before.Labels, after.Labels = nil, nil; !sameTimes(before, after) || after.Status != Resolved || after.version != before.version {
				w.t.Errorf("it was %+v, and is %+v", before, after)
			}
			if n := w.reads(`SELECT COUNT(*) FROM pu_response WHERE conversation=$1`, c.ID); n != responses {
				w.t.Errorf("%d measurements after %d", n, responses)
			}
		})
		w.fact("AnAnswerThatIsToldAgainEndsNoLaterWait", func(w *world) {
			c := w.meets("whatsapp", "Emil")
			w.writes(c)
			out := w.answers(c, anna)
			asked := w.writes(c)
			w.must(w.HandleChannelEvent(w.ctx, out))
			if found := w.now(c); !found.WaitingSince.Equal(asked.At) {
				w.t.Errorf("waiting since %s", found.WaitingSince)
			}
		})
		w.fact("OnlyWordsOfTheCustomerCount", func(w *world) {
			for _, test := range []struct {
				content channel.Content
				counts  bool
			}{
				{channel.Content{Kind: "edit"}, false},
				{channel.Content{Kind: "deletion"}, false},
				{channel.Content{Kind: "notice", Payload: map[string]any{"preference": map[string]any{"marketing": "stop"}}}, false},
				{channel.Content{Kind: "reaction"}, true},
				{channel.Content{Kind: "image", Payload: map[string]any{"button": "yes"}}, true},
			} {
				c := w.meets("whatsapp", "Fe")
				w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
				w.must(w.HandleChannelEvent(w.ctx, channel.MessageIn{
					Base: channel.Base{Ref: c.Ref, At: w.time.Now()}, ID: w.next("$in"), From: channel.Party{ID: c.Ref.Chat, Name: "Fe"}, Content: test.content,
				}))
				if found := w.now(c); (found.Status == Open) != test.counts || found.WaitingSince.IsZero() == test.counts || found.LastIn.IsZero() == test.counts {
					w.t.Errorf("after %+v it is %s, waiting since %s", test.content, found.Status, found.WaitingSince)
				}
			}
		})
	})
}

// sameTimes tells whether two states of a conversation are of the same piece of work.
func sameTimes(a, b Conversation) bool {
	return a.WaitingSince.Equal(b.WaitingSince) && a.OpenedAt.Equal(b.OpenedAt) && a.AnsweredAt.Equal(b.AnsweredAt) &&
		a.ResolvedAt.Equal(b.ResolvedAt) && a.LastIn.Equal(b.LastIn) && a.LastOut.Equal(b.LastOut)
}
