package crash

import (
	"context"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/clock"
	"puente/core/hub/network"
	"puente/core/testkit/person"
)

// replied chooses what the next message answers: the phone's ID of an agent's message, or the event of a customer's.
func (l *load) replied(c *chat, dir string) string {
	if dir == in && !c.provider.receives(network.FeatureReply) {
		return ""
	}
	if dir == out && !c.provider.sends(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Reply }) {
		return ""
	}
	other := map[string]string{in: out, out: in}[dir]
	lines := c.lines(other)
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].deleted || lines[i].parts > 0 {
			continue
		}
		if dir == in {
			if found := c.onPhone(lines[i].token); found != "" {
				return found
			}
		} else if found := l.eventOf(lines[i].token); found != "" {
			return found.String()
		}
	}
	return ""
}

// write writes a text. reply, if not empty, is what it answers.
func (l *load) write(c *chat, dir, reply string) (err error) {
	one := c.next(dir)
	one.text = true
	if dir == in {
		who := c.members[one.token.seq%len(c.members)]
		err = c.provider.phones.Do(l.w.ctx, who.ID, c.id, phone.Gesture{Kind: phone.Text, Text: one.token.String() + " from the customer", Message: reply})
	} else {
		content := &event.MessageEventContent{MsgType: event.MsgText, Body: one.token.String() + " from the agent"}
		if reply != "" {
			content.RelatesTo = (&event.RelatesTo{}).SetReplyTo(id.EventID(reply))
		}
		one.event, err = l.say(c, one.token.seq, event.EventMessage, content)
	}
	if err != nil {
		return err
	}
	c.keep(one)
	return nil
}

// say sends an event of an agent's. Alice and Bob take turns. A homeserver that is away is waited for.
func (l *load) say(c *chat, turn int, kind event.Type, content any) (id.EventID, error) {
	return l.again(func(ctx context.Context) (id.EventID, error) {
		return l.agent(turn).Send(ctx, c.where(), kind, content)
	})
}

func (l *load) agent(turn int) *person.Person {
	if turn%2 == 0 {
		return l.w.bob
	}
	return l.w.alice
}

// sayPatience is how long an agent tries to get a message to the homeserver.
const sayPatience = 90 * time.Second

func (l *load) again(send func(ctx context.Context) (id.EventID, error)) (id.EventID, error) {
	ctx, cancel := context.WithTimeout(l.w.ctx, sayPatience)
	defer cancel()
	for {
		sent, err := send(ctx)
		if err == nil {
			return sent, nil
		}
		if clock.Sleep(ctx, clock.System{}, time.Second) != nil {
			return "", err
		}
	}
}

// writePicture sends a picture with words below it; a customer, where the network has that, three in one message.
func (l *load) writePicture(c *chat, dir string) error {
	if dir == in && c.provider.pictures != nil && len(c.members) == 1 && l.dice(3) == 0 {
		return l.writePictures(c)
	}
	return l.writeOnePicture(c, dir)
}

func (l *load) writeOnePicture(c *chat, dir string) error {
	one := c.next(dir)
	caption := one.token.String() + " looks like this"
	var err error
	if dir == in {
		who := c.members[one.token.seq%len(c.members)]
		err = c.provider.phones.Do(l.w.ctx, who.ID, c.id, phone.Gesture{
			Kind: phone.SendFile, Text: caption, File: &phone.Upload{Name: "lamp.jpg", Mime: "image/jpeg", Content: l.w.photo},
		})
	} else {
		content := *l.picture
		content.FileName, content.Body = content.Body, caption
		one.event, err = l.say(c, one.token.seq, event.EventMessage, &content)
	}
	if err != nil {
		return err
	}
	c.keep(one)
	return nil
}

// writePictures sends three pictures in one message of a customer's.
func (l *load) writePictures(c *chat) error {
	one := c.next(in)
	one.parts = 3
	var names []string
	for part := 1; part <= one.parts; part++ {
		name := one.token
		name.part = part
		names = append(names, name.String()+".jpg")
	}
	if err := c.provider.pictures(c.members[0].ID, c.id, one.token.String()+" in three pictures", names); err != nil {
		return err
	}
	c.keep(one)
	return nil
}
