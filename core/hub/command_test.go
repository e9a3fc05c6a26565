package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// templating is a toy whose network has templates.
type templating struct {
	*toy
	list []channel.Template
	err  error
}

func (t *templating) Templates(context.Context, *bridgev2.UserLogin) ([]channel.Template, error) {
	return t.list, t.err
}

func (t *templating) network() network.Network {
	n := t.toy.network()
	inner := n.New
	n.New = func(env network.Env) (network.Connector, error) {
		if _, err := inner(env); err != nil {
			return nil, err
		}
		return t, nil
	}
	return n
}

func withTemplates(t *templating) func(*world) {
	return func(w *world) {
		t.toy = w.red
		t.list = []channel.Template{
			{Name: "hello", Language: "en", Category: "UTILITY", Status: "APPROVED", Body: "Hello {{1}},\nyour {{2}}", Header: channel.TemplateHeader{Kind: "TEXT", Text: "To {{1}}"}},
			{Name: "both", Language: "en", Status: "APPROVED", Body: "Hi"}, {Name: "both", Language: "es", Status: "APPROVED", Body: "Hola"},
			{Name: "picture", Language: "en", Category: "MARKETING", Status: "APPROVED", Body: "Look", Header: channel.TemplateHeader{Kind: "IMAGE"}},
			{Name: "place", Language: "en", Category: "UTILITY", Status: "APPROVED", Body: "We are here", Header: channel.TemplateHeader{Kind: "LOCATION"}},
			{Name: "refused", Language: "en", Status: "REJECTED", Body: "No"},
		}
		w.opts.Networks = []network.Network{t.network(), w.blue.network()}
	}
}

// lastOf returns what the business's own user wrote last, and decodes the key beside the words.
func (w *world) lastOf(t *toy, chat, key string, into any) sentEvent {
	w.Helper()
	var last sentEvent
	for _, evt := range w.hs.sent(w.room(t, chat), event.EventMessage) {
		if evt.Sender == w.hub.Desk() {
			last = evt
		}
	}
	raw, err := json.Marshal(last.Content[key])
	w.must(err)
	w.must(json.Unmarshal(raw, into))
	return last
}

func TestTemplatesInARoom(t *testing.T) {
	red := &templating{}
	each(t, withTemplates(red), func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		list := w.asks(room, ana, "!puente templates")
		w.expect(list, "hello en (utility, 3 values): Hello {{1}}, your {{2}}", "picture en (marketing, with image): Look", "place en (utility, with location): We are here")
		if strings.Contains(list, "refused") {
			w.Errorf("a refused template is offered: %q", list)
		}
		for command, want := range map[string]string{
			"template": "name the template", "template nothing": "no approved template", "template refused": "no approved template",
			"template both": "several languages", "template hello a | b": "wants 3 values and got 2", "template picture": "starts with a picture",
			"template place": "starts with a location: take one that was sent in this room, or share one in the thread of a note",
		} {
			w.expect(w.asks(room, ana, "!puente "+command), "Nothing was sent: ", want)
		}
		if got := w.asks(room, ana, "!puente template hello en Ana | Ana | bike"); got != "" {
			w.Errorf("the room was told %q", got)
		}
		var content network.TemplateContent
		sent := w.lastOf(w.red, "c1", network.TemplateKey, &content)
		if sent.body() != "To Ana\n\nHello Ana,\nyour bike" || fmt.Sprint(content) != "{hello en [Ana] <nil> [Ana bike] []}" || sent.Content[network.AuthorKey] != ana.String() {
			w.Errorf("sent %q with %+v by %v", sent.body(), content, sent.Content[network.AuthorKey])
		}
		w.asks(room, ana, "!puente template both ES")
		if sent = w.lastOf(w.red, "c1", network.TemplateKey, &content); sent.body() != "Hola" || content.Language != "es" {
			w.Errorf("sent %q", sent.body())
		}
		red.err = errToy
		w.expect(w.asks(room, ana, "!puente templates"), "Nothing was sent: something went wrong")
		red.err, red.list = nil, nil
		w.expect(w.asks(room, ana, "!puente templates"), "no approved templates")
		other := w.customer(w.blue, "c1", "hello")
		w.expect(w.asks(other, ana, "!puente templates"), "Toy blue has no templates")
	})
}

func TestTemplateTakesItsHeaderFromAReply(t *testing.T) {
	alone(t, withTemplates(&templating{}), func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		inRoom := w.hs.sent(room, event.EventMessage)[0].ID
		reply := func(to any) {
			w.evt(room, ana, event.EventMessage, object{"msgtype": "m.text", "body": "!puente template picture", "m.relates_to": object{"m.in_reply_to": object{"event_id": to}}})
			w.settled()
		}
		reply(inRoom)
		notices := w.notices(room)
		w.expect(notices[len(notices)-1], "starts with a picture")
		w.hs.mu.Lock()
		w.hs.events = append(w.hs.events, sentEvent{ID: "$picture", Room: room, Sender: ana, Type: "m.room.message", Content: object{
			"msgtype": "m.image", "body": "!puente note", "filename": "a.png", "url": "mxc://x/y", "info": object{"size": 5},
		}})
		w.hs.mu.Unlock()
		reply("$picture")
		var content network.TemplateContent
		if sent := w.lastOf(w.red, "c1", network.TemplateKey, &content); sent.Content["url"] != "mxc://x/y" || sent.Content["filename"] != "a.png" || sent.body() != "Look" {
			w.Errorf("sent %v", sent.Content)
		}
	})
}

