package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// notes knows which events stay among the team (table pu_note): the card, commands and notes, and whatever is about one
// of them, in a thread or otherwise. None of it ever reaches a bridge, nor does what is about an event that
// nobody knows: what a customer got cannot be taken back.
type notes struct{ db *dbutil.Database }

const (
	insertNoteQuery = `INSERT INTO pu_note (event_id, room_id) VALUES ($1, $2) ON CONFLICT (event_id) DO NOTHING`
	isNoteQuery     = `SELECT EXISTS (SELECT 1 FROM pu_note WHERE event_id=$1)`
	// What a customer sent or was sent, or was to be sent.
	isOutwardQuery = `SELECT EXISTS (SELECT 1 FROM message WHERE bridge_id=$1 AND mxid=$2)
		OR EXISTS (SELECT 1 FROM reaction WHERE bridge_id=$1 AND mxid=$2) OR EXISTS (SELECT 1 FROM pu_outcome WHERE event_id=$2)`
)

func (n notes) keep(ctx context.Context, room id.RoomID, eventID id.EventID) error {
	if _, err := n.db.Exec(ctx, insertNoteQuery, eventID, room); err != nil {
		return errs.Temporary(fmt.Errorf("note that %s stays among the team: %w", eventID, err), 0)
	}
	return nil
}

func (n notes) has(ctx context.Context, eventID id.EventID) (has bool, err error) {
	if err = n.db.QueryRow(ctx, isNoteQuery, eventID).Scan(&has); err != nil {
		return false, errs.Temporary(fmt.Errorf("ask whether %s stays among the team: %w", eventID, err), 0)
	}
	return has, nil
}

// relations are what an event says of other events, read from its JSON: it must hold for every type of event, also for
// one that nobody has thought of.
type relations struct {
	Type    string     `json:"rel_type"`
	EventID id.EventID `json:"event_id"`
	ReplyTo struct {
		EventID id.EventID `json:"event_id"`
	} `json:"m.in_reply_to"`
}

// about is what an event is about: the events that it names, and the one of them that it changes or takes back.
type about struct {
	events  []id.EventID
	changes id.EventID // the event that it edits
	thread  id.EventID
}

func (a *about) add(events ...id.EventID) {
	for _, one := range events {
		if one != "" {
			a.events = append(a.events, one)
		}
	}
}

// read adds what an event is about. An encrypted event says it outside of its encryption, inside, or both.
func (a *about) read(evt *event.Event) {
	var content struct {
		Relates relations  `json:"m.relates_to"`
		Redacts id.EventID `json:"redacts"`
		New     struct {
			Relates relations `json:"m.relates_to"`
		} `json:"m.new_content"`
	}
	raw := evt.Content.VeryRaw
	if raw == nil {
		raw, _ = json.Marshal(evt.Content.Raw)
	}
	// What does not parse says nothing in this field; the other fields are read all the same.
	_ = json.Unmarshal(raw, &content)
	for _, one := range []relations{content.Relates, content.New.Relates} {
		a.add(one.EventID, one.ReplyTo.EventID)
		if one.Type == string(event.RelThread) {
			a.thread = one.EventID
		}
	}
	if content.Relates.Type == string(event.RelReplace) {
		a.changes = content.Relates.EventID
	}
	if evt.Type == event.EventRedaction {
		a.add(evt.Redacts, content.Redacts)
	}
}

// staysInTeam tells whether an event is not for the customer, because of what it is about.
func (b *hosted) staysInTeam(ctx context.Context, evt *event.Event, what about) (bool, error) {
	for _, target := range what.events {
		inside, err := b.isInside(ctx, evt.RoomID, target)
		if err != nil || inside {
			return inside, err
		}
	}
	return false, nil
}

// isInside tells whether an event stays among the team, or may for all that is known.
func (b *hosted) isInside(ctx context.Context, room id.RoomID, target id.EventID) (bool, error) {
	if inside, err := b.hub.notes.has(ctx, target); err != nil || inside {
		return inside, err
	}
	var outward bool
	if err := b.hub.DB.QueryRow(ctx, isOutwardQuery, b.network.ID, target).Scan(&outward); err != nil {
		return false, errs.Temporary(fmt.Errorf("ask whether a customer has %s: %w", target, err), 0)
	} else if outward {
		return false, nil
	}
	return b.looksInside(ctx, room, target)
}

// looksInside asks the homeserver whose an event is that Puente has no note of: what a customer said is outward, what
// one of the bots said, or one of the team without its having been sent, is not. An event that is nowhere is an error.
func (b *hosted) looksInside(ctx context.Context, room id.RoomID, target id.EventID) (bool, error) {
	evt, err := b.matrix.Bot.GetEvent(ctx, room, target)
	if isRefusal(err) {
		return false, b.explain(fmt.Errorf("find what an event is about: %w", bridgev2.ErrTargetMessageNotFound))
	} else if err != nil {
		return false, errs.Temporary(fmt.Errorf("look what an event is about: %w", err), 0)
	}
	return !b.hub.IsGhost(evt.Sender), nil
}

// keepInside deals with an event that stays among the team: it and what will be about it. The author of a message is
// shown that it did, where the client does not show it by itself: outside of a thread.
func (b *hosted) keepInside(ctx context.Context, evt *event.Event, what about) error {
	if err := b.hub.notes.keep(ctx, evt.RoomID, evt.ID); err != nil {
		return err
	}
	if evt.Type == event.EventReaction {
		return b.pressed(ctx, evt)
	}
	if what.changes != "" {
		return b.keptEdit(ctx, evt, what.changes)
	}
	if evt.Type == event.EventRedaction || what.thread != "" {
		return nil
	}
	return b.lock(ctx, evt.RoomID, evt.ID)
}

// keptEdit tells who tried to make a note of what the customer has: that cannot be.
func (b *hosted) keptEdit(ctx context.Context, evt *event.Event, changes id.EventID) error {
	inside, err := b.isInside(ctx, evt.RoomID, changes)
	if err != nil || inside {
		return err
	}
	return b.refuse(ctx, evt, errs.Tell(fmt.Errorf("edit into a thread of the team: %w", errs.ErrForbidden),
		"a message that went to the customer cannot be edited into a note. The customer still sees it as it was; delete it, or edit it where it stands."))
}

// lockEmoji is the reaction by which an author sees that a message stayed among the team.
const lockEmoji = "🔒"

func (b *hosted) lock(ctx context.Context, room id.RoomID, eventID id.EventID) error {
	if err := b.react(withTxn(ctx, "lock", eventID.String()), room, eventID, lockEmoji); err != nil {
		return errs.Temporary(err, 0)
	}
	return nil
}

// react has the bridge's bot react to an event.
func (b *hosted) react(ctx context.Context, room id.RoomID, to id.EventID, emoji string) error {
	content := &event.ReactionEventContent{RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: to, Key: emoji}}
	if _, err := b.sendMessage(ctx, b.bot(), room, event.EventReaction, &event.Content{Parsed: content}, nil); err != nil {
		return fmt.Errorf("react in %s: %w", room, err)
	}
	return nil
}

// bot is the bridge's bot, who speaks to the team.
func (b *hosted) bot() *matrix.ASIntent { return b.matrix.Connector.BotIntent().(*matrix.ASIntent) }

// plainKey is an emoji without what makes two spellings of one.
func plainKey(key string) string { return strings.ReplaceAll(key, "\ufe0f", "") }
