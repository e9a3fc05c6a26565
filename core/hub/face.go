package hub

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/format"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// factsEvent is the state event by which programs see what the card shows people; its content is channel.Face.Facts.
var factsEvent = event.Type{Type: "dev.puente.conversation", Class: event.StateEventType}

// face is what a room shows (table pu_face), each part by its hash.
type face struct {
	cardEvent id.EventID
	cardEdits int64
	card      string
	pinned    string
	topic     string
	facts     string
	buttons   string
}

const (
	faceQuery = `SELECT card_event, card_edits, card, pinned, topic, facts, buttons FROM pu_face WHERE room_id=$1`
	keepFace  = `INSERT INTO pu_face (room_id, card_event, card_edits, card, pinned, topic, facts, buttons) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (room_id) DO UPDATE SET card_event=excluded.card_event, card_edits=excluded.card_edits, card=excluded.card,
		pinned=excluded.pinned, topic=excluded.topic, facts=excluded.facts, buttons=excluded.buttons`
	cardRoomQuery = `SELECT EXISTS (SELECT 1 FROM pu_face WHERE room_id=$1 AND card_event=$2 AND card_event<>'')`
)

// painter makes one room show a face, step by step; each step is noted, so that a repetition does only what is missing.
type painter struct {
	bridge *hosted
	room   id.RoomID
	portal *bridgev2.Portal
	shown  face
}

// ShowFace implements channel.Rooms. It lets messages go first, for some seconds from the change on: where messages never
// end, a time that began with each room anew would let the rooms fall ever further behind. A room that is gone is an
// errs.ErrNotFound, and leaves the views.
func (h *Hub) ShowFace(ctx context.Context, ref channel.Ref, wanted channel.Face) error {
	b, err := h.bridgeOf(ref)
	if err != nil {
		return err
	}
	since := wanted.Since
	if since.IsZero() {
		since = h.Clock.Now()
	}
	if err = h.lull.wait(ctx, h.Clock, since); err != nil {
		return err
	}
	p := &painter{bridge: b, room: id.RoomID(ref.Room)}
	if err = p.load(ctx); err == nil {
		err = p.paint(ctx, wanted)
	}
	if errors.Is(err, errs.ErrNotFound) {
		return errors.Join(err, h.views.place(ctx, p.room, nil, ""))
	} else if err != nil {
		return err
	}
	return h.views.place(ctx, p.room, wanted.Views, wanted.Order)
}

