package phone_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"testing"

	"puente/bridges/bridgekit/phone"
)

func TestEveryGestureReachesItsNetwork(t *testing.T) {
	for name, test := range map[string]struct {
		kind  string
		state string
		form  []string
		want  phone.Gesture
	}{
		"Text":             {phone.Text, "", []string{"text", " two\r\nlines "}, phone.Gesture{Text: "two\nlines"}},
		"Reply":            {phone.Text, "&net.reply=m1", []string{"text", "yes"}, phone.Gesture{Text: "yes", Message: "m1"}},
		"EditByTextField":  {phone.Text, "&net.edit=m1", []string{"text", "new"}, phone.Gesture{Kind: phone.Edit, Text: "new", Message: "m1"}},
		"FileOfTheNetwork": {phone.SendFile, "", []string{"text", "look"}, phone.Gesture{Text: "look"}},
		"VoiceAsReply":     {phone.Voice, "&net.reply=m1", nil, phone.Gesture{Message: "m1"}},
		"Sticker":          {phone.Sticker, "", nil, phone.Gesture{}},
		"Location": {phone.Location, "", []string{"latitude", "40.5", "longitude", "-3.25", "name", "Sol", "address", "Madrid"},
			phone.Gesture{Place: &phone.Place{Latitude: 40.5, Longitude: -3.25, Name: "Sol", Address: "Madrid"}}},
		"OwnContact":     {phone.Contact, "", []string{"text", ""}, phone.Gesture{}},
		"Contact":        {phone.Contact, "", []string{"text", "Eva"}, phone.Gesture{Text: "Eva"}},
		"Poll":           {phone.PollStart, "", []string{"text", "When?", "options", "Mon\r\n\r\n Tue ", "on", "1"}, phone.Gesture{Text: "When?", Choices: []string{"Mon", "Tue"}, On: true}},
		"Vote":           {phone.Vote, "", []string{"message", "poll", "choice", "0", "choice", "1"}, phone.Gesture{Message: "poll", Choices: []string{"0", "1"}}},
		"TakeVoteBack":   {phone.Vote, "", []string{"message", "poll"}, phone.Gesture{Message: "poll"}},
		"React":          {phone.React, "", []string{"message", "m1", "text", "👍"}, phone.Gesture{Message: "m1", Text: "👍"}},
		"Unreact":        {phone.Unreact, "", []string{"message", "m1"}, phone.Gesture{Message: "m1"}},
		"Delete":         {phone.Delete, "", []string{"message", "m1"}, phone.Gesture{Message: "m1"}},
		"Press":          {phone.Press, "", []string{"message", "offer", "choice", "y"}, phone.Gesture{Message: "offer", Choices: []string{"y"}}},
		"Read":           {phone.Read, "", nil, phone.Gesture{}},
		"Played":         {phone.Played, "", []string{"message", "m1"}, phone.Gesture{Message: "m1"}},
		"Typing":         {phone.Typing, "", []string{"on", "1"}, phone.Gesture{On: true}},
		"TypingEnds":     {phone.Typing, "", nil, phone.Gesture{}},
		"Call":           {phone.Call, "", nil, phone.Gesture{}},
		"Odd":            {phone.Odd, "", nil, phone.Gesture{}},
		"SettingOff":     {phone.Set, "", []string{"choice", "receipts"}, phone.Gesture{Choices: []string{"receipts"}}},
		"SettingOn":      {phone.Set, "", []string{"choice", "receipts", "on", "1"}, phone.Gesture{Choices: []string{"receipts"}, On: true}},
		"UnknownIsATest": {"wave", "", nil, phone.Gesture{}},
	} {
		t.Run(name, func(t *testing.T) {
			n := newMemory("net", "Net", "Ana")
			n.offers = append(n.offers, phone.Offer{Kind: "wave", Name: "Wave"})
			n.says("c1", phone.Message{ID: "m1", Text: "hello"})
			n.says("c1", phone.Message{ID: "offer", Buttons: []phone.Button{{ID: "y", Text: "Yes"}}})
			n.says("c1", phone.Message{ID: "poll", Poll: &phone.Poll{Options: []phone.Option{{Text: "a"}, {Text: "b"}}}})
			p := serve(t, n)
			a := p.post("/phone/do/net/"+test.kind+"?net.customer=c1&net.chat=main"+test.state, test.form...)
			p.want(a, http.StatusSeeOther)
			if test.want.Kind == "" {
				test.want.Kind = test.kind
			}
			if got := n.lastGesture(); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			where, err := url.Parse(a.header.Get("Location"))
			if err != nil || where.Query().Get("net.customer") != "c1" || where.Query().Has("net.reply") || where.Query().Has("net.edit") {
				t.Errorf("it leads to %s, %v", where, err)
			}
			p.want(p.get(where.String()), http.StatusOK, "Ana")
		})
	}
}

