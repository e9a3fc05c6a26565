package emulator_test

import (
	"io"
	"strings"
	"testing"

	"puente/bridges/bridgekit/phone"
	"puente/bridges/whatsapp/emulator"
	"puente/core/base/errs"
)

// player plays a customer through what the phone page uses.
type player struct {
	*world
	network phone.Network
}

func (p player) does(chatID string, what phone.Gesture) {
	p.t.Helper()
	p.ok(p.network.Do(p.ctx, ana, chatID, what))
}

func (p player) chat(id string) phone.Chat {
	p.t.Helper()
	chats, err := p.network.Chats(ana)
	p.ok(err)
	for _, c := range chats {
		if c.ID == id {
			return c
		}
	}
	p.t.Fatalf("there is no chat %s", id)
	return phone.Chat{}
}

// last is the newest message of a chat.
func (p player) last(chatID string) phone.Message {
	p.t.Helper()
	all, err := p.network.Messages(ana, chatID)
	p.ok(err)
	return all[len(all)-1]
}

func TestPhonesShowChatsAndSettings(t *testing.T) {
	w := newWorld(t, nil).withAna()
	p := player{w, w.e.Phones()}
	t.Run("NumbersAndTheWindow", func(t *testing.T) {
		c := p.chat(plain)
		w.want(c.Name, "Lucky Shrub")
		w.want(strings.HasPrefix(c.Note, "Window open, 23 h"), true)
		w.want(strings.HasSuffix(p.chat(coex).Note, "also in the business app"), true)
	})
	t.Run("Unread", func(t *testing.T) {
		w.send("+16505551234", "text", object{"body": "hello"})
		w.settle()
		w.want(p.chat(plain).Unread, 1)
		w.want(p.chat(coex).Unread, 0)
		p.does(plain, phone.Gesture{Kind: phone.Read})
		w.want(p.chat(plain).Unread, 0)
	})
	t.Run("EverySwitchTurnsOverAndBack", func(t *testing.T) {
		for i, s := range p.chat(plain).Settings {
			p.does(plain, phone.Gesture{Kind: phone.Set, Choices: []string{s.ID}, On: !s.On})
			w.want(p.chat(plain).Settings[i].On, !s.On)
			p.does(plain, phone.Gesture{Kind: phone.Set, Choices: []string{s.ID}, On: s.On})
			w.want(p.chat(plain).Settings[i].On, s.On)
		}
		w.want(len(p.chat(plain).Settings), 4)
	})
	t.Run("PhoneOff", func(t *testing.T) {
		p.does(plain, phone.Gesture{Kind: phone.Set, Choices: []string{"online"}})
		w.want(strings.HasPrefix(p.chat(plain).Note, "Phone is off"), true)
		p.does(plain, phone.Gesture{Kind: phone.Set, Choices: []string{"online"}, On: true})
	})
	t.Run("ChangedIsClosedByAGesture", func(t *testing.T) {
		changed := p.network.Changed()
		p.does(plain, phone.Gesture{Kind: phone.Text, Text: "x"})
		<-changed
	})
}

func TestPhonesInAGroup(t *testing.T) {
	w := newWorld(t, nil).withAna()
	p := player{w, w.e.Phones()}
	bruno := w.customer(emulator.Customer{WaID: "4915112345", Name: "Bruno"})
	g, err := w.e.AddGroup(emulator.Group{Number: plain, Subject: "Cactus lovers", Members: []string{ana, bruno.UserID}})
	w.ok(err)
	w.want(p.chat(g.ID).Group, true)
	w.want(p.chat(g.ID).Note, "2 customers")
	w.ok(p.network.Do(w.ctx, bruno.UserID, g.ID, phone.Gesture{Kind: phone.Text, Text: "hello all"}))
	m := p.last(g.ID)
	w.want(m.From, "Bruno")
	p.does(g.ID, phone.Gesture{Kind: phone.Text, Text: "hello Bruno", Message: m.ID})
	w.want(p.last(g.ID).Quote, m.ID)
	w.want(p.last(plain).Text, "hello")
	w.want(errs.Message(p.network.Do(w.ctx, ana, g.ID, phone.Gesture{Kind: phone.Call})), "That works in the chat with the business only, not in a group.")
}

