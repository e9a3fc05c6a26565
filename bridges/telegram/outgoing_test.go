package telegram_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/telegram/emulator"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// choices sends a question with answers, as the desk does.
func (w *world) choices(c network.ChoicesContent) error {
	w.t.Helper()
	list := make([]any, len(c.Choice))
	for i, choice := range c.Choice {
		list[i] = map[string]any{"id": choice.ID, "title": choice.Title, "description": choice.Description}
	}
	w.sentSoFar++
	return w.handle(&event.Event{
		ID: id.EventID("$choices" + c.Body), RoomID: w.room, Sender: desk, Type: event.EventMessage, Timestamp: time.Now().UnixMilli(),
		Content: event.Content{
			Parsed: &event.MessageEventContent{MsgType: event.MsgText, Body: c.Body},
			Raw:    map[string]any{network.ChoicesKey: map[string]any{"body": c.Body, "header": c.Header, "footer": c.Footer, "open": c.Open, "choices": list}},
		},
	})
}

func fromBot(body string) func(emulator.Message) bool {
	return func(m emulator.Message) bool { return m.From == botID && m.Text == body }
}

func TestChoices(t *testing.T) {
	w := newWorld(t, nil)
	long := strings.Repeat("x", 80)
	w.ok(w.choices(network.ChoicesContent{
		Header: "Delivery", Body: "Which day?", Footer: "Free of charge", Open: "Choose",
		Choice: []network.Choice{{ID: "mon", Title: "Monday", Description: "morning"}, {ID: long, Title: "Friday"}},
	}))
	asked := w.shows(w.chat, "the question", fromBot("Delivery\n\nWhich day?\n\n• Monday: morning\n\nFree of charge"))
	rows, _ := asked.Request["reply_markup"].(map[string]any)["inline_keyboard"].([]any)
	if len(rows) != 2 || len(asked.Buttons) != 2 {
		t.Errorf("a list came as %d rows of %d buttons", len(rows), len(asked.Buttons))
	}
	if len(asked.Entities) == 0 || asked.Entities[0].Type != "bold" || asked.Entities[0].Length != len("Delivery") {
		t.Errorf("the header is styled %+v", asked.Entities)
	}
	_, err := w.chat.Press(asked.ID, "Friday")
	w.ok(err)
	answer := w.sees("the answer", text("Friday"))
	if chosen, _ := answer.Raw[network.AnswerKey].(map[string]any); chosen["id"] != long {
		t.Errorf("the answer carries %v, not the choice's own ID", chosen)
	}
	_, err = w.chat.PressGone(asked.ID, "Monday")
	w.ok(err)
	w.sees("the answer under a message that is gone", text("Monday"))
	if answers := w.chat.View().Answers; len(answers) != 2 {
		t.Errorf("%d presses were answered", len(answers))
	}
	before := w.count(text("Friday"))
	w.telegram.FailNext(1, emulator.Fault{Method: "answerCallbackQuery", Code: 401})
	_, err = w.chat.Press(asked.ID, "Friday")
	w.ok(err)
	w.fence()
	if w.count(text("Friday")) != before+1 {
		t.Errorf("a press that Telegram took no answer to is not shown; set aside: %q", w.journal.aside())
	}
}

func TestRefusalsHaveWords(t *testing.T) {
	w := newWorld(t, nil)
	target := w.sees("Ana's words", text("hello from Ana"))
	first, err := w.says(w.room, "to be looked at")
	w.ok(err)
	for name, test := range map[string]struct {
		kind    event.Type
		content any
		kinds   error
		words   string
	}{
		"AnEmojiThatTelegramLacks": {event.EventReaction, &event.ReactionEventContent{RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: target.ID, Key: "🦖"}}, errs.ErrUnsupported, "These work: ❤ 👍"},
		"ATextThatIsTooLong":       {event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: strings.Repeat("😀", 2049)}, errs.ErrTooLarge, "4098 characters and Telegram takes 4096"},
		"ATextOfNothing":           {event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: " \n "}, errs.ErrInvalid, "nothing in this text"},
		"AnEditOfAnothersWords":    {event.EventMessage, edit(target.ID, "mine now"), errs.ErrForbidden, "only the business's own"},
		"APollWithOneAnswer":       {event.EventUnstablePollStart, poll("Which?", "this"), errs.ErrInvalid, "2 to 12 answers"},
		"AVote":                    {event.EventUnstablePollResponse, &event.PollResponseEventContent{RelatesTo: event.RelatesTo{Type: event.RelReference, EventID: first}}, errs.ErrUnsupported, "lets no bot vote"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			_, err := w.sends(w.room, test.kind, test.content)
			if !errors.Is(err, test.kinds) || !strings.Contains(errs.Message(err), test.words) {
				t.Errorf("it ended with %v and the words %q", err, errs.Message(err))
			}
		})
	}
}

