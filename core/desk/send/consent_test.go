package send

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
	"puente/core/testkit/teamrooms"
)

const (
	notAgreed   = "this customer has not agreed to marketing on whatsapp. `!puente consent in marketing` notes that they did; a message of theirs may be answered in any case."
	noMarketing = "this customer does not want marketing (since 2 March 2026). A message of theirs may be answered in any case."
	noneAtAll   = "this customer does not want messages that answer nothing (since 2 March 2026). A message of theirs may be answered in any case."
)

func TestWhatCustomersAllow(t *testing.T) {
	each(t, Anyone, func(w *world) {
		w.rooms.Approved = []channel.Template{
			{Name: "sale", Category: "MARKETING"}, {Name: "order", Category: "UTILITY"}, {Name: "code", Category: "AUTHENTICATION"},
			{Name: "mixed", Language: "en", Category: "UTILITY"}, {Name: "mixed", Language: "es", Category: "MARKETING"},
		}
		for name, test := range map[string]struct {
			said func(w *world, ref channel.Ref)
			want map[string]string // by template, or purpose; "" passes
		}{
			"NothingWasSaid": {func(*world, channel.Ref) {}, map[string]string{
				"sale": notAgreed, "mixed": notAgreed, "order": "", "code": "", "unknown": "", "": "", "for marketing": notAgreed, "for utility": "",
			}},
			"OptedIn": {func(w *world, ref channel.Ref) { w.agrees(ref, consent.Marketing, consent.In) }, map[string]string{
				"sale": "", "mixed": "", "order": "", "": "", "for marketing": "",
			}},
			"OptedOut": {func(w *world, ref channel.Ref) { w.agrees(ref, consent.Marketing, consent.Out) }, map[string]string{
				"sale": noMarketing, "order": "", "": "", "for marketing": noMarketing,
			}},
			"OfferedNoMore": {func(w *world, ref channel.Ref) { w.writes(ref, "x", "NO ADS") }, map[string]string{"sale": noMarketing, "order": "", "": ""}},
			"Stopped": {func(w *world, ref channel.Ref) {
				w.agrees(ref, consent.Marketing, consent.In)
				w.writes(ref, "x", "STOP")
			}, map[string]string{
				"sale": noneAtAll, "order": noneAtAll, "code": noneAtAll, "": "", "for marketing": noneAtAll, "for service": noneAtAll, "for answer": "",
			}},
			"StartedAgain": {func(w *world, ref channel.Ref) { w.writes(ref, "x", "STOP"); w.writes(ref, "x", "START") }, map[string]string{"sale": "", "order": "", "": ""}},
		} {
			w.fact(name, func(w *world) {
				ref := w.meets("whatsapp", w.next("person"), "Carla")
				test.said(w, ref)
				for what, words := range test.want {
					out := w.template(ref, anna, what)
					if purpose, is := cutFor(what); is {
						out.Template, out.Purpose = "", purpose
					}
					if words == "" {
						w.passes(out)
					} else {
						w.refused(out, words)
					}
				}
			})
		}
	})
}

func cutFor(what string) (string, bool) {
	const prefix = "for "
	if len(what) < len(prefix) || what[:len(prefix)] != prefix {
		return "", false
	}
	return what[len(prefix):], true
}

func TestAgreementIsOfOneNetworkAndAnObjectionOfAll(t *testing.T) {
	each(t, Anyone, func(w *world) {
		w.rooms.Approved = []channel.Template{{Name: "sale", Category: "MARKETING"}}
		here, there := w.meets("whatsapp", "carla", "Carla"), w.meets("telegram", "carla", "Carla")
		w.must(w.Customers.Merge(w.ctx, w.of(there), w.of(here), anna))
		w.agrees(here, consent.Marketing, consent.In)
		w.passes(w.template(here, anna, "sale"))
		w.refused(w.template(there, anna, "sale"), "this customer has not agreed to marketing on telegram. `!puente consent in marketing` notes that they did; a message of theirs may be answered in any case.")
		w.writes(there, "carla", "STOP")
		w.refused(w.template(here, anna, "sale"), noneAtAll)
	})
}

func TestAPurposeThatNobodyKnowsIsRefused(t *testing.T) {
	each(t, Anyone, func(w *world) {
		out := w.text(w.meets("whatsapp", "carla", "Carla"), "")
		out.Purpose = "horoscopes"
		err := w.MayLeave(w.ctx, out)
		if _, again := errs.IsTemporary(err); again || !errors.Is(err, errs.ErrInvalid) || errs.Message(err) != `its purpose, "horoscopes", is none that this company knows.` {
			w.t.Errorf("it was answered with %v (%s)", err, errs.Message(err))
		}
	})
}