func TestPhonesSendAndShow(t *testing.T) {
	w := newWorld(t, nil).withAna()
	p := player{w, w.e.Phones()}
	t.Run("SamplesOfFiles", func(t *testing.T) {
		for kind, want := range map[string]string{phone.SendFile: "image", phone.Voice: "voice", phone.Sticker: "sticker"} {
			p.does(plain, phone.Gesture{Kind: kind})
			f := p.last(plain).File
			w.want(f.Kind, want)
			content, opened, err := p.network.Open(ana, f.ID)
			w.ok(err)
			data, err := io.ReadAll(content)
			w.ok(err)
			w.ok(content.Close())
			w.want(len(data), opened.Size)
		}
	})
	t.Run("FilesByType", func(t *testing.T) {
		for mimeType, want := range map[string]string{"video/mp4": "video", "audio/mpeg": "audio", "image/webp": "sticker", "text/html": "file"} {
			p.does(plain, phone.Gesture{Kind: phone.SendFile, Text: "look", File: &phone.Upload{Name: "a", Mime: mimeType, Content: mp4()}})
			w.want(p.last(plain).File.Kind, want)
		}
		err := p.network.Do(w.ctx, ana, plain, phone.Gesture{Kind: phone.Sticker, File: &phone.Upload{Mime: "image/png", Content: png()}})
		w.want(errs.Message(err), "A sticker is a WebP picture. Pick one, or none for a sample.")
	})
	t.Run("CallAndWhatCannotBeSeen", func(t *testing.T) {
		p.does(plain, phone.Gesture{Kind: phone.Call})
		w.want(p.last(plain).Line, "Voice call, not answered")
		p.does(plain, phone.Gesture{Kind: phone.Odd})
		w.want(p.last(plain).Line, "Sent something that the business cannot see (poll)")
	})
	t.Run("FormattedTextIsSafe", func(t *testing.T) {
		w.send("+16505551234", "text", object{"body": "*bold* <b>x</b>"})
		w.settle()
		w.want(p.last(plain).HTML, "<strong>bold</strong> &lt;b&gt;x&lt;/b&gt;")
	})
	t.Run("ButtonsAndLists", func(t *testing.T) {
		w.send("+16505551234", "interactive", object{"type": "list", "body": object{"text": "When?"}, "action": object{"button": "Times", "sections": []object{
			{"title": "Thursday", "rows": []object{{"id": "am", "title": "Morning", "description": "9 to 12"}, {"id": "pm", "title": "Afternoon"}}},
		}}})
		w.settle()
		m := p.last(plain)
		w.want(m.List, "Times")
		w.want(m.Buttons, []phone.Button{{ID: "am", Text: "Morning", Description: "9 to 12", Section: "Thursday"}, {ID: "pm", Text: "Afternoon"}})
		p.does(plain, phone.Gesture{Kind: phone.Press, Message: m.ID, Choices: []string{"pm"}})
		w.want(p.last(plain).Text, "Afternoon")
	})
	t.Run("WhyNot", func(t *testing.T) {
		err := p.network.Do(w.ctx, ana, plain, phone.Gesture{Kind: phone.Edit, Message: "gone", Text: "x"})
		w.want(errs.Message(err), "That is not on this phone any more.")
		w.send("+16505551234", "text", object{"body": "ours"})
		w.settle()
		err = p.network.Do(w.ctx, ana, plain, phone.Gesture{Kind: phone.Delete, Message: p.last(plain).ID})
		w.want(strings.Contains(errs.Message(err), "only what they wrote themselves"), true)
	})
}

func TestPhonesAddCustomers(t *testing.T) {
	w := newWorld(t, nil).withAna()
	network := w.e.Phones()
	for name, test := range map[string]struct {
		name, address string
		problem       string
		shown         string
		hidden        bool
	}{
		"Number":         {"Bea", "+1 (650) 555-0429", "", "+16505550429", false},
		"UsernameHides":  {"Cleo", "@cleo +1 650 555 7777", "", "@cleo +16505557777", true},
		"Nameless":       {"", "+1 650 555 0001", "A customer needs a name", "", false},
		"NoNumber":       {"Dora", "somewhere", "A customer needs a name", "", false},
		"TooShort":       {"Dora", "12", "A customer needs a name", "", false},
		"NumberOfAnaToo": {"Dora", "+1 650 555 1234", "Somebody has that phone number already.", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := network.AddCustomer(w.ctx, test.name, test.address)
			if test.problem != "" {
				w.want(strings.HasPrefix(errs.Message(err), test.problem), true)
				return
			}
			w.ok(err)
			w.want(c.Address, test.shown)
			seen, err := w.e.Phone(c.ID)
			w.ok(err)
			w.want(seen.Customer.HidesNumber, test.hidden)
		})
	}
	t.Run("AddressMadeUp", func(t *testing.T) {
		c, err := network.AddCustomer(w.ctx, "Fay", "")
		w.ok(err)
		w.want(len(c.Address), len("+16505551234"))
		for _, f := range network.Failures() {
			w.want(strings.HasSuffix(c.Address, f.Ending), false)
		}
	})
}
