package load

import (
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"

	"puente/core/testkit/person"
)

type (
	eventOf   = event.Event
	messageOf = event.MessageEventContent
)

// turn is what an agent does with one conversation: claims it if it is nobody's, reads, notes, answers twice, labels, and ends
// it in one of several ways.
func (s *shift) turn(a *agent, one task) error {
	steps := []func(*agent, task) error{s.reads, s.jots, s.replies, s.labels, s.endings()[one.ends%len(s.endings())]}
	if one.free {
		steps = append([]func(*agent, task) error{s.claim}, steps...)
	}
	one.want = &want{assignee: a.UserID.String(), status: "open", label: label(one.customer)}
	if slices.Contains(s.leavers(), a) {
		one.want.assignee, one.want.not = "", a.UserID.String()
	}
	for _, step := range steps {
		if err := step(a, one); err != nil {
			return err
		}
	}
	return nil
}

func label(c *customer) string { return fmt.Sprintf("label%d", c.n) }

func (s *shift) claim(a *agent, one task) error {
	mark, began := a.Mark(), time.Now()
	if _, err := a.Say(s.ctx, one.room, "!puente claim"); err != nil {
		return err
	}
	_, err := a.Sees(s.ctx, mark, "that it has the conversation", assigned(one.room, a))
	s.did("claim", 1)
	s.lock.Lock()
	defer s.lock.Unlock()
	s.claims = append(s.claims, time.Since(began))
	return err
}

func (s *shift) reads(a *agent, one task) error {
	text, err := s.asks(one.customer)
	if err != nil {
		return err
	}
	s.did("the customer writes again", 1)
	_, err = a.Sees(s.ctx, 0, "what the customer wrote", person.Text(text))
	return err
}

// jots notes in both ways.
func (s *shift) jots(a *agent, one task) error {
	s.did("a note", 2)
	if _, err := a.Say(s.ctx, one.room, "!puente note for "+secret); err != nil {
		return err
	}
	return s.notes(s.ctx, a, one.customer, one.card)
}

func (s *shift) replies(a *agent, one task) error {
	for range 2 {
		began := time.Now()
		if err := s.office.answers(s.ctx, a, one.customer); err != nil {
			return err
		}
		s.did("an answer", 1)
		s.lock.Lock()
		s.answers = append(s.answers, time.Since(began))
		s.lock.Unlock()
	}
	return nil
}

// labels gives a label without waiting for it: what comes next follows at once.
func (s *shift) labels(a *agent, one task) error {
	s.did("a label", 1)
	_, err := a.Say(s.ctx, one.room, "!puente label "+label(one.customer))
	return err
}

// endings are the ways in which a turn ends.
func (s *shift) endings() []func(*agent, task) error {
	return []func(*agent, task) error{s.passes, s.snoozes, s.resolves, s.resolvesTooEarly, s.keeps}
}

func (s *shift) keeps(*agent, task) error { return nil }

// passes gives it to a colleague, who is not in the room yet.
func (s *shift) passes(a *agent, one task) error {
	to := one.mates[0]
	if to == a {
		return nil
	}
	s.did("assign to a colleague", 1)
	one.want.assignee, one.want.not = to.UserID.String(), ""
	_, err := a.Say(s.ctx, one.room, "!puente assign "+to.UserID.String())
	return err
}

func (s *shift) snoozes(a *agent, one task) error {
	s.did("snooze", 1)
	one.want.status = "snoozed"
	one.want.assignee, one.want.not = a.UserID.String(), "" // what is put aside waits for who put it there
	_, err := a.SendReaction(s.ctx, one.room, one.card, "💤")
	return err
}

func (s *shift) resolves(a *agent, one task) error {
	s.did("resolve", 1)
	one.want.status = "resolved"
	one.want.assignee, one.want.not = a.UserID.String(), ""
	_, err := a.Say(s.ctx, one.room, "!puente resolve")
	return err
}

// resolvesTooEarly ends the work, and the customer writes again.
func (s *shift) resolvesTooEarly(a *agent, one task) error {
	kept := *one.want
	mark := a.Mark()
	if err := s.resolves(a, one); err != nil {
		return err
	}
	if _, err := a.Sees(s.ctx, mark, "that the work is done", status(one.room, "resolved")); err != nil {
		return err
	}
	*one.want = kept
	s.did("the customer's message opens it again", 1)
	mark = a.Mark()
	if _, err := s.asks(one.customer); err != nil {
		return err
	}
	_, err := a.Sees(s.ctx, mark, "that there is work again", status(one.room, "open"))
	return err
}
