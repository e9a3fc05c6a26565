package desk

import (
	"encoding/json"
	"maps"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/sample"
)

// kind is one type of message; make makes one that says something.
type kind struct {
	name  string
	event event.Type
	make  func(words string) object
}

// kinds notes every type of message in the card's thread, as a reply to a note, and as a command.
func (a *among) kinds() {
	a.c.Helper()
	a.first = a.says(lock, "a first note", a.command())
	for _, k := range append(plainKinds(), a.fileKinds()...) {
		a.note(nothing, k.name+" in the thread", k.event, a.inside(k.make(a.words()), ""))
		a.note(lock, k.name+" as a reply to a note", k.event, answers(a.first, k.make(a.words())))
		a.note(lock, k.name+" behind the command", k.event, k.make("!puente note "+a.words()))
	}
	a.note(lock, "a poll behind the command", event.EventUnstablePollStart, poll("!puente note "+a.words()))
	inside := a.note(nothing, "a poll in the thread", event.EventUnstablePollStart, a.inside(poll(a.words()), ""))
	reply := a.note(lock, "a poll as a reply to a note", event.EventUnstablePollStart, answers(a.first, poll(a.words())))
	for _, target := range []id.EventID{inside, reply} {
		a.note(whatever, "a vote", event.EventUnstablePollResponse, vote(target))
	}
	// What Puente sends to nobody, it also does not send if it is a note.
	for _, name := range []string{"m.poll.start", "org.matrix.msc3381.poll.end", "com.example.hologram"} {
		a.note(nothing, name+" in the thread", event.Type{Type: name, Class: event.MessageEventType}, a.inside(object{"m.text": a.words()}, ""))
	}
	a.says(nothing, "a message of an unknown type", a.inside(object{"msgtype": "com.example.hologram", "body": a.words()}, ""))
	a.says(nothing, "a notice", a.inside(object{"msgtype": "m.notice", "body": a.words()}, ""))
}

func plainKinds() []kind {
	message := func(content object) func(string) object {
		return func(words string) object {
			made := maps.Clone(content)
			made["body"] = words
			return made
		}
	}
	return []kind{
		{"text", event.EventMessage, message(object{"msgtype": "m.text"})},
		{"formatted text", event.EventMessage, func(words string) object {
			return object{"msgtype": "m.text", "body": words, "format": "org.matrix.custom.html", "formatted_body": "<strong>" + words + "</strong>"}
		}},
		{"emote", event.EventMessage, message(object{"msgtype": "m.emote"})},
		{"location", event.EventMessage, message(object{"msgtype": "m.location", "geo_uri": "geo:12.3456,65.4321"})},
	}
}

func poll(words string) object {
	return object{
		"org.matrix.msc1767.text": words + "\n1. Small\n2. Large", "m.mentions": object{},
		"org.matrix.msc3381.poll.start": object{
			"kind": "org.matrix.msc3381.poll.disclosed", "max_selections": 1, "question": object{"org.matrix.msc1767.text": words},
			"answers": []any{object{"id": "small", "org.matrix.msc1767.text": "Small"}, object{"id": "large", "org.matrix.msc1767.text": "Large"}},
		},
	}
}

func vote(target id.EventID) object {
	return relates(object{"org.matrix.msc3381.poll.response": object{"answers": []any{"small"}}}, object{"rel_type": "m.reference", "event_id": target})
}

// fileKinds are the types with a file, each uploaded once.
func (a *among) fileKinds() (list []kind) {
	a.c.Helper()
	photo, err := sample.PhotoJPEG()
	a.c.Must(err)
	sticker, err := sample.StillSticker()
	a.c.Must(err)
	for _, f := range []struct {
		name       string
		event      event.Type
		msgtype    event.MessageType
		file, mime string
		data       []byte
		more       object
	}{
		{"image", event.EventMessage, event.MsgImage, secret + ".jpg", "image/jpeg", photo, nil},
		{"video", event.EventMessage, event.MsgVideo, secret + ".mp4", "video/mp4", sample.FilmMP4(), nil},
		{"audio", event.EventMessage, event.MsgAudio, secret + ".mp3", "audio/mpeg", sample.SongMP3(), nil},
		{"voice message", event.EventMessage, event.MsgAudio, secret + ".ogg", "audio/ogg", sample.VoiceOpus(), object{"org.matrix.msc3245.voice": object{}}},
		{"file with a caption", event.EventMessage, event.MsgFile, secret + ".pdf", "application/pdf", sample.PagePDF(secret), nil},
		{"sticker", event.EventSticker, event.MsgImage, secret + ".webp", "image/webp", sticker, nil},
	} {
		uploaded, err := a.alice.Attach(a.c.Ctx, a.Room, f.msgtype, f.file, f.mime, f.data)
		a.c.Must(err)
		raw, err := json.Marshal(uploaded)
		a.c.Must(err)
		list = append(list, kind{f.name, f.event, func(words string) object {
			var content object
			a.c.Must(json.Unmarshal(raw, &content))
			maps.Copy(content, f.more)
			content["body"] = words
			if f.event == event.EventSticker {
				delete(content, "msgtype")
			} else {
				content["filename"] = f.file
			}
			return content
		}})
	}
	return list
}
