package inbox

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// command runs what Anna writes behind !puente, in a conversation's room or, without one, in a chat with Puente.
func (w *world) command(c *Conversation, text string) (string, error) {
	name, rest, _ := strings.Cut(text, " ")
	cmd := channel.Command{ID: w.next("$cmd"), By: channel.Party{ID: anna, Name: "Anna Martín"}, Name: name, Text: rest, At: w.time.Now()}
	if c != nil {
		cmd.Ref = c.Ref
	}
	return w.Run(w.ctx, cmd)
}

// done checks that a command is done and what is answered; "" where the room shows it by itself.
func (w *world) done(c *Conversation, text, want string) {
	w.t.Helper()
	if answer, err := w.command(c, text); err != nil || answer != want {
		w.t.Errorf("%q is answered with %q, %v", text, answer, err)
	}
}

// wrong checks that a command is refused, and that the one who wrote it is told so.
func (w *world) wrong(c *Conversation, text string, kind error, words string) {
	w.t.Helper()
	_, err := w.command(c, text)
	w.refused(err, kind, words)
}

func TestCommandsOfARoom(t *testing.T) {
	each(t, nil, func(w *world) {
		c := w.meets("whatsapp", "Ana")
		w.fact("Claim", func(w *world) {
			w.done(c, "claim", "")
			w.is(c, Open, anna)
			other := w.has(ben)
			w.wrong(other, "claim", errs.ErrConflict, "Ben has it already")
		})
		w.fact("Release", func(w *world) {
			w.done(c, "release", "")
			w.is(c, Open, "")
		})
		w.fact("Assign", func(w *world) {
			for _, test := range []struct{ text, agent string }{{"me", anna}, {"Ben", ben}, {"@cleo:example.com", cleo}, {" ME ", anna}} {
				w.done(c, "assign "+test.text, "")
				w.is(c, Open, test.agent)
			}
			for _, text := range []string{"team support", "Team  SUPPORT", "team Sales"} {
				w.done(c, "assign "+text, "")
			}
			if found := w.now(c); found.Team != "Sales" || found.Assignee != "" || len(w.deeds(c)) != 8 {
				w.t.Errorf("it is %+v after %v", found, w.deeds(c))
			}
			w.wrong(c, "assign", errs.ErrInvalid, "write to whom")
			w.wrong(c, "assign zoe", errs.ErrNotFound, "The team: Anna Martín, Ben, Cleo.")
			w.wrong(c, "assign team", errs.ErrNotFound, "The team: Anna Martín, Ben, Cleo.")
			w.wrong(c, "assign team zoo", errs.ErrNotFound, "There are: Sales, Support.")
		})
		w.fact("AssignWhoIsMentioned", func(w *world) {
			cmd := channel.Command{Ref: c.Ref, By: channel.Party{ID: anna}, Name: "assign", Text: "the Ben from sales", Mentions: []string{ben}}
			_, err := w.Run(w.ctx, cmd)
			w.must(err)
			w.is(c, Open, ben)
			cmd.Mentions = []string{"@stranger:example.org"}
			_, err = w.Run(w.ctx, cmd)
			w.refused(err, errs.ErrNotFound, "nobody on the team")
		})
		w.fact("Resolve", func(w *world) {
			w.done(c, "resolve Refund, partly | half of it\nis back", "")
			if w.is(c, Resolved, ben); w.reads(`SELECT COUNT(*) FROM pu_closing WHERE category='Refund, partly' AND summary=$1`, "half of it\nis back") != 1 {
				w.t.Error("how it ended is not noted")
			}
			w.Closing.Required = true
			w.wrong(w.meets("whatsapp", "B"), "resolve | only a summary", errs.ErrInvalid, "say in a word")
			w.Closing.Required = false
		})
		w.fact("OpenAndPending", func(w *world) {
			w.done(c, "pending", "")
			w.is(c, Pending, ben)
			w.done(c, "open", "")
			w.is(c, Open, ben)
		})
		w.fact("Snooze", func(w *world) {
			for text, want := range map[string]time.Time{
				"": start.Add(24 * hour), " 2h": w.time.Now().Add(2 * hour), " tomorrow 14:30": start.Add(29*hour + 30*time.Minute), " Forever": {},
			} {
				w.done(c, "snooze"+text, "")
				if found := w.now(c); found.Status != Snoozed || !found.SnoozedUntil.Equal(want) {
					w.t.Errorf("after %q it is %s until %s", text, found.Status, found.SnoozedUntil)
				}
			}
			w.wrong(c, "snooze soon", errs.ErrInvalid, "I do not understand that time")
			w.wrong(c, "snooze today 8:00", errs.ErrInvalid, "that time has passed already")
			w.done(c, "open", "")
		})
		w.fact("Label", func(w *world) {
			w.done(c, "label VIP, new +gold", "")
			w.done(c, "label -new refund - ", "")
			if found := w.now(c); !slices.Equal(found.Labels, []string{"gold", "refund", "vip"}) {
				w.t.Errorf("the labels are %q", found.Labels)
			}
			w.wrong(c, "label", errs.ErrInvalid, "write the labels")
			w.wrong(c, "label ,", errs.ErrInvalid, "write the labels")
			w.wrong(c, "label "+strings.Repeat("x", 51), errs.ErrInvalid, "at most 50 letters")
		})
		w.fact("Priority", func(w *world) {
			for text, want := range map[string]Priority{"low": "low", " URGENT": "urgent", "none": ""} {
				w.done(c, "priority "+text, "")
				if found := w.now(c); found.Priority != want {
					w.t.Errorf("it is %s", found.Priority)
				}
			}
			w.wrong(c, "priority", errs.ErrInvalid, "low, medium, high, urgent or none")
			w.wrong(c, "priority asap", errs.ErrInvalid, "low, medium, high, urgent or none")
		})
		w.fact("WhatNoDatabaseTakesIsLeftOut", func(w *world) {
			d := w.meets("whatsapp", "Berta")
			w.done(d, "resolve a\x00b | c\x00\xffd", "")
			if w.reads(`SELECT COUNT(*) FROM pu_closing WHERE category='ab' AND summary=$1`, "c\uFFFDd") != 1 {
				w.t.Error("how it ended is not noted")
			}
		})
	})
}

