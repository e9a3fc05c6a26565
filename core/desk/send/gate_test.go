package send

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

const (
	nobodys = "nobody has this conversation. Take it with ✋ on the card or `!puente claim`, then send it again."
	annas   = "Anna Martín has this conversation. `!puente assign me` takes it over; `!puente note …` says it among you."
	outside = "only the team writes to customers. `!puente guest @partner:elsewhere.org 2h`, by one of them, lets you write for a time."
	warning = "ℹ️ Anna Martín has this conversation. Your message is sent all the same."
	blocked = "this customer is blocked. `!puente unblock` lets you write again."
)

// TestWhoMayWrite: each policy, for each assignee, and each author.
func TestWhoMayWrite(t *testing.T) {
	for _, policy := range []Policy{Anyone, Warn, OnlyAssignee} {
		t.Run(string(policy), func(t *testing.T) {
			each(t, policy, func(w *world) {
				for _, claims := range []bool{false, true} {
					w.Inbox.ClaimOnAnswer = claims
					for _, assignee := range []string{"", anna, ben} {
						for _, author := range []string{anna, ben, guest, ""} {
							w.fact(strings.Join([]string{map[bool]string{true: "claims"}[claims], "of " + assignee, "by " + author}, " "), func(w *world) {
								w.mayWrite(policy, claims, assignee, author)
							})
						}
					}
				}
			})
		})
	}
}

func (w *world) mayWrite(policy Policy, claims bool, assignee, author string) {
	w.t.Helper()
	ref := w.meets("whatsapp", w.next("person"), "Carla")
	if assignee != "" {
		w.must(w.Inbox.Assign(w.ctx, w.in(ref).ID, assignee, assignee))
	}
	before := len(w.rooms.Notices())
	out := w.text(ref, author)
	names := strings.NewReplacer("Anna Martín", map[string]string{anna: "Anna Martín", ben: "Ben"}[assignee])
	words, told, owner := "", 0, assignee
	switch {
	case author == guest:
		words = outside
	case author == "" || author == assignee:
	case assignee == "" && claims:
		owner = author
	case policy == OnlyAssignee && assignee == "":
		words = nobodys
	case policy == OnlyAssignee:
		words = names.Replace(annas)
	case policy == Warn && assignee != "":
		told = 1
	}
	if words == "" {
		w.passes(out)
	} else {
		w.refused(out, words)
	}
	if got := w.in(ref).Assignee; got != owner {
		w.t.Errorf("it is %q's then, and not %q's", got, owner)
	}
	if got := w.rooms.Notices(); len(got) != before+told || told == 1 && !slices.Contains(got, out.ID+": "+names.Replace(warning)) {
		w.t.Errorf("the team was told %q", got[before:])
	}
}

func TestWhatIsNotAskedOfAnybody(t *testing.T) {
	each(t, OnlyAssignee, func(w *world) {
		ref := w.meets("whatsapp", "carla", "Carla")
		w.must(w.Inbox.Assign(w.ctx, w.in(ref).ID, anna, anna))
		with := func(change func(*channel.Outgoing)) channel.Outgoing {
			out := w.text(ref, ben)
			change(&out)
			return out
		}
		w.fact("OfAReaction", func(w *world) { w.passes(with(func(out *channel.Outgoing) { out.Content.Kind = "reaction" })) })
		w.fact("OfADeletion", func(w *world) { w.passes(with(func(out *channel.Outgoing) { out.Content.Kind = "deletion" })) })
		w.fact("OfWhatPassedBefore", func(w *world) { w.passes(with(func(out *channel.Outgoing) { out.Again = true })) })
		w.fact("ButOfAnEdit", func(w *world) { w.refused(with(func(out *channel.Outgoing) { out.Content.Kind = "edit" }), annas) })
		w.fact("ButOfAPoll", func(w *world) { w.refused(with(func(out *channel.Outgoing) { out.Content.Kind = "other" }), annas) })
		w.fact("NorIsThereAClaim", func(w *world) {
			other := w.meets("whatsapp", "dora", "Dora")
			for _, change := range []func(*channel.Outgoing){
				func(out *channel.Outgoing) { out.Content.Kind = "reaction" }, func(out *channel.Outgoing) { out.Content.Kind = "deletion" },
				func(out *channel.Outgoing) { out.Again = true },
			} {
				out := w.text(other, ben)
				change(&out)
				w.passes(out)
			}
			if got := w.in(other).Assignee; got != "" {
				w.t.Errorf("it is %q's", got)
			}
		})
	})
}

// TestAgainLeavesOnlyTheAssigneeOut: what was forbidden since is forbidden.
func TestAgainLeavesOnlyTheAssigneeOut(t *testing.T) {
	each(t, OnlyAssignee, func(w *world) {
		ref := w.meets("whatsapp", "carla", "Carla")
		again := func(out channel.Outgoing) channel.Outgoing { out.Again = true; return out }
		w.passes(again(w.text(ref, ben)))
		w.rooms.Approved = []channel.Template{{Name: "sale", Category: "MARKETING"}}
		w.refused(again(w.template(ref, ben, "sale")), notAgreed)
		w.time.Advance(25 * time.Hour)
		if err := w.MayLeave(w.ctx, again(w.text(ref, ben))); !strings.HasPrefix(errs.Message(err), "the customer wrote more than 24 hours ago") {
			w.t.Errorf("outside of the window: %v", err)
		}
		w.must(w.Customers.Block(w.ctx, w.of(ref), anna))
		w.refused(again(w.text(ref, ben)), blocked)
	})
}

