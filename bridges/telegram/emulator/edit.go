package emulator

import (
	"encoding/json"
	"time"
)

// editRight is how long a bot may edit a message of a business account that it did not send itself.
// ref: reference/telegram-bot.md §4
const editRight = 48 * time.Hour

// editable finds the message that a call edits. The caller holds mu.
func (c *call) editable() (*chat, *message, *refusal) {
	if c.text("inline_message_id") != "" {
		return nil, nil, bad("MESSAGE_ID_INVALID")
	}
	if !c.has("chat_id") {
		return nil, nil, bad(missing("chat_id", false))
	}
	if !c.has("message_id") {
		return nil, nil, bad(missing("message_id", false))
	}
	one, r := c.place()
	if r != nil {
		return nil, nil, r
	}
	m := one.message(c.number("message_id"))
	switch {
	case m == nil:
		return nil, nil, bad("message to edit not found")
	case m.Service, m.Content["forward_origin"] != nil:
		return nil, nil, bad("message can't be edited")
	case one.Kind == kindBusiness:
		if m.From != one.Owner || m.Bot != c.b.ID() && c.e.clock.Now().Sub(m.At) > editRight {
			return nil, nil, bad("message can't be edited")
		}
	case one.Kind == kindChannel && m.SenderChat == one.ID:
	case m.From != c.b.ID():
		return nil, nil, bad("message can't be edited")
	}
	return one, m, nil
}

// change puts new content and buttons into a message, unless both are what they were. The caller holds mu.
func (c *call) change(one *chat, m *message, content object) (any, *refusal) {
	markup, r := c.markup(one)
	if r != nil {
		return nil, r
	}
	if markup != nil && markup["inline_keyboard"] == nil {
		return nil, bad("inline keyboard expected")
	}
	if rows, _ := markup["inline_keyboard"].([]any); len(rows) == 0 {
		markup = nil
	}
	for _, name := range []string{
		"has_protected_content", "quote", "external_reply", "media_group_id", "effect_id", "via_bot",
	} {
		if m.Content[name] != nil {
			content[name] = m.Content[name]
		}
	}
	if same(m.Content, content) && same(m.Markup["inline_keyboard"], markup["inline_keyboard"]) {
		return nil, bad("message is not modified: specified new message content and reply markup are exactly the same as a " +
			"current content and reply markup of the message")
	}
	m.Content, m.Markup, m.Edited, m.Request = content, markup, c.e.clock.Now(), c.record()
	c.useUploads()
	if one.Kind == kindBusiness {
		c.e.tell(one, m, true)
	}
	c.e.touch()
	return c.e.wireMessage(c.b, one, m), nil
}

func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

func (c *call) editMessageText() (any, *refusal) {
	if c.text("parse_mode") != "" {
		return nil, noParseMode()
	}
	if c.has("rich_message") {
		return nil, bad("rich messages of bots are not imitated by the emulator")
	}
	if c.text("text") == "" {
		return nil, bad(missing("text", false))
	}
	one, m, r := c.editable()
	if r != nil {
		return nil, r
	}
	if m.Content["text"] == nil {
		return nil, bad("there is no text in the message to edit")
	}
	text, entities, r := formatted(c.text("text"), c.list("entities"), maxText, "message is too long")
	if r != nil {
		return nil, r
	}
	if text == "" {
		return nil, bad("text must be non-empty")
	}
	content := object{"text": text}
	if len(entities) > 0 {
		content["entities"] = entities
	}
	if preview := c.object("link_preview_options"); len(preview) > 0 {
		content["link_preview_options"] = preview
	}
	return c.change(one, m, content)
}

// captioned are the kinds that may have a caption. ref: reference/telegram-bot.md §3
func captioned(content object) bool {
	for _, name := range []string{"animation", "audio", "document", "paid_media", "photo", "video", "voice"} {
		if content[name] != nil {
			return true
		}
	}
	return false
}

func (c *call) editMessageCaption() (any, *refusal) {
	one, m, r := c.editable()
	if r != nil {
		return nil, r
	}
	if !captioned(m.Content) {
		return nil, bad("there is no caption in the message to edit")
	}
	content := copyObject(m.Content)
	for _, name := range []string{"caption", "caption_entities", "show_caption_above_media"} {
		delete(content, name)
	}
	if r = caption(c.fields, content); r != nil {
		return nil, r
	}
	return c.change(one, m, content)
}

// editMessageMedia puts another file into a message with one; an album keeps its kinds.
func (c *call) editMessageMedia() (any, *refusal) {
	one, m, r := c.editable()
	if r != nil {
		return nil, r
	}
	if !captioned(m.Content) && m.Content["text"] == nil {
		return nil, bad("there is no media in the message to edit")
	}
	item := c.object("media")
	kind, _ := item["type"].(string)
	content, r := c.media(kind, item, "media")
	if r == nil {
		r = caption(item, content)
	}
	if r != nil {
		return nil, r
	}
	if m.Content["media_group_id"] != nil && familyOf(kind) != familyOf(kindOf(m.Content)) {
		return nil, bad("can't use the media of the specified type in the album")
	}
	return c.change(one, m, content)
}

func (c *call) editMessageReplyMarkup() (any, *refusal) {
	one, m, r := c.editable()
	if r != nil {
		return nil, r
	}
	return c.change(one, m, copyObject(m.Content))
}

func (c *call) editMessageLiveLocation() (any, *refusal) {
	one, m, r := c.editable()
	if r != nil {
		return nil, r
	}
	old, _ := m.Content["location"].(object)
	period := integer(old["live_period"])
	if period == 0 || period != forever && c.e.clock.Now().Sub(m.At) > time.Duration(period)*time.Second {
		return nil, bad("message can't be edited")
	}
	location, r := c.location()
	if r != nil {
		return nil, r
	}
	if location["live_period"] == nil {
		location["live_period"] = period
	}
	return c.change(one, m, object{"location": location})
}

func (c *call) stopMessageLiveLocation() (any, *refusal) {
	one, m, r := c.editable()
	if r != nil {
		return nil, r
	}
	old, _ := m.Content["location"].(object)
	if integer(old["live_period"]) == 0 {
		return nil, bad("message can't be edited")
	}
	still := copyObject(old)
	delete(still, "live_period")
	return c.change(one, m, object{"location": still})
}
