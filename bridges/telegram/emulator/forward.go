package emulator

import "slices"

// source finds a message to forward or copy.
func (c *call) source(id int64, what string) (*chat, *message, *refusal) {
	from, r := c.where("from_chat_id")
	if r != nil {
		return nil, nil, r
	}
	m := from.message(id)
	if m == nil || m.Service {
		return nil, nil, bad("message to " + what + " not found")
	}
	if m.Content["has_protected_content"] == true {
		return nil, nil, bad("message can't be " + map[string]string{"forward": "forwarded", "copy": "copied"}[what])
	}
	return from, m, nil
}

// origin says where a forwarded message comes from: the first author, however often it went on.
func (e *Emulator) origin(from *chat, m *message) object {
	if known, ok := m.Content["forward_origin"].(object); ok {
		return known
	}
	out := object{"date": m.At.Unix()}
	switch {
	case from.Kind == kindChannel:
		out["type"], out["chat"], out["message_id"] = "channel", e.wireChat(from), m.ID
	case m.SenderChat != 0:
		out["type"], out["sender_chat"] = "chat", e.wireChat(from)
	default:
		out["type"], out["sender_user"] = "user", e.wireUser(m.From)
	}
	return out
}

// again is the content of a message without what belongs to the place where it stood.
func (m *message) again() object {
	out := copyObject(m.Content)
	for _, name := range []string{"quote", "external_reply", "media_group_id", "forward_origin", "via_bot"} {
		delete(out, name)
	}
	if m.Poll != "" {
		out["poll"] = m.Poll
	}
	return out
}

func (c *call) forwardMessage() (any, *refusal) {
	from, m, r := c.source(c.number("message_id"), "forward")
	if r != nil {
		return nil, r
	}
	content := m.again()
	content["forward_origin"] = c.e.origin(from, m)
	return c.deliverContent(content, nil)
}

func (c *call) copyMessage() (any, *refusal) {
	_, m, r := c.source(c.number("message_id"), "copy")
	if r != nil {
		return nil, r
	}
	content := m.again()
	if c.has("caption") && content["text"] == nil {
		delete(content, "caption")
		delete(content, "caption_entities")
		if r = caption(c.fields, content); r != nil {
			return nil, r
		}
	}
	result, r := c.deliverContent(content, nil)
	if r != nil {
		return nil, r
	}
	return object{"message_id": result.(object)["message_id"]}, nil
}

func (c *call) forwardMessages() (any, *refusal) { return c.several("forward") }
func (c *call) copyMessages() (any, *refusal)    { return c.several("copy") }

// several forwards or copies messages, passing over those that it cannot.
func (c *call) several(what string) (any, *refusal) {
	ids := c.numbers("message_ids")
	if len(ids) == 0 || len(ids) > 100 || !slices.IsSorted(ids) {
		return nil, bad("message identifiers must be in a strictly increasing order, 1 to 100")
	}
	to, r := c.target()
	if r != nil {
		return nil, r
	}
	out := []any{}
	for _, id := range ids {
		from, m, r := c.source(id, what)
		if r != nil {
			continue
		}
		content := m.again()
		if what == "forward" {
			content["forward_origin"] = c.e.origin(from, m)
		}
		if c.yes("remove_caption") {
			delete(content, "caption")
			delete(content, "caption_entities")
		}
		out = append(out, object{"message_id": c.post(to, content).ID})
	}
	if len(out) == 0 {
		return nil, bad("messages to " + what + " not found")
	}
	return out, nil
}

// externalReply describes a message of another chat that is answered. ref: reference/telegram-bot.md §3
func (e *Emulator) externalReply(b *botState, from *chat, m *message) object {
	out := object{"origin": e.origin(from, m)}
	if from.Kind == kindSupergroup || from.Kind == kindChannel {
		out["chat"], out["message_id"] = e.wireChat(from), m.ID
	}
	for _, name := range []string{
		"animation", "audio", "document", "live_photo", "photo", "sticker", "video", "video_note", "voice", "contact", "dice",
		"location", "venue", "story", "game", "checklist", "paid_media",
	} {
		if m.Content[name] != nil {
			out[name] = m.Content[name]
		}
	}
	return out
}