func TestGuestsMayWriteForATime(t *testing.T) {
	each(t, OnlyAssignee, func(w *world) {
		ref := w.meets("whatsapp", "carla", "Carla")
		w.must(w.Inbox.Assign(w.ctx, w.in(ref).ID, anna, anna))
		w.refused(w.text(ref, guest), outside)
		w.must(w.Inbox.Host(w.ctx, w.in(ref), guest, w.time.Now().Add(time.Hour), anna))
		w.passes(w.text(ref, guest))
		w.refused(w.text(w.meets("whatsapp", "dora", "Dora"), guest), outside)
		if got := w.in(ref).Assignee; got != anna {
			w.t.Errorf("it is %q's", got)
		}
		w.time.Advance(time.Hour)
		w.refused(w.text(ref, guest), outside)
		reaction := w.text(ref, guest)
		reaction.Content.Kind = "reaction"
		w.refused(reaction, outside)
	})
}

func TestTheWarningIsGivenOnce(t *testing.T) {
	each(t, Warn, func(w *world) {
		ref := w.meets("whatsapp", "carla", "Carla")
		assign := func(who string) {
			w.time.Advance(time.Second)
			w.must(w.Inbox.Assign(w.ctx, w.in(ref).ID, who, who))
		}
		assign(anna)
		for range 2 {
			w.passes(w.text(ref, ben))
		}
		w.must(w.Inbox.Assign(w.ctx, w.in(ref).ID, "", anna))
		assign(anna)
		w.passes(w.text(ref, ben))
		if got := w.rooms.Notices(); len(got) != 2 {
			w.t.Errorf("the team was told %q", got)
		}
		w.rooms.Err = errors.New("no rooms now")
		assign(ben)
		w.passes(w.text(ref, anna))
	})
}

// TestOneOfTwoGetsIt: two agents answer at the same moment what is nobody's.
func TestOneOfTwoGetsIt(t *testing.T) {
	each(t, OnlyAssignee, func(w *world) {
		for range 10 {
			ref := w.meets("whatsapp", w.next("person"), "Carla")
			outs := []channel.Outgoing{w.text(ref, anna), w.text(ref, ben)}
			answers := make([]error, len(outs))
			var asking sync.WaitGroup
			for i, out := range outs {
				asking.Go(func() { answers[i] = w.MayLeave(w.ctx, out) })
			}
			asking.Wait()
			owner := w.in(ref).Assignee
			for i, out := range outs {
				if won := out.From.ID == owner; won != (answers[i] == nil) || !won && !strings.HasSuffix(errs.Message(answers[i]), "has this conversation. `!puente assign me` takes it over; `!puente note …` says it among you.") {
					w.t.Errorf("it is %s's, and %s was answered with %v", owner, out.From.ID, answers[i])
				}
			}
		}
	})
}

func TestWhoIsBlocked(t *testing.T) {
	each(t, Anyone, func(w *world) {
		ref := w.meets("whatsapp", "carla", "Carla")
		w.must(w.Customers.Block(w.ctx, w.of(ref), anna))
		for _, who := range []string{anna, ""} {
			out := w.text(ref, who)
			w.refused(out, blocked)
			w.refused(w.template(ref, who, "any"), blocked)
			out.Content.Kind = "reaction"
			w.refused(out, blocked)
			out.Content.Kind = "deletion"
			w.passes(out)
		}
		w.must(w.Customers.Unblock(w.ctx, w.of(ref), anna))
		w.passes(w.text(ref, anna))
	})
}

func TestRoomsThatNobodyKnows(t *testing.T) {
	each(t, Anyone, func(w *world) {
		out := w.text(channel.Ref{Network: "whatsapp", Room: "!unknown"}, anna)
		err := w.MayLeave(w.ctx, out)
		if !errors.Is(err, errs.ErrNotFound) || !errs.IsFinal(err) || errs.Message(err) != "this room is no conversation that Puente knows." {
			w.t.Errorf("it was answered with %v (%s)", err, errs.Message(err))
		}
		out.Content.Kind = "deletion"
		w.passes(out)
	})
}

// TestAFailureOfOursIsNoRefusal: the message waits until it can be asked.
func TestAFailureOfOursIsNoRefusal(t *testing.T) {
	each(t, OnlyAssignee, func(w *world) {
		ref := w.meets("whatsapp", "carla", "Carla")
		w.rooms.Approved = []channel.Template{{Name: "order", Category: "UTILITY"}}
		for _, table := range []string{"pu_conversation", "pu_customer", "pu_consent", "pu_audit", "pu_guest"} {
			w.fact(table, func(w *world) {
				who := anna
				if table == "pu_guest" {
					who = guest
				}
				out := w.template(ref, who, "order")
				w.without(table, func() { w.later(out) })
				if got := w.in(ref).Assignee; got != "" {
					w.t.Errorf("it is %q's", got)
				}
			})
		}
		w.fact("TheProvidersTemplates", func(w *world) {
			w.rooms.Err = errors.New("timeout")
			w.later(w.template(ref, anna, "order"))
			w.rooms.Err = errs.Tell(errs.ErrNotFound, "the account is no longer connected.")
			if err := w.MayLeave(w.ctx, w.template(ref, anna, "order")); errs.Message(err) != "the account is no longer connected." {
				w.t.Errorf("it was answered with %v", err)
			}
			w.rooms.Err = nil
		})
		w.passes(w.template(ref, anna, "order"))
	})
}
