package emulator

import (
	"slices"
	"time"
)

// deliverContent is the end of every method that sends one message: it puts the message into the chat and answers
// with it.
func (c *call) deliverContent(content object, r *refusal) (any, *refusal) {
	if r != nil {
		return nil, r
	}
	to, r := c.target()
	if r != nil {
		return nil, r
	}
	m := c.post(to, content)
	return c.e.wireMessage(c.b, to.chat, m), nil
}

// post puts a bot's message into a chat, on behalf of the business account if it is a business chat. The caller
// holds mu.
func (c *call) post(to *target, content object) *message {
	m := &message{
		From: c.b.ID(), Content: content, ReplyTo: to.replyTo, Thread: to.thread, Markup: to.markup, Request: c.record(),
	}
	if to.chat.Kind == kindBusiness {
		m.From, m.Bot = to.chat.Owner, c.b.ID()
	}
	if to.chat.Kind == kindChannel {
		m.From, m.SenderChat = 0, to.chat.ID
	}
	if to.quote != nil {
		content["quote"] = to.quote
	}
	if to.extern != nil {
		content["external_reply"] = to.extern
	}
	if c.yes("protect_content") {
		content["has_protected_content"] = true
	}
	put(content, "effect_id", c.text("message_effect_id"))
	if id, ok := content["poll"].(string); ok {
		m.Poll = id
		delete(content, "poll")
	}
	c.e.add(to.chat, m)
	to.chat.show(to.markup)
	delete(to.chat.typing, c.b.ID()) // a message ends what it announced
	c.useUploads()
	c.e.tell(to.chat, m, false)
	return m
}

// useUploads keeps the files of a call for good.
func (c *call) useUploads() {
	for _, u := range c.uploads {
		u.used = true
	}
}

func (c *call) sendMessage() (any, *refusal) {
	if c.text("parse_mode") != "" {
		return nil, noParseMode()
	}
	text, entities, r := formatted(c.text("text"), c.list("entities"), maxText, "message is too long")
	if r == nil && text == "" {
		r = bad("text must be non-empty")
	}
	content := object{"text": text}
	if len(entities) > 0 {
		content["entities"] = entities
	}
	if preview := c.object("link_preview_options"); len(preview) > 0 {
		content["link_preview_options"] = preview
	}
	return c.deliverContent(content, r)
}

func (c *call) sendLocation() (any, *refusal) {
	location, r := c.location()
	return c.deliverContent(object{"location": location}, r)
}

// location reads the fields of a place.
func (c *call) location() (object, *refusal) {
	latitude, longitude := c.float("latitude"), c.float("longitude")
	if latitude < -90 || latitude > 90 || longitude < -180 || longitude > 180 {
		return nil, bad("wrong location specified")
	}
	out := object{"latitude": latitude, "longitude": longitude}
	if c.has("horizontal_accuracy") {
		out["horizontal_accuracy"] = c.float("horizontal_accuracy")
	}
	for _, name := range []string{"live_period", "heading", "proximity_alert_radius"} {
		if n := c.number(name); n != 0 {
			out[name] = n
		}
	}
	if n := c.number("live_period"); n != 0 && n != forever && (n < 60 || n > 86400) {
		return nil, bad("wrong live location period specified")
	}
	return out, nil
}

// forever is the live_period of a location that is shared without an end.
const forever = 0x7FFFFFFF

func (c *call) sendVenue() (any, *refusal) {
	location, r := c.location()
	venue := object{"location": location, "title": c.text("title"), "address": c.text("address")}
	for _, name := range []string{"foursquare_id", "foursquare_type", "google_place_id", "google_place_type"} {
		put(venue, name, c.text(name))
	}
	return c.deliverContent(object{"venue": venue, "location": location}, r)
}

func (c *call) sendContact() (any, *refusal) {
	contact := object{"phone_number": c.text("phone_number"), "first_name": c.text("first_name")}
	put(contact, "last_name", c.text("last_name"))
	put(contact, "vcard", c.text("vcard"))
	return c.deliverContent(object{"contact": contact}, nil)
}

// dice are the emoji that roll, and how many sides each has.
func dice() map[string]int64 {
	return map[string]int64{"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}
}

func (c *call) sendDice() (any, *refusal) {
	emoji := c.text("emoji")
	if emoji == "" {
		emoji = "🎲"
	}
	sides, ok := dice()[emoji]
	if !ok {
		return nil, bad("DICE_EMOJI_INVALID")
	}
	return c.deliverContent(object{"dice": object{"emoji": emoji, "value": c.e.st.next()%sides + 1}}, nil)
}

// typingLasts is how long a chat action is shown. ref: reference/telegram-bot.md §4
const typingLasts = 5 * time.Second

func (c *call) sendChatAction() (any, *refusal) {
	action := c.text("action")
	if !slices.Contains([]string{
		"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
		"choose_sticker", "find_location", "record_video_note", "upload_video_note",
	}, action) {
		return nil, bad("wrong parameter action in request")
	}
	one, r := c.place()
	if r != nil {
		return nil, r
	}
	if one.Kind == kindChannel {
		return nil, bad("chat actions are not shown in channels")
	}
	if one.typing == nil {
		one.typing = map[int64]typing{}
	}
	one.typing[c.b.ID()] = typing{action: action, until: c.e.clock.Now().Add(typingLasts)}
	c.e.touch()
	return true, nil
}
