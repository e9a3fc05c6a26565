package emulator_test

import (
	"io"
	"strings"
	"testing"

	"puente/bridges/bridgekit/phone"
	"puente/bridges/signal/emulator"
	"puente/core/base/errs"
)

func TestPhonePage(t *testing.T) {
	w := newWorld(t, func(o *emulator.Options) { o.Phones = []emulator.Account{{Number: branch, Name: "Branch"}} })
	n := w.e.Network()
	w.subscribe()
	added, err := n.AddCustomer(w.ctx, " Ana Ñandú ", "+49 170 123-4567")
	need(t, added, err)
	chat := func(id string) phone.Chat {
		t.Helper()
		chats, err := n.Chats(id)
		return need(t, chats, err)[0]
	}
	messages := func(id string) []phone.Message {
		t.Helper()
		all, err := n.Messages(id, chat(id).ID)
		return need(t, all, err)
	}
	last := func(id string) phone.Message { all := messages(id); return all[len(all)-1] }
	do := func(id string, what phone.Gesture) {
		t.Helper()
		w.okay(n.Do(w.ctx, id, chat(id).ID, what))
	}

	t.Run("CustomersAndOwnPhones", func(t *testing.T) {
		equal(t, "names", []string{n.ID(), n.Name()}, []string{"signal", "Signal"})
		user, err := n.AddCustomer(w.ctx, "Ben", "ben.07")
		need(t, user, err)
		if _, err := n.AddCustomer(w.ctx, "", "x"); errs.Message(err) == "" {
			t.Errorf("no words for people: %v", err)
		}
		var names []string
		for _, c := range n.Customers() {
			names = append(names, c.Name)
		}
		equal(t, "customers", names, []string{"Ana Ñandú", "Ben", "Lucky Shrub (own phone)", "Branch (own phone)"})
		equal(t, "address", n.Customers()[0].Address, "+491701234567")
		if len(n.Failures()) != len(emulator.MagicNumbers()) || len(n.Gestures()) < 10 {
			t.Error("failures or gestures are missing")
		}
		if _, err := n.Chats("nobody"); err == nil {
			t.Error("nobody has chats")
		}
	})
	t.Run("TextWithMarks", func(t *testing.T) {
		do(added.ID, phone.Gesture{Kind: phone.Text, Text: "**big** _lean_ `code` ~~old~~ ||psst|| <b>"})
		data, _ := w.c.next("dataMessage")
		has(t, "data", data, object{"message": "big lean code old psst <b>"})
		for _, s := range list(data, "textStyles") {
			text := []rune(data["message"].(string))
			got := string(text[int(s["start"].(float64)):int(s["start"].(float64)+s["length"].(float64))])
			want := map[any]string{"BOLD": "big", "ITALIC": "lean", "MONOSPACE": "code", "STRIKETHROUGH": "old", "SPOILER": "psst"}[s["style"]]
			if got != want {
				t.Errorf("%s covers %q, want %q", s["style"], got, want)
			}
		}
		m := last(added.ID)
		if !m.Mine || m.State == "" || string(m.HTML) != "<strong>big</strong> <em>lean</em> <code>code</code> <s>old</s> <mark>psst</mark> &lt;b&gt;" {
			t.Errorf("the phone shows %+v", m)
		}
	})
	t.Run("AnswersOfTheBusiness", func(t *testing.T) {
		w.c.ok("send", object{"account": shop, "recipient": added.ID, "message": "hi \ufffc", "mention": "3:1:" + added.ID,
			"attachments": []string{uri(emulator.Sample("photo.jpg")), uri(emulator.Sample("document.pdf"))}})
		w.c.next("receiptMessage")
		w.c.ok("sendTyping", object{"account": shop, "recipient": added.ID})
		all := messages(added.ID)
		first, second := all[len(all)-2], all[len(all)-1]
		if first.Mine || first.From != "" || first.Text != "hi @Ana Ñandú" || string(first.HTML) != "hi <b>@Ana Ñandú</b>" || first.File.Kind != "image" || second.File.Kind != "file" {
			t.Errorf("the phone shows %+v and %+v", first, second)
		}
		if !chat(added.ID).Typing {
			t.Error("nobody is typing")
		}
		content, f, err := n.Open(added.ID, second.File.ID)
		data, _ := io.ReadAll(need(t, content, err))
		if f.Mime != "application/pdf" || string(data) != string(emulator.Sample("document.pdf").Data) {
			t.Errorf("the file is %+v", f)
		}
		if _, _, err := n.Open(added.ID, "../state.json"); err == nil {
			t.Error("a file of nobody's was opened")
		}
		do(added.ID, phone.Gesture{Kind: phone.React, Message: second.ID, Text: "👍"})
		w.c.next("dataMessage")
		do(added.ID, phone.Gesture{Kind: phone.Unreact, Message: first.ID})
		w.c.next("dataMessage")
		do(added.ID, phone.Gesture{Kind: phone.Text, Message: first.ID, Text: "thanks"})
		data2, _ := w.c.next("dataMessage")
		if data2["quote"] == nil || last(added.ID).Quote != first.ID {
			t.Error("the answer quotes nothing")
		}
	})
	t.Run("EveryOtherGesture", func(t *testing.T) {
		mine := last(added.ID).ID
		for _, what := range []struct {
			gesture phone.Gesture
			kind    string
		}{
			{phone.Gesture{Kind: phone.SendFile, Text: "look"}, "dataMessage"},
			{phone.Gesture{Kind: phone.SendFile, File: &phone.Upload{Name: "a.txt", Content: []byte("hello")}}, "dataMessage"},
			{phone.Gesture{Kind: phone.Voice}, "dataMessage"},
			{phone.Gesture{Kind: phone.Sticker}, "dataMessage"},
			{phone.Gesture{Kind: phone.Contact}, "dataMessage"},
			{phone.Gesture{Kind: phone.Edit, Message: mine, Text: "many *thanks*"}, "editMessage"},
			{phone.Gesture{Kind: phone.Delete, Message: mine}, "dataMessage"},
			{phone.Gesture{Kind: phone.PollStart, Text: "Which?", Choices: []string{"a", "b"}}, "dataMessage"},
			{phone.Gesture{Kind: phone.Typing, On: true}, "typingMessage"},
			{phone.Gesture{Kind: phone.Read}, "receiptMessage"},
		} {
			do(added.ID, what.gesture)
			w.c.next(what.kind)
		}
		poll := last(added.ID)
		do(added.ID, phone.Gesture{Kind: phone.Vote, Message: poll.ID, Choices: []string{"1"}})
		w.c.next("dataMessage")
		if p := last(added.ID).Poll; p.Options[1].Votes != 1 || !p.Options[1].Mine {
			t.Errorf("the poll is %+v", p)
		}
		do(added.ID, phone.Gesture{Kind: phone.Odd})
		w.c.note()
		do(added.ID, phone.Gesture{Kind: phone.Call})
		w.c.next("callMessage")
		if last(added.ID).Line == "" {
			t.Error("the call is no line")
		}
		err := n.Do(w.ctx, added.ID, chat(added.ID).ID, phone.Gesture{Kind: phone.Press})
		if errs.Message(err) == "" {
			t.Errorf("no words for people: %v", err)
		}
		if err := n.Do(w.ctx, added.ID, "no chat", phone.Gesture{Kind: phone.Read}); err == nil {
			t.Error("a gesture in no chat was done")
		}
	})
	t.Run("SettingsSwitch", func(t *testing.T) {
		for _, s := range chat(added.ID).Settings {
			if s.ID == "reinstall" || s.ID == "registered" {
				continue
			}
			if s.ID == "online" { // last: a phone that is off can do nothing
				continue
			}
			do(added.ID, phone.Gesture{Kind: phone.Set, Choices: []string{s.ID}, On: !s.On})
			for _, now := range chat(added.ID).Settings {
				if now.ID == s.ID && now.On == s.On {
					t.Errorf("%s did not change", s.ID)
				}
			}
			do(added.ID, phone.Gesture{Kind: phone.Set, Choices: []string{s.ID}, On: s.On})
		}
		do(added.ID, phone.Gesture{Kind: phone.Set, Choices: []string{"reinstall"}, On: true})
		if note := chat(added.ID).Note; !strings.Contains(note, "safety number") {
			t.Errorf("the note is %q", note)
		}
		do(added.ID, phone.Gesture{Kind: phone.Set, Choices: []string{"online"}})
		if err := n.Do(w.ctx, added.ID, chat(added.ID).ID, phone.Gesture{Kind: phone.Text, Text: "x"}); errs.Message(err) == "" {
			t.Errorf("a phone that is off wrote: %v", err)
		}
	})
	t.Run("OwnPhoneLinksAndUnlinks", func(t *testing.T) {
		own := n.Customers()[len(n.Customers())-1]
		set := func(on bool) error {
			return n.Do(w.ctx, own.ID, chat(own.ID).ID, phone.Gesture{Kind: phone.Set, Choices: []string{"linked"}, On: on})
		}
		if err := set(true); errs.Message(err) == "" {
			t.Errorf("there was no code to scan: %v", err)
		}
		code := w.c.ok("startLink", nil).(object)["deviceLinkUri"]
		w.okay(set(true))
		w.c.ok("finishLink", object{"deviceLinkUri": code})
		if !w.e.OnDaemon(branch) {
			t.Error("it is not linked")
		}
		w.okay(set(false))
		if w.e.OnDaemon(branch) {
			t.Error("it is linked")
		}
	})
	t.Run("ChangesAreTold", func(t *testing.T) {
		changed := n.Changed()
		w.okay(w.e.SetNumberSharing(added.ID, true))
		<-changed
	})
	t.Run("GroupsAreChatsToo", func(t *testing.T) {
		g, err := w.e.AddGroup(emulator.Group{Name: "Garden", Members: []emulator.Member{{ACI: n.Customers()[1].ID}, {ACI: added.ID}, {ACI: shopACI}}})
		need(t, g, err)
		c, err := w.e.GroupChat(n.Customers()[1].ID, g.ID)
		w.okay(w.e.SetOnline(added.ID, true))
		w.must(need(t, c, err).SendText("hello all"))
		chats, err := n.Chats(added.ID)
		group := need(t, chats, err)[len(chats)-1]
		all, err := n.Messages(added.ID, group.ID)
		m := need(t, all, err)[len(all)-1]
		if !group.Group || group.Name != "Garden" || m.From != "Ben" || m.Text != "hello all" {
			t.Errorf("the group is %+v with %+v", group, m)
		}
	})
}
