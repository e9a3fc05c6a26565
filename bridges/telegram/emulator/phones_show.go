package emulator

import (
	"fmt"
	"strings"
	"time"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
)

// Messages implements phone.Network.
func (p phones) Messages(customerID, chatID string) ([]phone.Message, error) {
	shown, err := p.view(customerID)
	if err != nil {
		return nil, err
	}
	v, ok := shown.Chat(chatID)
	if !ok {
		return nil, fmt.Errorf("chat on a phone: %w", errs.ErrNotFound)
	}
	now := p.e.clock.Now()
	var out []phone.Message
	for _, m := range v.Messages {
		out = append(out, p.shown(shown.Customer, v, m, now))
	}
	return out, nil
}

// shown is one message as the page shows it.
func (p phones) shown(me Customer, v View, m Message, now time.Time) phone.Message {
	out := phone.Message{
		ID: decimal(m.ID), Mine: m.From == me.ID && m.Bot == 0, At: m.At, Text: m.Text, HTML: render(m.Text, m.Entities),
		Edited: !m.Edited.IsZero(), Deleted: m.Deleted, Forwarded: m.Content["forward_origin"] != nil,
	}
	if m.ReplyTo != 0 {
		out.Quote = decimal(m.ReplyTo)
	}
	for _, r := range m.Reactions {
		emoji := r.Emoji
		if r.Custom != "" {
			emoji = "★"
		}
		out.Reactions = append(out.Reactions, emoji)
	}
	if m.Service {
		out.Line = serviceLine(p.e, m)
		return out
	}
	if !out.Mine {
		out.From = p.e.author(v, m)
	}
	if t := v.Topics[m.Thread]; t != "" {
		out.Footer = "Topic: " + t
	}
	if out.Mine {
		out.State = "sent"
		if m.Read {
			out.State = "read"
		}
		out.CanEdit = now.Sub(m.At) <= editableFor && (m.Kind == "text" || captioned(m.Content)) && !m.Deleted
		out.CanDelete = !m.Deleted
	}
	p.addContent(&out, m)
	return out
}

