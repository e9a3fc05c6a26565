package demo

import (
	"context"
	"errors"
	"fmt"

	"maunium.net/go/mautrix/event"

	"puente/bridges/whatsapp/emulator"
)

// businessIn are messages that belong to the trade.
func businessIn() []act {
	return []act{
		{"flow answer", in, "m.text", func(ctx context.Context, s *scene) error {
			if _, err := s.ana.FlowReply("", "flow", map[string]any{"delivery_day": "Friday", "flow_token": "t"}); err != nil {
				return err
			}
			return s.readsText(ctx, "delivery_day", "Friday")
		}},
		{"order", in, "m.text", func(ctx context.Context, s *scene) error {
			_, err := s.ana.SendOrder(emulator.Purchase{
				CatalogID: "194836987003835", Text: "Please wrap it",
				Items: []emulator.PurchaseItem{{ProductID: "lamp-blue", Quantity: 2, Price: 39.9, Currency: "EUR"}},
			})
			if err != nil {
				return err
			}
			return s.readsText(ctx, "2 × lamp-blue", "39.9", "EUR", "Please wrap it")
		}},
		{"group message", in, "m.text, another room", playGroup},
		{"echo from the business app", in, "m.text", func(ctx context.Context, s *scene) error {
			const text = "Written by the boss on the phone"
			if _, err := s.ana.Echo(text, nil); err != nil {
				return err
			}
			_, err := s.bobSees(ctx, "the echo as the business's own words", func(evt *event.Event) bool {
				return evt.RoomID == s.room && evt.Type == event.EventMessage && evt.Sender != s.ghost && s.names.IsPuppet(evt.Sender) && evt.Content.AsMessage().Body == text
			})
			return err
		}},
		{"number change, the room stays", in, "m.notice, topic", playNumberChange},
	}
}

func playGroup(ctx context.Context, s *scene) error {
	ben, err := s.w.customer("Ben", "16505550102")
	if err != nil {
		return err
	}
	group, err := s.w.emulator.AddGroup(emulator.Group{Number: phoneNumberID, Subject: "Lamps for the hall", Members: []string{s.ana.UserID, ben.UserID}})
	if err != nil {
		return fmt.Errorf("make a group: %w", err)
	}
	s.begin()
	const text = "Which lamps do we all like?"
	if _, err = s.ana.SendText(text, emulator.InGroup(group.ID)); err != nil {
		return err
	}
	_, err = s.bobSees(ctx, "it in a room of its own", func(evt *event.Event) bool {
		return evt.RoomID != s.room && evt.Type == event.EventMessage && evt.Sender == s.ghost && evt.Content.AsMessage().Body == text
	})
	return err
}

// playNumberChange is about somebody else, so that Ana's number stays: Nora writes, changes her number, writes again.
func playNumberChange(ctx context.Context, s *scene) error {
	const newNumber = "16505550104"
	nora, err := s.w.customer("Nora", "16505550103")
	if err != nil {
		return err
	}
	first, err := s.hears(ctx, nora, "Hello from my old number")
	if err != nil {
		return err
	}
	s.begin()
	if _, err = nora.ChangeNumber(newNumber); err != nil {
		return err
	}
	_, err = s.bobSees(ctx, "the notice", func(evt *event.Event) bool {
		return evt.RoomID == first.RoomID && evt.Type == event.EventMessage && containsAll(evt.Content.AsMessage().Body, "new phone number")
	})
	if err != nil {
		return err
	}
	_, err = s.bobSees(ctx, "the new number in the topic", func(evt *event.Event) bool {
		return evt.RoomID == first.RoomID && evt.Type == event.StateTopic && containsAll(evt.Content.AsTopic().Topic, "+"+newNumber)
	})
	if err != nil {
		return err
	}
	came := s.came
	second, err := s.hears(ctx, nora, "Hello from my new number")
	if err != nil {
		return err
	} else if second.RoomID != first.RoomID {
		return errors.New("the next message came into another room")
	}
	s.came = came
	return nil
}

// hears lets a customer write and waits until bob has it, whatever the room.
func (s *scene) hears(ctx context.Context, who *customer, text string) (*event.Event, error) {
	mark := s.bob.Mark()
	if _, err := who.SendText(text); err != nil {
		return nil, err
	}
	seen, err := s.bob.Sees(ctx, mark, fmt.Sprintf("%q", text), func(evt *event.Event) bool {
		return evt.Type == event.EventMessage && evt.Content.AsMessage().Body == text
	})
	return seen.Event, err
}

// noticesIn stand for what Puente cannot hand over; bob must learn that it was there.
func noticesIn() []act {
	notice := func(name, part string, do func(*customer) (string, error)) act {
		return act{name, in, "m.notice", func(ctx context.Context, s *scene) error {
			if _, err := do(s.ana); err != nil {
				return err
			}
			_, err := s.bobReads(ctx, event.MsgNotice, func(msg *event.MessageEventContent) bool { return containsAll(msg.Body, part) })
			return err
		}}
	}
	return []act{
		notice("call", "calling", func(c *customer) (string, error) { return c.Call() }),
		notice("unsupported: a poll", "poll", func(c *customer) (string, error) { return c.SendUnsupported("poll") }),
		notice("unsupported: a file too large", "too large", func(c *customer) (string, error) { return c.SendTooLarge() }),
	}
}
