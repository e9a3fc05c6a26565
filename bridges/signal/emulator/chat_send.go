package emulator

import (
	"fmt"
	"maps"
	"strings"
)

// SendText sends a text.
func (c *Chat) SendText(text string, opts ...SendOption) (Ref, error) {
	if text == "" {
		return Ref{}, invalid("The text is empty.")
	}
	return c.send(&Message{Kind: "text", Text: text}, opts)
}

// SendFiles sends files with a caption, which may be empty.
func (c *Chat) SendFiles(caption string, files []File, opts ...SendOption) (Ref, error) {
	return c.sendFiles(caption, files, false, opts)
}

// SendVoice sends a voice note; Sample("voice.aac") is one.
func (c *Chat) SendVoice(f File, opts ...SendOption) (Ref, error) {
	f.Name = "" // voice notes have none
	return c.sendFiles("", []File{f}, true, opts)
}

func (c *Chat) sendFiles(caption string, files []File, voice bool, opts []SendOption) (Ref, error) {
	if len(files) == 0 {
		return Ref{}, invalid("Choose a file first.")
	}
	for _, f := range files {
		if len(f.Data) == 0 || len(f.Data) > maxFile {
			return Ref{}, invalid("A file has between 1 byte and 100 MB.")
		}
	}
	attach := func(c *Chat, _ *thread, m *Message) error {
		for _, f := range files {
			m.Files = append(m.Files, c.e.media(f, voice))
		}
		return nil
	}
	return c.send(&Message{Kind: "text", Text: caption}, append([]SendOption{attach}, opts...))
}

// SendSticker sends a sticker of SamplePack: 0 is a still one, 1 an animated one.
func (c *Chat) SendSticker(id int, opts ...SendOption) (Ref, error) {
	if _, ok := sticker(SamplePack, int64(id)); !ok {
		return Ref{}, invalid("There is no such sticker.")
	}
	return c.send(&Message{Kind: "sticker", Sticker: &Sticker{PackID: SamplePack, StickerID: id}}, opts)
}

// stickerFile is the file ID under which phones show a sticker of the sample pack.
func stickerFile(id int) string { return fmt.Sprintf("sticker-%d.webp", id) }

// SendContact sends a contact card.
func (c *Chat) SendContact(card Card, opts ...SendOption) (Ref, error) {
	return c.send(&Message{Kind: "contact", Contacts: []Card{card}}, opts)
}

// SendPoll asks a question.
func (c *Chat) SendPoll(question string, options []string, multiple bool, opts ...SendOption) (Ref, error) {
	if problem := pollProblem(options); problem != "" || question == "" {
		return Ref{}, invalid("A poll has a question and two to ten different options.")
	}
	return c.send(&Message{Kind: "poll", Poll: &Poll{Question: question, Options: options, Multiple: multiple}}, opts)
}

// SendPayment tells of a payment in MobileCoin.
func (c *Chat) SendPayment(note string) (Ref, error) {
	var ref Ref
	err := c.locked(func(me *party, t *thread) error {
		at := c.e.stamp(me.aci)
		ref = Ref{me.aci, at}
		m := c.e.addLine(t, me.aci, at, "Sent a payment")
		c.e.tell(event{author: me, thread: t, at: at, message: m, data: c.e.with(t, "payment", func(*business) object {
			return object{"note": note, "receipt": random(24)}
		})})
		return nil
	})
	return ref, err
}

// PostStory shows a story to all accounts of the business that know the customer: a picture, or a text if f is nil.
func (c *Chat) PostStory(f *File, text string) (Ref, error) {
	var ref Ref
	err := c.locked(func(me *party, t *thread) error {
		at := c.e.stamp(me.aci)
		ref = Ref{me.aci, at}
		story := object{"allowsReplies": true}
		if f != nil {
			media := c.e.media(*f, false)
			story["fileAttachment"] = mediaOut(media)
		} else {
			story["textAttachment"] = object{"text": strings.TrimSpace(text), "style": "DEFAULT", "textForegroundColor": "#ffffffff"}
		}
		if t.GroupID != "" {
			story["groupId"] = t.GroupID
		}
		c.e.showStory(me, t, at, story)
		return nil
	})
	return ref, err
}

func (e *Emulator) showStory(me *party, t *thread, at int64, story object) {
	for _, aci := range e.st.others(t, me.aci) {
		if b := e.st.account(aci); b != nil && !b.relation(me.aci).Blocked {
			e.post(b, &letter{From: me.aci, Envelope: e.envelope(b, me, at, "storyMessage", story)})
		}
	}
	if me.business != nil {
		own := maps.Clone(story) // the others' letters keep theirs
		own["destinationNumber"], own["destinationUuid"] = nil, nil
		e.sync(me.business, at, object{"sentStoryMessage": own})
	}
}
