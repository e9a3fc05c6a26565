package crash

import (
	"context"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/core/hub/network"
)

// thumb is what everybody reacts with.
const thumb = "👍"

// changedWords stand behind the token of a text that was edited.
const changedWords = " and changed"

// change does something to an earlier message: which thing, the roll says. Where the network does not have it, nothing is
// done.
func (l *load) change(c *chat, dir string, roll int) error {
	kind := []string{edited, reacted, removed}[roll%3]
	if !c.can(dir, kind) {
		return nil
	}
	if dir == in {
		return l.customerChanges(c, kind)
	}
	return l.agentChanges(c, kind)
}

// can tells whether one side of the chat can do such a thing to a message.
func (c *chat) can(dir, kind string) bool {
	if dir == in {
		feature := map[string]network.Feature{edited: network.FeatureEdit, reacted: network.FeatureReaction, removed: network.FeatureDelete}[kind]
		// In groups each member may change only what they wrote; one phone is looked at.
		return c.provider.receives(feature) && len(c.members) == 1
	}
	return c.provider.sends(func(f *event.RoomFeatures) event.CapabilitySupportLevel {
		return map[string]event.CapabilitySupportLevel{edited: f.Edit, reacted: f.Reaction, removed: f.Delete}[kind]
	})
}

func (l *load) customerChanges(c *chat, kind string) error {
	target := in
	if kind == reacted {
		target = out
	}
	found := ""
	one := c.untouched(target, func(one line) bool {
		if !one.text || kind == removed && one.token.seq == 1 { // a room is known by its customer's first words
			return false
		}
		found = c.onPhone(one.token)
		return found != ""
	})
	if one == nil {
		return nil
	}
	gesture := phone.Gesture{Kind: phone.React, Message: found, Text: thumb}
	switch kind {
	case edited:
		gesture = phone.Gesture{Kind: phone.Edit, Message: found, Text: one.token.String() + changedWords}
	case removed:
		gesture = phone.Gesture{Kind: phone.Delete, Message: found}
	}
	if err := c.provider.phones.Do(l.w.ctx, c.members[0].ID, c.id, gesture); err != nil {
		return err
	}
	c.keepChange(&madeChange{change: change{kind: kind, target: one.token, dir: in}, phone: found}, one)
	return nil
}

func (l *load) agentChanges(c *chat, kind string) error {
	target := out
	if kind == reacted {
		target = in
	}
	var found id.EventID
	one := c.untouched(target, func(one line) bool {
		if !one.text {
			return false
		}
		if found = one.event; target == in {
			found = l.eventOf(one.token)
		}
		return found != ""
	})
	if one == nil {
		return nil
	}
	sent, err := l.sendChange(c, kind, one, found)
	if err != nil {
		return err
	}
	c.keepChange(&madeChange{change: change{kind: kind, target: one.token, dir: out}, event: sent}, one)
	return nil
}

func (l *load) sendChange(c *chat, kind string, one *line, target id.EventID) (id.EventID, error) {
	turn := one.token.seq // only who wrote a message may change it
	switch kind {
	case edited:
		content := &event.MessageEventContent{MsgType: event.MsgText, Body: one.token.String() + changedWords}
		content.SetEdit(target)
		return l.say(c, turn, event.EventMessage, content)
	case removed:
		return l.again(func(ctx context.Context) (id.EventID, error) {
			sent, err := l.agent(turn).RedactEvent(ctx, c.where(), target)
			if err != nil {
				return "", err
			}
			return sent.EventID, nil
		})
	}
	return l.say(c, turn, event.EventReaction, &event.ReactionEventContent{
		RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: target, Key: thumb},
	})
}