func edit(target id.EventID, body string) *event.MessageEventContent {
	content := &event.MessageEventContent{MsgType: event.MsgText, Body: body}
	content.SetEdit(target)
	return content
}

func poll(question string, answers ...string) *event.PollStartEventContent {
	content := &event.PollStartEventContent{}
	content.PollStart.Question.Text, content.PollStart.MaxSelections = question, 1
	for _, answer := range answers {
		var one event.PollOption
		one.ID, one.Text = "id of "+answer, answer
		content.PollStart.Answers = append(content.PollStart.Answers, one)
	}
	return content
}

func TestCaptionsAreEditedWhateverTheClientCallsThem(t *testing.T) {
	w := newWorld(t, nil)
	address := w.home.store([]byte("%PDF-1.4 a page\n"))
	sent, err := w.sends(w.room, event.EventMessage, &event.MessageEventContent{
		MsgType: event.MsgFile, FileName: "page.pdf", Body: "before", URL: address, Info: &event.FileInfo{MimeType: "application/pdf"},
	})
	w.ok(err)
	w.shows(w.chat, "the file", fromBot("before"))
	_, err = w.sends(w.room, event.EventMessage, edit(sent, "after"))
	w.ok(err)
	w.shows(w.chat, "the new caption", func(m emulator.Message) bool { return m.Kind == "document" && m.Text == "after" })
}

func TestAPlaceKeepsItsName(t *testing.T) {
	w := newWorld(t, nil)
	for body, kind := range map[string]string{"Our shop": "venue", "Location: geo:40.4,-3.7": "location", "": "location"} {
		_, err := w.sends(w.room, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgLocation, Body: body, GeoURI: "geo:40.4,-3.7"})
		w.ok(err)
		all := w.chat.View().Messages
		last := all[len(all)-1]
		venue, _ := last.Content["venue"].(map[string]any)
		if last.Kind != kind || kind == "venue" && (venue["title"] != body || venue["address"] != "40.40000, -3.70000") {
			t.Errorf("%q came as %s %v", body, last.Kind, last.Content)
		}
	}
}

func TestAShapeThatIsNoPhotoIsADocument(t *testing.T) {
	w := newWorld(t, nil)
	_, err := w.sends(w.room, event.EventMessage, &event.MessageEventContent{
		MsgType: event.MsgImage, Body: "strip.png", URL: w.home.store(strip(t, 2100, 20)), Info: &event.FileInfo{MimeType: "image/png"},
	})
	w.ok(err)
	w.shows(w.chat, "the document", func(m emulator.Message) bool { return m.From == botID && m.Kind == "document" })
}

func TestWhatIsTooOldCannotBeDeleted(t *testing.T) {
	w := newWorld(t, nil)
	old := &event.Event{
		ID: "$old", RoomID: w.room, Sender: desk, Type: event.EventMessage, Timestamp: time.Now().Add(-49 * time.Hour).UnixMilli(),
		Content: event.Content{Parsed: &event.MessageEventContent{MsgType: event.MsgText, Body: "old words"}, Raw: map[string]any{}},
	}
	w.ok(w.handle(old))
	_, err := w.sends(w.room, event.EventRedaction, &event.RedactionEventContent{Redacts: "$old"})
	if !strings.Contains(errs.Message(err), "48 hours") {
		t.Errorf("it ended with %v", err)
	}
}

func TestTypingIsShownAndLeavesNothingRunning(t *testing.T) {
	w := newWorld(t, nil)
	types := func(users ...id.UserID) {
		w.t.Helper()
		_, err := w.sends(w.room, event.EphemeralEventTyping, &event.TypingEventContent{UserIDs: users})
		w.ok(err)
	}
	types(desk)
	_, err := w.chat.Wait(w.ctx, func(v emulator.View) bool { return v.Typing == "typing" })
	w.ok(err)
	types() // what is left running would be found at the end
}

// strip is a picture with extreme sides.
func strip(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAnOutageOfTelegramFailsNoMessage(t *testing.T) {
	w := newWorld(t, nil)
	w.telegram.FailNext(15, emulator.Fault{Method: "sendMessage", Code: 502})
	w.telegram.FailNext(15, emulator.Fault{Method: "sendMessage", Code: 500})
	_, err := w.says(w.room, "after the outage")
	w.ok(err)
	w.shows(w.chat, "the words", said2("after the outage"))
}
