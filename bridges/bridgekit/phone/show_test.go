package phone_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"puente/bridges/bridgekit/phone"
)

func TestWhatAMessageShows(t *testing.T) {
	for name, test := range map[string]struct {
		message phone.Message
		want    []string
		lacks   []string
	}{
		"Formatted":     {phone.Message{Text: "hi", HTML: "<b>hi</b>"}, []string{`<div class="body"><b>hi</b></div>`}, nil},
		"Picture":       {phone.Message{Text: "cat", File: &phone.File{ID: "f 1", Kind: "image", Mime: "image/png", Width: 9, Height: 7}}, []string{`<img src="/phone/file/net?customer=c1&amp;file=f&#43;1"`, `alt="The business&#39;s photo: cat"`, `width="9" height="7"`}, nil},
		"Film":          {phone.Message{File: &phone.File{Kind: "video", Mime: "video/mp4"}}, []string{"<video", "controls"}, nil},
		"Round":         {phone.Message{File: &phone.File{Kind: "video_note", Mime: "video/mp4"}}, []string{"kind-video_note", "<video"}, nil},
		"Voice":         {phone.Message{File: &phone.File{Kind: "voice", Mime: "audio/ogg"}}, []string{"<audio", "#icon-mic"}, []string{"#icon-note"}},
		"Sound":         {phone.Message{File: &phone.File{Kind: "audio", Mime: "audio/mpeg", Name: "song.mp3"}}, []string{"<audio", "song.mp3"}, nil},
		"MovingSticker": {phone.Message{File: &phone.File{Kind: "sticker", Mime: "video/webm"}}, []string{"autoplay loop muted"}, []string{"controls"}},
		"StrangeSticker": {phone.Message{File: &phone.File{Kind: "sticker", Mime: "application/x-tgsticker", Size: 2000}},
			[]string{"Animated sticker", "2 kB", "download"}, []string{"<video", "<img"}},
		"File":        {phone.Message{File: &phone.File{Kind: "file", Mime: "image/png", Name: "a.png", Size: 3 << 20}}, []string{"a.png", "3 MB", "download"}, []string{"<img"}},
		"Once":        {phone.Message{File: &phone.File{Kind: "image", Mime: "image/png", Once: true}}, []string{"Can be viewed once"}, nil},
		"Place":       {phone.Message{Place: &phone.Place{Latitude: 1.5, Longitude: -2, Name: "Sol", Address: "Madrid"}}, []string{"Sol", "Madrid", "1.50000, -2.00000"}, nil},
		"Contact":     {phone.Message{Cards: []phone.Card{{Name: "Eva", Lines: []string{"eva@example.com"}}}}, []string{"Eva", "eva@example.com"}, nil},
		"Deleted":     {phone.Message{Text: "secret", HTML: "secret", Deleted: true}, []string{"This message was deleted"}, []string{"secret</div>", "Offer unreact"}},
		"Line":        {phone.Message{Line: "Ana joined"}, []string{`<li class="line" data-key=`, "<span>Ana joined"}, []string{">Ana joined</div>"}},
		"Answer":      {phone.Message{Quote: "old"}, []string{`<blockquote class="quoted"><strong>You</strong><span>the old one`}, nil},
		"Group":       {phone.Message{From: "Greta"}, []string{`>Greta</p>`}, nil},
		"Ticks":       {phone.Message{Mine: true, State: "read"}, []string{`class="ticks read"`, `<span class="sr">read</span>`}, nil},
		"Marks":       {phone.Message{Edited: true, Forwarded: true, Reactions: []string{"👍", "👍", "🌵"}}, []string{"edited", "Forwarded", "👍 2", "🌵"}, nil},
		"Editable":    {phone.Message{Mine: true, CanEdit: true, CanDelete: true}, []string{"Offer edit", "/phone/do/net/delete"}, nil},
		"NotEditable": {phone.Message{Mine: true}, []string{"Reply"}, []string{"Offer edit", "/phone/do/net/delete"}},
		"ToListen":    {phone.Message{File: &phone.File{Kind: "voice", Mime: "audio/ogg"}}, []string{"Mark as listened to"}, nil},
		"Poll": {phone.Message{Poll: &phone.Poll{Question: "When?", Options: []phone.Option{{Text: "Mon", Votes: 2, Mine: true}, {Text: "Tue"}}}},
			[]string{"When?", "One answer · 2 votes", `name="choice" value="1"`, "Take the vote back"}, []string{"checkbox\" name=\"choice"}},
		"PollOfMany": {phone.Message{Poll: &phone.Poll{Question: "When?", Multiple: true, Options: []phone.Option{{Text: "Mon", Votes: 1, Mine: true}}}},
			[]string{`type="checkbox" name="choice" value="0" checked`, "1 vote", ">Vote</button>"}, nil},
		"PollClosed": {phone.Message{Poll: &phone.Poll{Question: "When?", Closed: true, Options: []phone.Option{{Text: "Mon"}}}}, []string{"Closed"}, []string{`name="choice" value="0"`}},
		"Buttons": {phone.Message{Header: "Hello", Footer: "Bye", Buttons: []phone.Button{{ID: "y", Text: "Yes", Pressed: true}, {Text: "Shop", URL: "https://example.com/?a=1&b=2"}, {Text: "Call", URL: "tel:+1650"}, {Text: "Code 12"}}},
			[]string{"Hello", "Bye", `value="y" class="chosen"`, `href="https://example.com/?a=1&amp;b=2"`, `href="tel:`, `<span class="dead"><span>Code 12`}, nil},
		"List": {phone.Message{List: "Times", Buttons: []phone.Button{{ID: "1", Text: "Morning", Description: "9 to 12", Section: "Thursday"}}},
			[]string{`<details class="list"`, "Times", "<h3>Thursday</h3>", "9 to 12"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			n := newMemory("net", "Net", "Ana")
			p := serve(t, n)
			n.says("c1", phone.Message{ID: "old", Mine: true, Text: "the old one"})
			n.says("c1", test.message)
			a := p.get("/")
			p.want(a, http.StatusOK, test.want...)
			p.wantNot(a, test.lacks...)
		})
	}
}

