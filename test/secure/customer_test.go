package secure

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
)

// hostile is a text that tries to be more than a text: to ping, to be HTML, Markdown and a mention.
const hostile = `@room <b>b</b> <img src=x onerror=alert(1)> <script>x</script> <a href="javascript:x">a</a> **m** [p](https://matrix.to/#/@alice:localhost) ` +
	`<mx-reply>r</mx-reply> https://matrix.to/#/@alice:localhost`

// fileName is no name to save a file under.
const fileName = "../../etc/\u202Egpj.exe\x07 CON. "

// customer is one person on one network, who means harm.
type customer struct {
	w      *world
	phones phone.Network
	phone.Customer
	chat string
	room id.RoomID
	self id.UserID // the ghost
}

func (w *world) enemy(phones phone.Network, name string) *customer {
	w.tb.Helper()
	made, err := phones.AddCustomer(w.ctx, name, "")
	w.must(err)
	chats, err := phones.Chats(made.ID)
	w.must(err)
	c := &customer{w: w, phones: phones, Customer: made, chat: chats[0].ID}
	c.does(phone.Gesture{Kind: phone.Text, Text: "opening-" + phones.ID()})
	opened := w.message("opening-" + phones.ID())
	c.room, c.self = opened.RoomID, opened.Sender
	return c
}

// does has the customer do something, if the network has it.
func (c *customer) does(what phone.Gesture) (done bool) {
	c.w.tb.Helper()
	if !slices.ContainsFunc(c.phones.Gestures(), func(o phone.Offer) bool { return o.Kind == what.Kind }) {
		return false
	}
	c.w.must(c.phones.Do(c.w.ctx, c.Customer.ID, c.chat, what))
	return true
}

// said are the messages on the customer's phone, of the customer or of the business.
func (c *customer) said(mine bool) (list []phone.Message) {
	c.w.tb.Helper()
	all, err := c.phones.Messages(c.Customer.ID, c.chat)
	c.w.must(err)
	return slices.DeleteFunc(slices.Clone(all), func(m phone.Message) bool { return m.Line != "" || m.Mine != mine })
}

// fence waits until alice has all that the customer did.
func (c *customer) fence(name string) {
	c.w.tb.Helper()
	words := "fence-" + name + "-" + c.phones.ID()
	c.does(phone.Gesture{Kind: phone.Text, Text: words})
	c.w.message(words)
}

// gets waits until the business's words are on the customer's phone.
func (c *customer) gets(words string) {
	c.w.tb.Helper()
	for deadline := time.Now().Add(patience); ; {
		changed := c.phones.Changed()
		if slices.ContainsFunc(c.said(false), func(m phone.Message) bool { return strings.Contains(m.Text, words) }) {
			return
		}
		select {
		case <-changed:
		case <-time.After(time.Until(deadline)):
			c.w.tb.Fatalf("the customer did not get %q", words)
		}
	}
}

func (w *world) allPhones() []phone.Network {
	return []phone.Network{w.whatsapp.Phones(), w.telegram.Phones(), w.signal.Network(), w.shop.Phones()}
}

// isCard tells whether it is the card that Puente shows in each room, or an edit of it.
func isCard(evt *event.Event) bool {
	msg := evt.Content.AsMessage()
	return msg.MsgType == event.MsgNotice && strings.Contains(msg.Body, "take it · ")
}

