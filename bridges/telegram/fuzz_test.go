package telegram

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"
	"golang.org/x/net/html"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/bridges/bridgekit/message"
	"puente/bridges/bridgekit/richtext"
)

// FuzzEntry: whatever comes as an update has a stable key that names its bot, and words that may stand in a log.
func FuzzEntry(f *testing.F) {
	for _, raw := range []string{
		`{"update_id":7,"message":{"message_id":1,"chat":{"id":5,"type":"private"}}}`, `{"update_id":7,"holo gram\n":{"id":1}}`, `{"update_id":7,`, `[]`, `null`,
		`{"update_id":9223372036854775807,"poll_answer":{"poll_id":"44","user":{"id":6}}}`, `{"update_id":1,"business_connection":{"id":"a b"}}`,
		`{"update_id":1,"callback_query":{"id":"1","from":{"id":6},"message":{"chat":{"id":-5},"business_connection_id":"x/y"}}}`,
	} {
		f.Add([]byte(raw))
	}
	c := &Connector{}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if strings.Contains(string(raw), "business_connection") {
			return // whose connection it is the bridge's logins say
		}
		got := c.entry(9, raw)
		if botOf(got) != 9 || got.Kind != message.CleanWord(got.Kind) || got.Kind == "" && got.Failed == "" {
			t.Fatalf("%+v", got)
		}
		spaced := raw
		if json.Valid(raw) {
			spaced = append([]byte(" "), raw...)
		}
		if again := c.entry(9, spaced); again.Key != got.Key || again.Lane != got.Lane || again.Kind != got.Kind {
			t.Fatalf("the same update is %+v and %+v", got, again)
		}
		if strings.ContainsAny(got.Key+got.Lane+got.Kind, " \n\x00") {
			t.Fatalf("%q %q %q", got.Key, got.Lane, got.Kind)
		}
	})
}

// FuzzUpdate: what an update says can be looked at, whatever it is.
func FuzzUpdate(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"message":{"contact":{"first_name":"A","vcard":"BEGIN:VCARD\nEMAIL:a@b\nORG;X=1:x\nEND:VCARD"},"photo":[{"file_id":"1"}],"text":"a","entities":[{"type":"bold","offset":-1,"length":9}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var update models.Update
		if json.Unmarshal(raw, &update) != nil || update.Message == nil {
			return
		}
		msg := update.Message
		var again models.Update
		if err := json.Unmarshal(raw, &again); err != nil || digest(again.Message) != digest(msg) {
			t.Fatalf("the digest changes: %v", err)
		}
		if file := describe(msg); file != nil && (file.fileID == "" && file.Kind == "") {
			t.Fatalf("%+v", file)
		}
		if msg.Contact != nil {
			if lines := strings.Split(contactText(msg.Contact), "\n"); !strings.HasPrefix(lines[0], "👤 ") {
				t.Fatalf("%q", lines)
			}
		}
		body, formatted := richtext.Text{Body: msg.Text, Spans: spans(msg.Entities)}.ToMatrix(nil)
		if !utf8.ValidString(body) || !utf8.ValidString(formatted) {
			t.Fatalf("%q, %q", body, formatted)
		}
		onlyHarmless(t, formatted)
	})
}

// onlyHarmless looks for elements that a text with entities must not become.
func onlyHarmless(t *testing.T, markup string) {
	t.Helper()
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		if (token.Type == html.StartTagToken || token.Type == html.SelfClosingTagToken) && (token.Data == "img" || token.Data == "script" || token.Data == "mx-reply") {
			t.Fatalf("%s in %q", token.Data, markup)
		}
	}
}

// FuzzIDs: an ID that is made can be taken apart again, and one that cannot be made is none.
func FuzzIDs(f *testing.F) {
	f.Add("group:-100:7", int64(-100), 7)
	f.Add("5.6", int64(5), 0)
	f.Add("group:", int64(0), -1)
	f.Add("login/5.6", int64(1), 1)
	f.Fuzz(func(t *testing.T, text string, chat int64, number int) {
		if got, ok := groupOf(group{chat: chat, thread: number}.portalID()); !ok || got.chat != chat || got.thread != number {
			t.Fatalf("%+v, %v", got, ok)
		}
		if gotChat, gotNumber, ok := readMessageID(messageID(chat, number)); !ok || gotChat != chat || gotNumber != number {
			t.Fatalf("%d.%d, %v", gotChat, gotNumber, ok)
		}
		if g, ok := groupOf(networkid.PortalID(text)); ok {
			if again, ok := groupOf(g.portalID()); !ok || again != g {
				t.Fatalf("%q is %+v and %+v", text, g, again)
			}
		}
		id := networkid.MessageID(text)
		if !strings.Contains(text, "/") && fromOutcomeID(outcomeID(botLogin(chat), id)) != id {
			t.Fatalf("%q does not come back", text)
		}
	})
}