func TestDaysAndUnread(t *testing.T) {
	n := newMemory("net", "Net", "Ana", "Bruno")
	p := serve(t, n)
	today := time.Date(2026, 3, 9, 8, 5, 0, 0, time.UTC)
	n.says("c1", phone.Message{Text: "a", At: today.AddDate(0, 0, -7)})
	n.says("c1", phone.Message{Text: "b", At: today.AddDate(0, 0, -1)})
	n.says("c1", phone.Message{Text: "c", At: today})
	n.says("c2", phone.Message{Text: "for Bruno"})
	p.want(p.get("/"), http.StatusOK, "Monday, 2 March 2026", "Yesterday", "Today", "08:05", "3 new", `aria-label="1 unread elsewhere"`, "for Bruno")
}

func TestOldMessagesAreShownOnDemand(t *testing.T) {
	n := newMemory("net", "Net", "Ana")
	p := serve(t, n)
	for i := range 203 {
		n.says("c1", phone.Message{Text: fmt.Sprintf("number %d.", i)})
	}
	a := p.get("/")
	p.want(a, http.StatusOK, "3 earlier messages", "number 3.")
	p.wantNot(a, "number 2.")
	p.want(p.get("/?net.all=1"), http.StatusOK, "number 0.")
}

func TestOnlyWhatIsOfferedIsShown(t *testing.T) {
	n := newMemory("net", "Net", "Ana")
	n.offers = []phone.Offer{{Kind: phone.Text, Name: "Send"}}
	n.says("c1", phone.Message{Mine: true, Text: "x", CanEdit: true, CanDelete: true, Poll: &phone.Poll{Options: []phone.Option{{Text: "a"}}}, Buttons: []phone.Button{{ID: "b", Text: "b"}}})
	p := serve(t, n)
	a := p.get("/")
	p.want(a, http.StatusOK, "<textarea", "Read receipts")
	p.wantNot(a, "/phone/do/net/react", "/phone/do/net/delete", "net.edit=", "/phone/do/net/call", "/phone/do/net/file", `name="choice" value="0"`, `name="choice" value="b"`, "data-typing", `class="menu attach"`)
	n.offers = []phone.Offer{{Kind: "wave", Name: "Wave"}}
	a = p.get("/")
	p.want(a, http.StatusOK, "Wave", "/phone/do/net/wave")
	p.wantNot(a, "data-form=\"text\"")
}