func TestAStopIsConfirmedOnce(t *testing.T) {
	each(t, Anyone, func(w *world) {
		ref := w.meets("whatsapp", "carla", "Carla")
		stop := w.writes(ref, "carla", "STOP")
		w.must(w.HandleChannelEvent(w.ctx, stop)) // the hub offers it again
		want := channel.Message{Key: "consent:" + stop.Key, Text: "You will get no more messages from us, except answers to what you write. To get them again, reply START."}
		said := func() []teamrooms.Said {
			return slices.SortedFunc(maps.Values(w.rooms.Said()), func(a, b teamrooms.Said) int { return len(a.Key+a.Text) - len(b.Key+b.Text) })
		}
		if got := said(); len(got) != 1 || got[0].Key != want.Key || got[0].Text != want.Text || got[0].By != "" || got[0].Purpose != "" {
			w.t.Fatalf("the customer was told %+v", got)
		}
		confirmation := w.text(ref, "")
		w.passes(confirmation)
		w.fact("ARepetitionOfTheWordsIsNone", func(w *world) {
			w.writes(ref, "carla", "stop")
			if got := said(); len(got) != 1 {
				w.t.Errorf("the customer was told %+v", got)
			}
		})
		w.fact("WhatCouldNotBeSentIsTriedAgain", func(w *world) {
			other := w.meets("whatsapp", "dora", "Dora")
			w.rooms.Err = errors.New("no rooms now")
			evt := channel.MessageIn{Base: channel.Base{Ref: other, Key: "in:$stop", At: w.time.Now()}, ID: "$stop", From: channel.Party{ID: "dora"}, Content: channel.Content{Kind: "text", Text: "STOP"}}
			w.must(w.Inbox.HandleChannelEvent(w.ctx, evt))
			if w.HandleChannelEvent(w.ctx, evt) == nil {
				w.t.Error("nobody was told")
			}
			w.rooms.Err = nil
			w.must(w.HandleChannelEvent(w.ctx, evt))
			if _, ok := w.rooms.Said()["consent:in:$stop"]; !ok {
				w.t.Error("it was not confirmed")
			}
		})
		w.fact("InTheCustomersLanguage", func(w *world) {
			other := w.meets("whatsapp", "elena", "Elena")
			w.must(w.Customers.SetLanguage(w.ctx, w.of(other), "es", anna))
			baja := w.writes(other, "elena", "STOP")
			if got := w.rooms.Said()["consent:"+baja.Key].Text; got == "" || got == want.Text {
				w.t.Errorf("the customer was told %q", got)
			}
		})
		w.fact("ABlockedCustomersIsKeptAndNotAnswered", func(w *world) {
			other := w.meets("whatsapp", "fred", "Fred")
			w.must(w.Customers.Block(w.ctx, w.of(other), anna))
			stop := w.writes(other, "fred", "STOP")
			if _, told := w.rooms.Said()["consent:"+stop.Key]; told {
				w.t.Error("a blocked customer was answered")
			}
			if decision, err := w.Consent.Allowed(w.ctx, w.of(other), "whatsapp", consent.Utility); err != nil || decision.Allowed {
				w.t.Errorf("the ledger has %+v, %v", decision, err)
			}
		})
		w.fact("OtherWordsAreNone", func(w *world) {
			before := len(w.rooms.Said())
			w.writes(ref, "carla", "please stop the machine")
			if len(w.rooms.Said()) != before {
				w.t.Errorf("the customer was told %+v", said())
			}
		})
	})
}

// TestInGroupsNothingIsHeard: people speak to each other there.
func TestInGroupsNothingIsHeard(t *testing.T) {
	each(t, Anyone, func(w *world) {
		w.rooms.Approved = []channel.Template{{Name: "sale", Category: "MARKETING"}}
		ref := w.meets("whatsapp", "carla", "Carla")
		group := w.group()
		w.writes(group, "carla", "STOP")
		w.hear(channel.StatusChanged{Base: channel.Base{Ref: group, Key: "status", At: w.time.Now()}, ID: "$out", State: channel.Failed, Objection: "utility"})
		list, err := w.Consent.History(w.ctx, w.of(ref))
		if err != nil || len(list) != 0 || len(w.rooms.Said()) != 0 {
			w.t.Errorf("noted was %+v, %v; said was %+v", list, err, w.rooms.Said())
		}
		w.passes(w.text(group, anna))
		w.passes(w.template(group, anna, "sale"))
	})
}

func TestAnObjectionOfTheNetworkIsRecorded(t *testing.T) {
	each(t, Anyone, func(w *world) {
		w.rooms.Approved = []channel.Template{{Name: "sale", Category: "MARKETING"}, {Name: "order", Category: "UTILITY"}}
		ref := w.meets("whatsapp", "carla", "Carla")
		w.agrees(ref, consent.Marketing, consent.In)
		failed := func(id, objection string) channel.StatusChanged {
			return channel.StatusChanged{Base: channel.Base{Ref: ref, Key: "status:" + id, At: w.time.Now()}, ID: id, State: channel.Failed, Reason: "x", Objection: objection}
		}
		w.hear(failed("$other", ""))
		w.hear(failed("$odd", "horoscopes"))
		w.passes(w.template(ref, anna, "sale"))
		w.time.Advance(1)
		objection := failed("$sale", "marketing")
		w.hear(objection)
		w.hear(objection)
		w.refused(w.template(ref, anna, "sale"), noMarketing)
		w.passes(w.template(ref, anna, "order"))
		list, err := w.Consent.History(w.ctx, w.of(ref))
		w.must(err)
		entry := list[0]
		if len(list) != 2 || entry.Source != consent.Provider || entry.Event != "$sale" || entry.Conversation != w.in(ref).ID || entry.Network != "whatsapp" || entry.Purpose != consent.Marketing {
			w.t.Errorf("noted was %+v", list)
		}
		if len(w.rooms.Said()) != 0 {
			w.t.Errorf("the customer was told %+v", w.rooms.Said())
		}
	})
}

func TestEventsOfRoomsThatNobodyKnows(t *testing.T) {
	each(t, Anyone, func(w *world) {
		ref := channel.Ref{Network: "whatsapp", Room: "!unknown"}
		w.must(w.HandleChannelEvent(w.ctx, channel.MessageIn{Base: channel.Base{Ref: ref, Key: "k"}, ID: "$x", Content: channel.Content{Kind: "text", Text: "STOP"}}))
		w.must(w.HandleChannelEvent(w.ctx, channel.StatusChanged{Base: channel.Base{Ref: ref, Key: "k"}, Objection: "marketing"}))
		w.must(w.HandleChannelEvent(w.ctx, channel.PresenceChanged{}))
		if len(w.rooms.Said()) > 0 {
			w.t.Errorf("said was %+v", w.rooms.Said())
		}
	})
}
