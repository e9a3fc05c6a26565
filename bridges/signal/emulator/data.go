package emulator

import (
	"fmt"
	"strconv"
	"strings"

	"puente/core/base/errs"
)

// data writes a message as the dataMessage of an account. What is marked ? in the sheet is absent where there is none,
// the rest is null. ref: reference/signal-cli.md §5
func (e *Emulator) data(b *business, t *thread, m *Message) object {
	out := e.plain(b, t, t.Timer)
	if m.Text != "" {
		out["message"] = m.Text
	}
	if m.ViewOnce {
		out["viewOnce"] = true
	}
	if m.Quote != nil {
		out["quote"] = e.quoteOut(b, m.Quote)
	}
	if m.Sticker != nil {
		out["sticker"] = object{"packId": m.Sticker.PackID, "stickerId": m.Sticker.StickerID}
	}
	for key, list := range map[string][]object{
		"textStyles": each(m.Styles, styleOut), "mentions": each(m.Mentions, e.mentionOut(b)), "attachments": each(m.Files, e.attachmentOut),
		"previews": each(m.Previews, previewOut), "contacts": each(m.Contacts, cardOut),
	} {
		if len(list) > 0 {
			out[key] = list
		}
	}
	if m.Poll != nil {
		out["pollCreate"] = object{"question": m.Poll.Question, "allowMultiple": m.Poll.Multiple, "options": m.Poll.Options}
	}
	if m.Story != nil {
		author := e.known(m.Story.Author)
		out["storyContext"] = object{"authorNumber": orNull(b.numberOf(author)), "authorUuid": author.aci, "sentTimestamp": m.Story.Timestamp}
	}
	return out
}

// plain writes what every dataMessage has.
func (e *Emulator) plain(b *business, t *thread, timer int) object {
	out := object{"message": nil, "expiresInSeconds": timer, "isExpirationUpdate": false, "viewOnce": false}
	if g := e.st.group(t.GroupID); g != nil {
		out["groupInfo"] = object{"groupId": g.ID, "groupName": g.Name, "revision": g.Revision, "type": "DELIVER"}
	}
	return out
}

// with writes a dataMessage that has one thing besides: a reaction, a vote, a deletion.
func (e *Emulator) with(t *thread, key string, value func(b *business) object) func(*business) object {
	return func(b *business) object {
		out := e.plain(b, t, t.Timer)
		out[key] = value(b)
		return out
	}
}

// about writes a reference to a message of somebody's: targetAuthor, targetAuthorNumber, targetAuthorUuid and
// targetSentTimestamp.
func (e *Emulator) about(b *business, ref Ref) object {
	out := object{"targetSentTimestamp": ref.Timestamp}
	b.authorFields(out, "targetAuthor", e.known(ref.Author))
	return out
}

// known finds somebody by ACI; whoever is nobody here is a stranger with an ACI.
func (e *Emulator) known(aci string) *party {
	if p := e.st.party(aci); p != nil {
		return p
	}
	return &party{aci: aci}
}

// each writes every part of a list; an empty list is [], not null.
func each[T any](list []T, write func(T) object) []object {
	out := make([]object, 0, len(list))
	for _, one := range list {
		out = append(out, write(one))
	}
	return out
}

func styleOut(s Style) object {
	return object{"style": s.Name, "start": s.Start, "length": s.Length}
}

func (e *Emulator) mentionOut(b *business) func(Mention) object {
	return func(m Mention) object {
		out := object{"start": m.Start, "length": m.Length}
		who := e.known(m.ACI)
		out["number"], out["uuid"], out["name"] = orNull(b.numberOf(who)), who.aci, b.legacy(who)
		return out
	}
}

func (e *Emulator) quoteOut(b *business, q *Quote) object {
	out := object{"id": q.Timestamp, "text": orNull(q.Text)}
	b.authorFields(out, "author", e.known(q.Author))
	out["attachments"] = each(q.Files, func(f QuotedMedia) object {
		return object{"contentType": f.Mime, "filename": orNull(f.Name)}
	})
	if len(q.Mentions) > 0 {
		out["mentions"] = each(q.Mentions, e.mentionOut(b))
	}
	if len(q.Styles) > 0 {
		out["textStyles"] = each(q.Styles, styleOut)
	}
	return out
}

func previewOut(p Preview) object {
	out := object{"url": p.URL, "title": p.Title, "description": p.Description, "image": nil}
	if p.Image != nil {
		out["image"] = mediaOut(*p.Image)
	}
	return out
}

func mediaOut(m Media) object {
	return object{
		"contentType": m.Mime, "filename": orNull(m.Name), "id": m.ID, "size": m.Size, "width": orZero(m.Width),
		"height": orZero(m.Height), "caption": orNull(m.Caption), "uploadTimestamp": m.At, "isVoiceNote": m.Voice,
	}
}

// attachmentOut is mediaOut as this version of the daemon writes it: only from 0.14.8 on it tells voice notes apart.
func (e *Emulator) attachmentOut(m Media) object {
	out := mediaOut(m)
	if versionBelow(e.opt.Version, 0, 14, 8) {
		delete(out, "isVoiceNote")
	}
	return out
}

// versionBelow compares a version like 0.14.8 with another one.
func versionBelow(version string, want ...int) bool {
	for i, part := range strings.SplitN(version, ".", 3) {
		n, err := strconv.Atoi(part)
		if err != nil || i >= len(want) || n != want[i] {
			return err == nil && i < len(want) && n < want[i]
		}
	}
	return false
}

// orZero is a width or height, or null for what is no picture.
func orZero(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

func cardOut(c Card) object {
	out := object{
		"name": object{
			"nickname": orNull(c.Nickname), "given": orNull(c.Given), "family": orNull(c.Family),
			"prefix": nil, "suffix": nil, "middle": nil,
		},
		"organization": orNull(c.Organization),
	}
	if c.Avatar != nil {
		out["avatar"] = object{"attachment": mediaOut(*c.Avatar), "isProfile": false}
	}
	values := func(list []string, kind string) (all []object) {
		for _, v := range list {
			all = append(all, object{"value": v, "type": kind, "label": nil})
		}
		return all
	}
	if len(c.Phones) > 0 {
		out["phone"] = values(c.Phones, "MOBILE")
	}
	if len(c.Emails) > 0 {
		out["email"] = values(c.Emails, "HOME")
	}
	if c.Street+c.City+c.Country != "" {
		out["address"] = []object{{
			"type": "HOME", "label": nil, "street": orNull(c.Street), "pobox": nil, "neighborhood": nil, "city": orNull(c.City),
			"region": nil, "postcode": nil, "country": orNull(c.Country),
		}}
	}
	return out
}

// styles are the names that a text style may have. ref: reference/signal-cli.md §3, formats
func styles() []string { return []string{"BOLD", "ITALIC", "SPOILER", "STRIKETHROUGH", "MONOSPACE"} }

// units counts UTF-16 code units, in which Signal counts offsets.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// inText checks that a range lies in a text.
func inText(text string, start, length int) error {
	if start < 0 || length < 0 || start+length > units(text) {
		return fmt.Errorf("range outside the text: %w", errs.ErrInvalid)
	}
	return nil
}