func TestHistory(t *testing.T) {
	each(t, func(s *Settings) { s.Zone = zone(t, "Europe/Madrid") }, func(w *world) {
		c := w.meets("whatsapp", "Ana")
		w.done(c, "history", "Nothing was done to this conversation yet.")
		w.done(c, "claim", "")
		w.must(w.Transfer(w.ctx, c.ID, "Support", "@gone:example.com"))
		w.done(c, "label vip new", "")
		w.done(c, "label -vip -new", "")
		w.done(c, "priority high", "")
		w.done(c, "snooze forever", "")
		w.time.Advance(time.Minute)
		w.writes(c)
		w.time.Advance(time.Minute)
		w.must(w.Customers.Prefer(w.ctx, c.Customer, "whatsapp", c.Customer))
		w.time.Advance(time.Minute)
		w.must(w.Customers.Block(w.ctx, c.Customer, anna))
		w.done(c, "history", strings.Join([]string{
			"Mon 2 Mar 10:03  Anna Martín: customer blocked",
			"Mon 2 Mar 10:02  the customer: customer preferred",
			"Mon 2 Mar 10:01  Puente: reopened",
			"Mon 2 Mar 10:00  Anna Martín: snoozed",
			"Mon 2 Mar 10:00  Anna Martín: prioritised (high)",
			"Mon 2 Mar 10:00  Anna Martín: labelled",
			"Mon 2 Mar 10:00  Anna Martín: labelled (new, vip)",
			"Mon 2 Mar 10:00  @gone:example.com: transferred (Support)",
			"Mon 2 Mar 10:00  Anna Martín: claimed (Anna Martín)",
		}, "\n"))
		for range 20 {
			w.done(c, "claim", "")
			w.done(c, "release", "")
		}
		if answer, err := w.command(c, "history"); err != nil || strings.Count(answer, "\n") != 14 {
			w.t.Errorf("it is %q, %v", answer, err)
		}
	})
}