func TestACustomerOnlyEverTalks(t *testing.T) {
	w := newWorld(t)
	for _, phones := range w.allPhones() {
		t.Run(phones.ID(), func(t *testing.T) {
			w.tb = t
			name := "!puente help <b>x</b> @room\u202Ex\nAlice"
			if phones.ID() == "webhook" {
				name = strings.ReplaceAll(name, "\n", " ") // which its API refuses by itself
			}
			c := w.enemy(phones, name)
			c.attack()
			c.fence("attack")
			mine := w.alice.Seen(0, func(evt *event.Event) bool { return evt.RoomID == c.room && evt.Sender != w.alice.UserID })
			shown, named := 0, false
			for _, evt := range mine {
				if evt.Type == event.StateRoomName {
					named = true
					checkHarmless(t, evt)
				}
				if evt.Type == event.EventMessage && evt.Sender != c.self {
					checkHarmless(t, evt) // the card has the customer's name on it
					if !isCard(evt) {
						t.Errorf("%s answers: %s", evt.Sender, evt.Content.VeryRaw)
					}
				}
				if evt.Sender == c.self {
					shown += checkHarmless(t, evt)
				}
			}
			if !named {
				t.Error("the room has no name to look at")
			}
			if shown < 8 {
				t.Errorf("only %d of the customer's messages came: the attack proves nothing", shown)
			}
			if got := c.said(false); len(got) > 0 {
				t.Errorf("something was sent to the customer: %+v", got)
			}
			w.tb = t
			c.checkForged()
		})
		w.tb = t
	}
	if pings := w.highlights(); len(pings) > 0 {
		t.Errorf("alice was pinged: %s", pings)
	}
}

// attack tries commands, and texts that are more, in everything that has words.
func (c *customer) attack() {
	c.w.tb.Helper()
	c.does(phone.Gesture{Kind: phone.Text, Text: hostile})
	for _, command := range []string{"!puente help", "!PUENTE template order_update x", "/kick @alice:localhost", " !puente note x", "@puente: help", "help", "> quoted\n\n!puente help"} {
		c.does(phone.Gesture{Kind: phone.Text, Text: command})
	}
	c.fence("commands")
	mine := c.said(true)
	last := mine[len(mine)-1]
	if last.CanEdit {
		c.does(phone.Gesture{Kind: phone.Edit, Message: last.ID, Text: "!puente buttons a | b | c"})
	}
	c.does(phone.Gesture{Kind: phone.Text, Message: mine[0].ID, Text: "!puente buttons a | b | c"})
	c.does(phone.Gesture{Kind: phone.SendFile, Text: "!puente help " + hostile, File: &phone.Upload{Name: fileName, Mime: "text/html", Content: []byte("<script>alert(1)</script>")}})
	c.does(phone.Gesture{Kind: phone.Location, Place: &phone.Place{Latitude: 1, Longitude: 2, Name: hostile[:90], Address: "!puente help"}})
	c.does(phone.Gesture{Kind: phone.Contact, Text: hostile[:60]})
	c.does(phone.Gesture{Kind: phone.PollStart, Text: hostile[:90], Choices: []string{"!puente help", "<b>@room</b>"}})
}

// checkHarmless looks at an event in which a customer speaks; it returns 1 if it is a message.
func checkHarmless(t *testing.T, evt *event.Event) int {
	t.Helper()
	var content map[string]any
	if err := json.Unmarshal(evt.Content.VeryRaw, &content); err != nil {
		t.Fatal(err)
	}
	if evt.Type == event.StateMember || evt.Type == event.StateRoomName {
		checkLine(t, "a display name", content["displayname"])
		checkLine(t, "a room's name", content["name"])
		return 0
	}
	if evt.Type != event.EventMessage && evt.Type != event.EventSticker && !strings.Contains(evt.Type.Type, "poll.start") {
		return 0
	}
	for _, part := range []any{content, content["m.new_content"]} {
		said, ok := part.(map[string]any)
		if !ok {
			continue
		}
		checkMentions(t, evt, said)
		formatted, _ := said["formatted_body"].(string)
		checkHTML(t, formatted)
		checkLine(t, "a file name", said["filename"])
		if said["url"] != nil && said["filename"] == nil {
			checkLine(t, "a file name", said["body"])
		}
	}
	return 1
}

// checkMentions wants none, but that whoever is answered is mentioned.
func checkMentions(t *testing.T, evt *event.Event, said map[string]any) {
	t.Helper()
	mentions, ok := said["m.mentions"].(map[string]any)
	users, _ := mentions["user_ids"].([]any)
	answers := evt.Content.AsMessage().RelatesTo.GetReplyTo() != ""
	if !ok || mentions["room"] != nil || len(users) > 1 || len(users) == 1 && (!answers || users[0] != evt.Sender.String()) {
		t.Errorf("m.mentions is %v in %s", said["m.mentions"], evt.Content.VeryRaw)
	}
}