// author names whoever wrote a message, unless that is simply the bot of the chat.
func (e *Emulator) author(v View, m Message) string {
	if v.Kind == kindPrivate {
		return ""
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if b := e.st.bot(m.Bot); b != nil {
		return "by " + b.Name
	}
	if b := e.st.bot(m.From); b != nil {
		return b.Name
	}
	if p := e.st.person(m.From); p != nil && v.Kind != kindBusiness {
		return p.Name()
	}
	if m.From == anonymousAdmin {
		return v.Name
	}
	return ""
}

// addContent adds what is not text.
func (p phones) addContent(out *phone.Message, m Message) {
	out.File = shownFile(m)
	if at, ok := m.Content["location"].(object); ok {
		out.Place = &phone.Place{Latitude: real(at["latitude"]), Longitude: real(at["longitude"])}
		if venue, ok := m.Content["venue"].(object); ok {
			out.Place.Name, out.Place.Address = fmt.Sprint(venue["title"]), fmt.Sprint(venue["address"])
		}
	}
	if m.Poll != nil {
		out.Poll = &phone.Poll{Question: m.Poll.Question, Multiple: m.Poll.Multiple, Closed: m.Poll.Closed}
		for i, text := range m.Poll.Options {
			mine := false
			for _, chosen := range m.Poll.Mine {
				mine = mine || chosen == i
			}
			out.Poll.Options = append(out.Poll.Options, phone.Option{Text: text, Votes: m.Poll.Votes[i], Mine: mine})
		}
	}
	if card, ok := m.Content["contact"].(object); ok {
		text := func(name string) string { s, _ := card[name].(string); return s }
		out.Cards = []phone.Card{{
			Name: strings.TrimSpace(text("first_name") + " " + text("last_name")), Lines: []string{text("phone_number")},
		}}
	}
	out.Buttons = shownButtons(m)
	if quote, ok := m.Content["quote"].(object); ok {
		out.Header = "“" + fmt.Sprint(quote["text"]) + "”"
	}
	if out.Text == "" {
		out.Text = describe(m)
	}
}

// real reads a number with a fraction.
func real(v any) float64 {
	f, ok := v.(float64)
	if !ok {
		f = float64(integer(v))
	}
	return f
}

// describe puts what the page has no picture for into words.
func describe(m Message) string {
	part := func(name, inner string) string {
		o, _ := m.Content[name].(object)
		text, _ := o[inner].(string)
		return text
	}
	switch m.Kind {
	case "dice":
		o, _ := m.Content["dice"].(object)
		return fmt.Sprintf("%s %d", part("dice", "emoji"), integer(o["value"]))
	case "checklist":
		return "Checklist: " + part("checklist", "title")
	case "game":
		return "Game: " + part("game", "title")
	case "invoice":
		return "Invoice: " + part("invoice", "title")
	case "story", "paid_media", "giveaway", "rich_message":
		return "(" + strings.ReplaceAll(m.Kind, "_", " ") + ")"
	case "unknown":
		return "(something that the business cannot be shown)"
	}
	return ""
}

// shownButtons are the buttons below a message.
func shownButtons(m Message) []phone.Button {
	rows, _ := m.markup["inline_keyboard"].([]any)
	var out []phone.Button
	for _, row := range rows {
		cells, _ := row.([]any)
		for _, v := range cells {
			button, _ := v.(object)
			text, _ := button["text"].(string)
			data, _ := button["callback_data"].(string)
			url, _ := button["url"].(string)
			out = append(out, phone.Button{ID: firstOf(data, text), Text: text, URL: url})
		}
	}
	return out
}

// shownFile is the file of a message: of a photo the largest size.
func shownFile(m Message) *phone.File {
	kinds := map[string]string{
		Photo: "image", LivePhoto: "video", Video: "video", VideoNote: "video_note", Animation: "video", Voice: "voice",
		Audio: "audio", Document: "file", Sticker: "sticker",
	}
	kind, ok := kinds[m.Kind]
	if !ok {
		return nil
	}
	content := m.Content[m.Kind]
	if sizes, isList := content.([]any); isList && len(sizes) > 0 {
		content = sizes[len(sizes)-1]
	}
	f, _ := content.(object)
	key, _ := f["file_id"].(string)
	mime, _ := f["mime_type"].(string)
	name, _ := f["file_name"].(string)
	switch {
	case m.Kind == Photo:
		mime = "image/jpeg"
	case m.Kind == VideoNote:
		mime = "video/mp4"
	case m.Kind == Sticker && f["is_video"] == true:
		mime = "video/webm"
	case m.Kind == Sticker && f["is_animated"] == true:
		mime = "application/x-tgsticker"
	case m.Kind == Sticker:
		mime = "image/webp"
	}
	return &phone.File{
		ID: key, Kind: kind, Mime: mime, Name: name, Size: integer(f["file_size"]),
		Width: int(max(integer(f["width"]), integer(f["length"]))), Height: int(max(integer(f["height"]), integer(f["length"]))),
		Duration: time.Duration(integer(f["duration"])) * time.Second,
	}
}

// serviceLine puts a service message into words.
func serviceLine(e *Emulator, m Message) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	who, _ := e.wireUser(m.From)["first_name"].(string)
	first := func(v any) string {
		o, _ := v.(object)
		name, _ := o["first_name"].(string)
		return name
	}
	switch m.Kind {
	case "new_chat_members":
		list, _ := m.Content[m.Kind].([]any)
		var names []string
		for _, v := range list {
			names = append(names, first(v))
		}
		return who + " added " + strings.Join(names, ", ")
	case "left_chat_member":
		return first(m.Content[m.Kind]) + " left"
	case "new_chat_title":
		return who + " named the group “" + fmt.Sprint(m.Content[m.Kind]) + "”"
	case "pinned_message":
		return who + " pinned a message"
	case "message_auto_delete_timer_changed":
		return who + " changed the auto-delete timer"
	case "migrate_to_chat_id", "migrate_from_chat_id":
		return "The group became a supergroup"
	case "forum_topic_created":
		o, _ := m.Content[m.Kind].(object)
		return who + " opened the topic “" + fmt.Sprint(o["name"]) + "”"
	}
	return strings.ReplaceAll(m.Kind, "_", " ")
}