func TestUploadReachesTheNetworkAsItIs(t *testing.T) {
	n := newMemory("net", "Net", "Ana")
	p := serve(t, n)
	content := []byte("\x89PNG\r\n\x1a\nrest")
	p.want(p.upload("/phone/do/net/file", "cat.png", "application/octet-stream", content, "text", "my cat"), http.StatusSeeOther)
	want := phone.Gesture{Kind: phone.SendFile, Text: "my cat", File: &phone.Upload{Name: "cat.png", Mime: "image/png", Content: content}}
	if got := n.lastGesture(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	p.want(p.upload("/phone/do/net/voice", "", "application/octet-stream", nil), http.StatusSeeOther)
	if got := n.lastGesture(); got.Kind != phone.Voice || got.File != nil {
		t.Errorf("without a file got %+v", got)
	}
}

func TestProblemStandsOnThePhoneThatItConcerns(t *testing.T) {
	for name, test := range map[string]struct {
		path   string
		form   []string
		status int
		words  string
	}{
		"NetworkRefuses":  {"/phone/do/net/text", []string{"text", "forbidden <i>words</i>"}, 403, "The business has &lt;blocked&gt; you."},
		"NothingWritten":  {"/phone/do/net/text", []string{"text", "  "}, 422, "Write something first."},
		"NoSuchMessage":   {"/phone/do/net/delete", []string{"message", "zzz"}, 404, "That did not work"},
		"NoSuchCustomer":  {"/phone/do/net/text?net.customer=zzz", []string{"text", "x"}, 404, "That customer is not here any more."},
		"NoSuchChat":      {"/phone/do/net/text?net.chat=zzz", []string{"text", "x"}, 404, "That chat is not here any more."},
		"NotOffered":      {"/phone/do/net/fly", nil, 422, "Net does not have that."},
		"PlaceOffTheMap":  {"/phone/do/net/location", []string{"latitude", "91", "longitude", "0"}, 422, "A place needs a latitude"},
		"PlaceOfNaN":      {"/phone/do/net/location", []string{"latitude", "NaN", "longitude", "0"}, 422, "A place needs a latitude"},
		"PollOfOneAnswer": {"/phone/do/net/poll", []string{"text", "Why?", "options", "so"}, 422, "at least two answers"},
		"NamelessPerson":  {"/phone/add/net", []string{"name", " ", "address", "+1 650"}, 422, "A customer needs a name."},
	} {
		t.Run(name, func(t *testing.T) {
			n, other := newMemory("net", "Net", "Ana"), newMemory("other", "Other", "Olga")
			p := serve(t, other, n)
			a := p.post(test.path, test.form...)
			p.want(a, test.status, test.words, `id="phone-other"`, `class="phone n1 shown" id="phone-net"`)
			if len(test.form) > 1 && test.form[0] == "text" && test.form[1] == "forbidden <i>words</i>" {
				p.want(a, test.status, "forbidden &lt;i&gt;words&lt;/i&gt;</textarea>") // what was written is not lost
			}
			only := p.post("/phone/add/other?only=other", "name", "")
			p.wantNot(only, `id="phone-net"`)
		})
	}
}

func TestAddingACustomerShowsTheirPhone(t *testing.T) {
	n := newMemory("net", "Net")
	p := serve(t, n)
	p.want(p.get("/"), http.StatusOK, "Nobody has a phone here yet", "too fast: taken at the second try")
	a := p.post("/phone/add/net", "name", " Bruno ", "address", "+49 1")
	p.want(a, http.StatusSeeOther)
	p.want(p.get(a.header.Get("Location")), http.StatusOK, "Bruno", "49 1", "Lucky Shrub")
	p.want(p.post("/phone/add/net", "name", "Carla", "address", "+49 1"), http.StatusConflict, "Somebody has that address already.", `value="Carla"`)
}

func TestTwoNetworksWithTheSameIDs(t *testing.T) {
	one, two := newMemory("one", "One", "Ana"), newMemory("two", "Two", "Ada")
	one.says("c1", phone.Message{Text: "in one", File: &phone.File{ID: "f", Kind: "image", Mime: "image/png"}}, []byte("picture one")...)
	two.says("c1", phone.Message{Text: "in two", File: &phone.File{ID: "f", Kind: "image", Mime: "image/png"}}, []byte("picture two")...)
	p := serve(t, one, two)
	p.want(p.get("/?one.customer=c1&two.customer=c1"), http.StatusOK, "in one", "in two", "Ana", "Ada")
	p.want(p.post("/phone/do/two/text?one.customer=c1&two.customer=c1", "text", "hello"), http.StatusSeeOther)
	if len(one.did) != 0 || len(two.did) != 1 {
		t.Errorf("one got %d gestures, two got %d", len(one.did), len(two.did))
	}
	p.want(p.get("/phone/file/one?customer=c1&file=f"), http.StatusOK, "picture one")
	p.want(p.get("/phone/file/two?customer=c1&file=f"), http.StatusOK, "picture two")
	part := p.get("/?only=two")
	p.want(part, http.StatusOK, "in two")
	p.wantNot(part, "in one")
}

func TestUnknownPlacesFallBackToTheFirst(t *testing.T) {
	n := newMemory("net", "Net", "Ana")
	p := serve(t, n)
	p.want(p.get("/?net.customer=gone"), http.StatusOK, "Ana", "That customer is not here any more; this is the first one.")
	p.want(p.get("/?net.chat=gone"), http.StatusOK, "Lucky Shrub", "That chat is not here any more; this is the first one.")
	p.want(p.get("/?net.reply=gone&show=nowhere"), http.StatusOK, "that is not in this chat")
	if _, err := n.AddCustomer(context.Background(), "Bruno", ""); err != nil {
		t.Fatal(err)
	}
	p.want(p.get("/?net.customer=c2"), http.StatusOK, `aria-label="Net: Bruno's phone"`)
}

func TestFormsWorkWithoutAScript(t *testing.T) {
	one, two := newMemory("one", "One", "Ana", "Bruno"), newMemory("two", "Two", "Ada", "Bea")
	m := one.says("c2", phone.Message{Text: "hello Bruno"})
	p := serve(t, one, two)
	page := p.get("/?one.customer=c2&two.customer=c2&one.reply=" + m)
	action := regexp.MustCompile(`action="(/phone/do/one/text[^"]*)"`).FindStringSubmatch(page.body)
	if action == nil {
		t.Fatal("there is no form")
	}
	sent := p.post(html.UnescapeString(action[1]), "text", "hello back")
	if got := one.lastGesture(); got.Message != m || len(two.did) != 0 {
		t.Errorf("got %+v", got)
	}
	page = p.get(sent.header.Get("Location"))
	p.want(page, http.StatusOK, "One: Bruno's phone", "Two: Bea's phone", "hello back", `class="quoted"`)
	p.wantNot(page, `class="quoting"`)
}