func TestTemplateTakesItsPlaceFromAReply(t *testing.T) {
	alone(t, withTemplates(&templating{}), func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		note := w.says(room, ana, "!puente note places")
		shop := object{"msgtype": "m.location", "body": "Our shop\nGran Vía 1", "geo_uri": "geo:40.4168,-3.7038"}
		shared := w.evt(room, ana, event.EventMessage, with(shop, threadOf(note)))
		w.settled()
		if got := w.red.got(""); len(got) > 0 {
			w.Fatalf("the customer got %+v", got)
		}
		w.hs.mu.Lock()
		w.hs.events = append(w.hs.events, sentEvent{ID: shared, Room: room, Sender: ana, Type: "m.room.message", Content: shop})
		w.hs.mu.Unlock()
		w.evt(room, ana, event.EventMessage, with(words("!puente template place"), replyTo(shared)))
		w.settled()
		var content network.TemplateContent
		sent := w.lastOf(w.red, "c1", network.TemplateKey, &content)
		if content.Place == nil || *content.Place != (network.Place{GeoURI: "geo:40.4168,-3.7038", Body: "Our shop\nGran Vía 1"}) {
			w.Errorf("sent with %+v", content)
		}
		if sent.Content["msgtype"] != "m.text" || sent.body() != "📍 Our shop\nGran Vía 1\n\nWe are here" {
			w.Errorf("the room shows %v", sent.Content)
		}
		told := len(w.notices(room))
		w.evt(room, ana, event.EventMessage, with(words("!puente template picture"), replyTo(shared)))
		w.settled()
		w.expect(strings.Join(w.notices(room)[told:], "\n"), "starts with a picture")
	})
}

func TestQuestionsInARoom(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.expect(w.asks(room, ana, "!puente buttons alone"), "one to three answers")
		w.expect(w.asks(room, ana, "!puente list a | b"), "one to ten answers")
		w.asks(room, ana, "!puente buttons Come? | Yes | No")
		var content network.ChoicesContent
		sent := w.lastOf(w.red, "c1", network.ChoicesKey, &content)
		if sent.body() != "Come?\n\n[Yes]\n[No]" || content.Open != "" || fmt.Sprint(content.Choice) != "[{choice-1 Yes } {choice-2 No }]" {
			w.Errorf("sent %q with %+v", sent.body(), content)
		}
		w.asks(room, ana, "!puente list When? | Pick | Monday | Tuesday")
		if sent = w.lastOf(w.red, "c1", network.ChoicesKey, &content); content.Open != "Pick" || len(content.Choice) != 2 {
			w.Errorf("sent %q with %+v", sent.body(), content)
		}
		w.red.bridge.GetCachedUserLoginByID("account").Logout(w.ctx)
	})
}

func TestCommandIsTriedAgain(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		failures := 0
		w.hs.failWith(func(_ *http.Request, parts []string) int {
			if len(parts) > 4 && parts[4] == "send" {
				if failures++; failures <= 2 {
					return 500
				}
			}
			return 0
		})
		w.expect(w.asks(room, ana, "!puente help"), "the customer sees none of this")
		failures = 0
		w.asks(room, ana, "!puente buttons Come? | Yes")
		var content network.ChoicesContent
		if sent := w.lastOf(w.red, "c1", network.ChoicesKey, &content); sent.ID == "" {
			w.Error("nothing was sent")
		}
	})
}

// TestNothingReachesTheCommandsOfTheBridges: they would be obeyed as the business's own.
func TestNothingReachesTheCommandsOfTheBridges(t *testing.T) {
	alone(t, func(w *world) { w.opts.Signature = SignatureFull }, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		sent := w.says(room, ana, "one")
		w.red.forget()
		w.evt(room, ana, event.EventMessage, with(words("!puente delete-portal"), refersTo("m.replace", sent), object{"m.new_content": words("new words")}))
		w.evt(room, ana, event.StateMember, object{"membership": "join", "displayname": "!puente delete-portal"}, object{"state_key": ana})
		w.evt(room, ana, event.EventMessage, words("two"))
		w.evt(room, ana, event.StateMember, object{"membership": "join", "displayname": "Ana"}, object{"state_key": ana})
		w.says(room, ana, "three")
		if got := one(w, w.red, ""); got.Text != "Ana:\nthree" {
			w.Errorf("the network got %+v", got)
		}
		told := strings.Join(w.notices(room), "\n")
		if w.room(w.red, "c1") != room || !strings.Contains(told, "cannot be edited into a message") || !strings.Contains(told, "Change your display name") {
			w.Errorf("the room was told %q", told)
		}
	})
}