func checkLine(t *testing.T, what string, value any) {
	t.Helper()
	text, _ := value.(string)
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) }) {
		t.Errorf("%s is %q", what, text)
	}
	if what == "a file name" && (strings.ContainsAny(text, `/\`) || strings.HasPrefix(text, ".") || strings.TrimRight(text, ". ") != text) {
		t.Errorf("%s is %q", what, text)
	}
}

// harmless are the elements that a customer's text may become, with their attributes.
var harmless = map[string][]string{
	"a": {"href"}, "b": nil, "strong": nil, "i": nil, "em": nil, "u": nil, "s": nil, "del": nil, "code": {"class"}, "pre": nil, "blockquote": nil,
	"p": nil, "br": nil, "ul": nil, "ol": {"start"}, "li": nil, "span": {"data-mx-spoiler"}, "h1": nil, "h2": nil, "h3": nil, "hr": nil,
}

func checkHTML(t *testing.T, markup string) {
	t.Helper()
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return
		} else if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		token := tokens.Token()
		allowed, ok := harmless[token.Data]
		if !ok {
			t.Errorf("the element %s is in %q", token.Data, markup)
		}
		for _, attribute := range token.Attr {
			scheme, _, _ := strings.Cut(attribute.Val, ":")
			if !slices.Contains(allowed, attribute.Key) || attribute.Key == "href" && !slices.Contains([]string{"http", "https", "mailto", "tel"}, scheme) {
				t.Errorf("the attribute %s=%q is in %q", attribute.Key, attribute.Val, markup)
			}
		}
	}
}

// highlights are the events of which the homeserver says that they ping alice.
func (w *world) highlights() (list []string) {
	w.tb.Helper()
	var answer struct {
		Notifications []struct {
			Event struct {
				Content json.RawMessage `json:"content"`
			} `json:"event"`
		} `json:"notifications"`
	}
	address := w.alice.BuildURLWithQuery(clientPath{"v3", "notifications"}, map[string]string{"only": "highlight"})
	_, err := w.alice.MakeRequest(w.ctx, http.MethodGet, address, nil, &answer)
	w.must(err)
	for _, one := range answer.Notifications {
		list = append(list, string(one.Event.Content))
	}
	return list
}

// clientPath is a path of the client API.
type clientPath []any

// FullPath implements mautrix.PrefixableURLPath.
func (p clientPath) FullPath() []any { return append([]any{"_matrix", "client"}, p...) }

// checkForged has the homeserver deliver what somebody says in the name of Puente's own users.
func (c *customer) checkForged() {
	c.w.tb.Helper()
	forged := "forged-" + c.phones.ID()
	for n, sender := range []id.UserID{c.self, id.UserID("@puente_" + c.phones.ID() + ":" + domain), "@puente:" + domain} {
		body, err := json.Marshal(map[string]any{"events": []any{map[string]any{
			"event_id": fmt.Sprintf("$%s-%d", forged, n), "type": "m.room.message", "room_id": c.room, "sender": sender,
			"origin_server_ts": time.Now().UnixMilli(), "content": map[string]any{"msgtype": "m.text", "body": forged},
		}}})
		c.w.must(err)
		r := request{method: "PUT", path: fmt.Sprintf("/_matrix/app/v1/transactions/%s-%d", forged, n), body: body, header: bearer(hsToken)}
		if status, text := c.w.call(r); status != http.StatusOK {
			c.w.tb.Fatalf("%d %s", status, text)
		}
	}
	c.w.say(c.room, "truly-"+c.phones.ID())
	c.gets("truly-" + c.phones.ID())
	for _, m := range c.said(false) {
		if strings.Contains(m.Text, forged) {
			c.w.tb.Errorf("what a ghost said was sent to the customer: %q", m.Text)
		}
	}
}

// TestNobodyIsTakenForAnother names customers as others are named, and sees that each is somebody new.
func TestNobodyIsTakenForAnother(t *testing.T) {
	w := newWorld(t)
	other := w.logIn("webhook", "system", map[string]string{
		"system": "stock", "display_name": "Stock", "callback_url": w.shop.CallbackURL(), "signing_secret": webhookSecret,
	})
	_, rest, _ := strings.Cut(other, "API token: `")
	stockToken, _, _ := strings.Cut(rest, "`")
	n := 0
	post := func(system, token, personID, conversation string) (status int, words string) {
		n++
		words = fmt.Sprintf("message-number-%d-", n)
		body, err := json.Marshal(map[string]any{
			"id": fmt.Sprintf("event-%d", n), "type": "message.created", "conversation": map[string]any{"id": conversation},
			"from": map[string]any{"id": personID, "name": "Somebody"}, "message": map[string]any{"id": fmt.Sprintf("msg-%d", n), "text": words},
		})
		w.must(err)
		header := bearer(token)
		header["Content-Type"] = "application/json"
		status, _ = w.call(request{method: "POST", path: "/webhook/v1/systems/" + system + "/events", body: body, header: header})
		return status, words
	}
	t.Run("ByACraftedID", func(t *testing.T) {
		w.tb = t
		ghosts := map[id.UserID]string{}
		for _, personID := range []string{
			"business:shop", "business=3ashop", "puente_desk", "desk", w.alice.UserID.String(), "../whatsapp_x", "whatsapp", "", " ", "A", "a", "a ", "ä", "a\u0308", "%61", "_61",
		} {
			status, words := post("shop", w.shopToken, personID, "crafted-"+personID)
			if status != http.StatusAccepted {
				continue // no ID at all
			}
			sender := w.message(words).Sender
			if opaque, ok := strings.CutPrefix(sender.Localpart(), "puente_webhook_"); !ok || len(opaque) < 10 || strings.Trim(opaque, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
				t.Errorf("%q is %s", personID, sender)
			}
			if before, taken := ghosts[sender]; taken {
				t.Errorf("%q and %q are both %s", before, personID, sender)
			}
			ghosts[sender] = personID
		}
		if len(ghosts) < 10 {
			t.Errorf("only %d customers were taken in", len(ghosts))
		}
	})
	t.Run("ByAnotherSystem", func(t *testing.T) {
		w.tb = t
		if status, _ := post("shop", stockToken, "x", "same"); status != http.StatusUnauthorized {
			t.Errorf("the stock's token at the shop's address: %d", status)
		}
		if status, _ := post("stock", w.shopToken, "x", "same"); status != http.StatusUnauthorized {
			t.Errorf("the shop's token at the stock's address: %d", status)
		}
		_, ofShop := post("shop", w.shopToken, "same-person", "same")
		_, ofStock := post("stock", stockToken, "same-person", "same")
		first, second := w.message(ofShop), w.message(ofStock)
		if first.RoomID == second.RoomID || first.Sender == second.Sender {
			t.Errorf("two systems share %s and %s", first.RoomID, first.Sender)
		}
	})
	t.Run("ByAHandleOfAnotherNetwork", func(t *testing.T) {
		w.tb = t
		made, err := w.whatsapp.Phones().AddCustomer(w.ctx, "Ana", "")
		w.must(err)
		chats, err := w.whatsapp.Phones().Chats(made.ID)
		w.must(err)
		w.must(w.whatsapp.Phones().Do(w.ctx, made.ID, chats[0].ID, phone.Gesture{Kind: phone.Text, Text: "genuine-ana"}))
		_, words := post("shop", w.shopToken, made.ID, "as-ana")
		if genuine, false := w.message("genuine-ana"), w.message(words); genuine.Sender == false.Sender || genuine.RoomID == false.RoomID {
			t.Errorf("both are %s", genuine.Sender)
		}
	})
	w.tb = t
}