func TestCommandsOfAChat(t *testing.T) {
	each(t, nil, func(w *world) {
		first, second, nobodys := w.has(anna), w.has(ben), w.meets("signal", "**Dora**")
		unknown := &Conversation{Ref: channel.Ref{Network: "signal", Room: "!unknown"}}
		w.fact("Availability", func(w *world) {
			for _, room := range []*Conversation{nil, first, unknown} {
				w.done(room, "offline", "You are offline. What you have goes back to the queue in 10m0s.")
				w.there(anna, Offline)
				w.done(room, "busy", "You are busy: you are given nothing more.")
				w.there(anna, Busy)
				w.done(room, "online", "You are online.")
				w.there(anna, Online)
				w.done(room, "auto", "Your client shows whether you are there.")
			}
			w.OfflineGrace = 0
			w.Inbox = New(w.Options)
			w.done(nil, "offline", "You are offline.")
		})
		w.fact("Team", func(w *world) {
			w.says(ben, Busy)
			w.done(nil, "team", "Anna Martín – offline, 1 open\nBen – busy, 1 open\nCleo – online, 0 open")
			w.done(first, "team", "Anna Martín – offline, 1 open\nBen – busy, 1 open\nCleo – online, 0 open")
		})
		w.fact("QueueAndMine", func(w *world) {
			w.writes(first)
			link := "](https://chat/"
			w.done(nil, "mine", "* [Somebody"+link+first.Ref.Room+") on whatsapp, waiting since Mon 2 Mar 09:00")
			w.done(nil, "queue", `* [\*\*Dora\*\*`+link+nobodys.Ref.Room+") on signal")
			w.must(w.Assign(w.ctx, nobodys.ID, cleo, cleo))
			w.must(w.Assign(w.ctx, first.ID, cleo, cleo))
			w.done(nil, "queue", "Nothing is nobody's.")
			w.done(nil, "mine", "You have no open conversations.")
			for range mostListed + 1 {
				w.has(anna)
				w.meets("signal", "")
			}
			for _, list := range []string{"mine", "queue"} {
				if answer, err := w.command(nil, list); err != nil || strings.Count(answer, "\n") != mostListed-1 {
					w.t.Errorf("%s is %q, %v", list, answer, err)
				}
			}
		})
		w.fact("WhatIsForARoomIsRefusedElsewhere", func(w *world) {
			for _, verb := range w.Verbs() {
				if verb.Chat {
					continue
				}
				w.wrong(nil, verb.Name, errs.ErrUnsupported, "in a conversation's room")
				w.wrong(unknown, verb.Name, errs.ErrNotFound, "nothing is known of this conversation yet")
			}
			w.is(second, Open, ben)
		})
	})
}

func TestVerbs(t *testing.T) {
	w := &world{t: t, Inbox: New(Options{})}
	seen := map[string]bool{}
	for _, verb := range w.Verbs() {
		if verb.Name != strings.ToLower(verb.Name) || strings.Contains(verb.Name, " ") || verb.Help == "" || seen[verb.Name] || !verb.Room && !verb.Chat {
			t.Errorf("a verb is %+v", verb)
		}
		if line := len("!puente " + verb.Name + " " + verb.Args + " – " + verb.Help); line > 140 {
			t.Errorf("the help on %s has %d letters, too many for a phone", verb.Name, line)
		}
		seen[verb.Name] = true
	}
	if _, err := w.Run(t.Context(), channel.Command{Name: "dance"}); !errors.Is(err, errs.ErrUnsupported) {
		t.Errorf("the error is %v", err)
	}
}
