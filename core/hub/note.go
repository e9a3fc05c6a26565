package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
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
	// whoseQuery asks of an event for whom it is, as far as that is noted. What a customer has counts first: an event that
	// could not be read at once stays among the team, and may yet be sent. What belongs to another room is not known here.
	whoseQuery = `SELECT CASE
		WHEN EXISTS (SELECT 1 FROM message JOIN portal ON portal.bridge_id=message.bridge_id AND portal.id=message.room_id AND portal.receiver=message.room_receiver
			WHERE message.bridge_id=$1 AND message.mxid=$2 AND portal.mxid=$3) THEN 'outward'
		WHEN EXISTS (SELECT 1 FROM reaction JOIN portal ON portal.bridge_id=reaction.bridge_id AND portal.id=reaction.room_id AND portal.receiver=reaction.room_receiver
			WHERE reaction.bridge_id=$1 AND reaction.mxid=$2 AND portal.mxid=$3) THEN 'outward'
		WHEN EXISTS (SELECT 1 FROM pu_note WHERE event_id=$2) THEN 'inside'
		ELSE COALESCE((SELECT CASE WHEN state='failed' AND COALESCE(network_message_id, '')='' AND COALESCE(attempt_started_at, 0)=0 THEN 'unsent' ELSE 'outward' END
			FROM pu_outcome WHERE event_id=$2 AND network=$1 AND room_id=$3), '') END`
)

// whose is for whom an event is.
type whose string

const (
	outward whose = "outward" // what a customer sent, was sent, or is about to be sent
	inside  whose = "inside"  // a note, or whatever else stays among the team
	unsent  whose = "unsent"  // it was for the customer, and was refused: they do not have it
	unknown whose = ""
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

// read adds what an event is about. An encrypted event says it outside of its encryption, inside, or both. It is read from
// the event's JSON, by the very names that clients look for: it must hold for every type of event, also for one that
// nobody has thought of, and whatever else is in it.
func (a *about) read(evt *event.Event) {
	raw := evt.Content.VeryRaw
	if raw == nil {
		raw, _ = json.Marshal(evt.Content.Raw)
	}
	content := fieldsOf(raw)
	for _, where := range []map[string]json.RawMessage{content, fieldsOf(content["m.new_content"])} {
		relation := fieldsOf(where["m.relates_to"])
		target, kind := eventIn(relation["event_id"]), textOf(relation["rel_type"])
		a.add(target, eventIn(fieldsOf(relation["m.in_reply_to"])["event_id"]))
		if kind == string(event.RelThread) {
			a.thread = target
		}
	}
	relation := fieldsOf(content["m.relates_to"])
	if textOf(relation["rel_type"]) == string(event.RelReplace) {
		a.changes = eventIn(relation["event_id"])
	}
	if evt.Type == event.EventRedaction {
		a.add(evt.Redacts, eventIn(content["redacts"]))
	}
}

// fieldsOf are the fields of a JSON object; none of what is no object.
func fieldsOf(raw json.RawMessage) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return nil
	}
	return fields
}

func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

func eventIn(raw json.RawMessage) id.EventID { return id.EventID(textOf(raw)) }

// staysInTeam returns the event because of which an event is not for the customer; empty if it is. What is about several
// events stays if any of them does, whatever the others are.
func (b *hosted) staysInTeam(ctx context.Context, evt *event.Event, what about) (because id.EventID, err error) {
	for _, target := range what.events {
		is, failed := b.isInside(ctx, evt.RoomID, target)
		if is {
			return target, nil
		}
		if _, again := errs.IsTemporary(failed); again || err == nil {
			err = failed
		}
	}
	return "", err
}

// isInside tells whether an event stays among the team, or may for all that is known.
func (b *hosted) isInside(ctx context.Context, room id.RoomID, target id.EventID) (bool, error) {
	found, err := b.whose(ctx, room, target)
	if err != nil || found != unknown {
		return found != outward, err
	}
	return b.looksInside(ctx, room, target)
}

// whose tells for whom an event is, as far as that is noted.
func (b *hosted) whose(ctx context.Context, room id.RoomID, target id.EventID) (found whose, err error) {
	if !isEventID(target) {
		return unknown, nil
	}
	if err = b.hub.DB.QueryRow(ctx, whoseQuery, b.network.ID, target, room).Scan(&found); err != nil {
		return unknown, errs.Temporary(fmt.Errorf("ask for whom %s is: %w", target, err), 0)
	}
	return found, nil
}

// isEventID tells whether it can be one: of anything else the homeserver must not be asked, nor the database.
func isEventID(target id.EventID) bool {
	return strings.HasPrefix(target.String(), "$") && !strings.ContainsRune(target.String(), 0) && len(target) <= 255
}

// looksInside asks the homeserver whose an event is that Puente has no note of: what a customer said is outward, what
// one of the bots said, or one of the team without its having been sent, is not. An event that is nowhere is an error.
func (b *hosted) looksInside(ctx context.Context, room id.RoomID, target id.EventID) (bool, error) {
	var evt *event.Event
	err := error(mautrix.MNotFound)
	if isEventID(target) {
		evt, err = b.matrix.Bot.GetEvent(ctx, room, target)
	}
	if isRefusal(err) {
		return false, b.explain(fmt.Errorf("find what an event is about: %w", bridgev2.ErrTargetMessageNotFound))
	} else if err != nil {
		return false, errs.Temporary(fmt.Errorf("look what an event is about: %w", err), 0)
	}
	return !b.hub.IsGhost(evt.Sender), nil
}

// keepInside deals with an event that stays among the team: it and what will be about it. The author of a message is
// shown that it did, where the client does not show it by itself: outside of a thread that is the team's.
func (b *hosted) keepInside(ctx context.Context, evt *event.Event, what about, because id.EventID) error {
	if err := b.hub.notes.keep(ctx, evt.RoomID, evt.ID); err != nil {
		return err
	}
	switch {
	case evt.Type == event.EventReaction:
		return b.pressed(ctx, evt)
	case what.changes != "":
		return b.keptEdit(ctx, evt, what.changes)
	case evt.Type == event.EventRedaction, evt.Type == event.EventUnstablePollResponse, because == what.thread:
		return nil
	}
	return b.lock(ctx, evt.RoomID, evt.ID)
}

// keptEdit tells who tried to make a note of what the customer has, or to change what the customer does not have: that
// cannot be.
func (b *hosted) keptEdit(ctx context.Context, evt *event.Event, changes id.EventID) error {
	found, err := b.whose(ctx, evt.RoomID, changes)
	if err != nil {
		return err
	}
	switch found {
	case outward:
		return b.refuse(ctx, evt, errs.Tell(fmt.Errorf("edit into a thread of the team: %w", errs.ErrForbidden),
			"a message that went to the customer cannot be edited into a note. The customer still sees it as it was; delete it, or edit it where it stands."))
	case unsent:
		return b.refuse(ctx, evt, errs.Tell(fmt.Errorf("edit of what was not sent: %w", errs.ErrForbidden),
			"the message that you changed never went to the customer, so the change did not either. Write it anew."))
	}
	return nil
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

// plainKey is an emoji without what makes several of one: how it is to be drawn, and the colour of a hand.
func plainKey(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '\ufe0f' || r >= '\U0001f3fb' && r <= '\U0001f3ff' {
			return -1
		}
		return r
	}, key)
}