// paint does what is missing.
func (p *painter) paint(ctx context.Context, wanted channel.Face) error {
	for _, step := range []func(context.Context, channel.Face) error{p.card, p.pin, p.buttons, p.topic, p.facts} {
		err := step(ctx, wanted)
		if isRefusal(err) && !p.bridge.hub.as.StateStore.IsInRoom(ctx, p.room, p.bridge.matrix.Bot.UserID) {
			return fmt.Errorf("%w: %w", errs.ErrNotFound, err) // taken out of the room
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (p *painter) load(ctx context.Context) error {
	err := p.bridge.hub.DB.QueryRow(ctx, faceQuery, p.room).Scan(&p.shown.cardEvent, &p.shown.cardEdits, &p.shown.card, &p.shown.pinned, &p.shown.topic, &p.shown.facts, &p.shown.buttons)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read what %s shows: %w", p.room, err)
	}
	if p.portal, err = p.bridge.bridge.GetPortalByMXID(ctx, p.room); err != nil {
		return fmt.Errorf("find the conversation of %s: %w", p.room, err)
	} else if p.portal == nil {
		return fmt.Errorf("conversation of %s: %w", p.room, errs.ErrNotFound)
	}
	return nil
}

func (p *painter) keep(ctx context.Context) error {
	s := p.shown
	if _, err := p.bridge.hub.DB.Exec(ctx, keepFace, p.room, s.cardEvent, s.cardEdits, s.card, s.pinned, s.topic, s.facts, s.buttons); err != nil {
		return fmt.Errorf("note what %s shows: %w", p.room, err)
	}
	return nil
}

// card sends the card, or edits it.
func (p *painter) card(ctx context.Context, wanted channel.Face) error {
	hash := hashOf(wanted.Card)
	if p.shown.cardEvent == "" {
		if err := p.firstCard(ctx, wanted, hash); err != nil {
			return err
		}
	}
	if hash == p.shown.card {
		return nil
	}
	if _, err := p.sendCard(ctx, wanted, "card", p.room.String(), strconv.FormatInt(p.shown.cardEdits, 10), hash); err != nil {
		return err
	}
	p.shown.card, p.shown.cardEdits = hash, p.shown.cardEdits+1
	return p.keep(ctx)
}

// firstCard sends the card that others are edits of. What it says is noted before it is sent: if it was sent, and that was
// not noted, it is found again by it, whatever is to be said by then.
func (p *painter) firstCard(ctx context.Context, wanted channel.Face, hash string) error {
	if p.shown.card == "" {
		p.shown.card = hash
		if err := p.keep(ctx); err != nil {
			return err
		}
	}
	sent, err := p.sendCard(ctx, wanted, "card", p.room.String(), p.shown.card)
	if err != nil {
		return err
	}
	p.shown.cardEvent, p.shown.cardEdits = sent, 1
	if p.shown.card != hash {
		p.shown.card = "" // the one or the other
	}
	return p.keep(ctx)
}

// sendCard sends the card or an edit of it, once for each key; it stays among the team.
func (p *painter) sendCard(ctx context.Context, wanted channel.Face, key ...string) (id.EventID, error) {
	content := format.RenderMarkdown(wanted.Card, true, false)
	content.MsgType, content.Mentions = event.MsgNotice, &event.Mentions{}
	if p.shown.cardEvent != "" {
		content.SetEdit(p.shown.cardEvent)
	}
	sent, err := p.bridge.sendMessage(withTxn(ctx, key...), p.bridge.bot(), p.room, event.EventMessage, &event.Content{Parsed: &content}, nil)
	if err != nil {
		return "", fmt.Errorf("show the card of %s: %w", p.room, err)
	}
	return sent.EventID, p.bridge.hub.notes.keep(ctx, p.room, sent.EventID)
}

// pin pins the card beside what people have pinned.
func (p *painter) pin(ctx context.Context, _ channel.Face) error {
	if p.shown.pinned == p.shown.cardEvent.String() {
		return nil
	}
	var content event.PinnedEventsEventContent
	err := p.bridge.matrix.Bot.StateEvent(ctx, p.room, event.StatePinnedEvents, "", &content)
	var nonsense *json.UnmarshalTypeError
	if err != nil && !errors.Is(err, mautrix.MNotFound) && !errors.As(err, &nonsense) {
		return fmt.Errorf("read what is pinned in %s: %w", p.room, err)
	}
	if !slices.Contains(content.Pinned, p.shown.cardEvent) {
		content.Pinned = append(content.Pinned, p.shown.cardEvent)
		if _, err = p.bridge.matrix.Bot.SendStateEvent(ctx, p.room, event.StatePinnedEvents, "", &content); err != nil {
			return fmt.Errorf("pin the card of %s: %w", p.room, err)
		}
	}
	p.shown.pinned = p.shown.cardEvent.String()
	return p.keep(ctx)
}

// buttons puts the reactions on the card that people press.
func (p *painter) buttons(ctx context.Context, wanted channel.Face) error {
	there := strings.Fields(p.shown.buttons)
	for _, emoji := range wanted.Buttons {
		if slices.Contains(there, emoji) {
			continue
		}
		sending := withTxn(ctx, "button", p.shown.cardEvent.String(), emoji)
		if err := p.bridge.react(sending, p.room, p.shown.cardEvent, emoji); err != nil {
			return err
		}
		there = append(there, emoji)
		p.shown.buttons = strings.Join(there, " ")
		if err := p.keep(ctx); err != nil {
			return err
		}
	}
	return nil
}

// topic puts what the desk says in front of what the network says.
func (p *painter) topic(ctx context.Context, wanted channel.Face) error {
	topic := strings.Join(slices.DeleteFunc([]string{wanted.Topic, p.portal.Topic}, func(s string) bool { return s == "" }), " · ")
	hash := hashOf(topic)
	if hash == p.shown.topic {
		return nil
	}
	if _, err := p.bridge.matrix.Bot.SendStateEvent(ctx, p.room, event.StateTopic, "", &event.TopicEventContent{Topic: topic}); err != nil {
		return fmt.Errorf("set the topic of %s: %w", p.room, err)
	}
	p.shown.topic = hash
	return p.keep(ctx)
}

func (p *painter) facts(ctx context.Context, wanted channel.Face) error {
	raw, err := json.Marshal(wanted.Facts)
	if err != nil {
		return fmt.Errorf("encode the facts of %s: %w", p.room, err)
	}
	hash := hashOf(string(raw))
	if hash == p.shown.facts {
		return nil
	}
	if _, err = p.bridge.matrix.Bot.SendStateEvent(ctx, p.room, factsEvent, "", json.RawMessage(raw)); err != nil {
		return fmt.Errorf("set the facts of %s: %w", p.room, err)
	}
	p.shown.facts = hash
	return p.keep(ctx)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:12])
}

// pressed deals with a reaction to something that stays in the team: on the card it is a button, and is taken off again, so
// that it can be pressed another time.
func (b *hosted) pressed(ctx context.Context, evt *event.Event) error {
	reaction := evt.Content.AsReaction()
	var onCard bool
	if err := b.hub.DB.QueryRow(ctx, cardRoomQuery, evt.RoomID, reaction.RelatesTo.EventID).Scan(&onCard); err != nil {
		return errs.Temporary(fmt.Errorf("ask whether %s is a card: %w", reaction.RelatesTo.EventID, err), 0)
	} else if !onCard || b.hub.Clerk == nil {
		return nil
	}
	answer, err := b.press(ctx, evt, plainKey(reaction.RelatesTo.Key))
	if err != nil {
		return err
	}
	_, err = b.matrix.Bot.RedactEvent(withTxn(ctx, "pressed", evt.ID.String()), evt.RoomID, evt.ID, mautrix.ReqRedact{})
	if err != nil && !isRefusal(err) {
		return errs.Temporary(fmt.Errorf("take a pressed button off: %w", err), 0)
	}
	if answer == "" {
		return nil
	}
	return b.answerTo(ctx, evt, "", answer)
}

// press does what a button stands for, if one of the team pressed it.
func (b *hosted) press(ctx context.Context, evt *event.Event, button string) (answer string, err error) {
	if !b.hub.isTeam(evt.Sender) {
		return onlyTeam, nil
	}
	ref, err := b.refOf(ctx, evt.RoomID)
	if err != nil {
		return "", err
	}
	answer, err = b.hub.Clerk.Press(ctx, channel.Press{
		Ref: ref, ID: evt.ID.String(), By: b.agentParty(ctx, evt.RoomID, evt.Sender), Button: button, At: sentAt(evt),
	})
	if _, again := errs.IsTemporary(err); err != nil && !again {
		return reasonOf(err), nil
	}
	return answer, err
}
