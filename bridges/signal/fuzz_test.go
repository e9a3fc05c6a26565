package signal

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/bridges/signal/daemon"
)

// FuzzMessageID: the ID of a message, and of each of its files, names its author and its time; what names them names
// no notice.
func FuzzMessageID(f *testing.F) {
	f.Add("7d2f", int64(1700000000000), 3)
	f.Add("", int64(0), 0)
	f.Add("edit:a.1", int64(-1), 1)
	f.Add("a.1.2", int64(5), 0)
	f.Fuzz(func(t *testing.T, author string, timestamp int64, n int) {
		id := partID(messageID(author, timestamp), n)
		gotAuthor, gotTime, ok := parseMessageID(id)
		if plain := author != "" && !strings.ContainsAny(author, ".:"); plain && timestamp > 0 && (!ok || gotAuthor != author || gotTime != timestamp) {
			t.Fatalf("%s is %q at %d, %v", id, gotAuthor, gotTime, ok)
		}
		if _, _, ok = parseMessageID(noticeID("call", author, timestamp)); ok {
			t.Fatal("a notice is taken for a message")
		}
		if gotAuthor, gotTime, ok = parseMessageID(networkid.MessageID(author)); ok && (gotAuthor == "" || gotTime <= 0) {
			t.Fatalf("%q is %q at %d", author, gotAuthor, gotTime)
		}
	})
}

// FuzzText: a message with whatever styles and mentions becomes text, and contacts become lines.
func FuzzText(f *testing.F) {
	f.Add([]byte(`{"message":"so bold \uFFFC","textStyles":[{"style":"BOLD","start":3,"length":4}],"mentions":[{"uuid":"x","start":8,"length":1}]}`))
	f.Add([]byte(`{"message":"a","textStyles":[{"style":"SPOILER","start":-1,"length":2147483647}],"contacts":[{"name":{"given":"A"},"phone":[{"value":"1","type":"HOME"}]}]}`))
	f.Add([]byte(`{"message":"<b>\u0000","mentions":[{"number":"<i>","start":0,"length":3}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var data daemon.DataMessage
		if json.Unmarshal(raw, &data) != nil {
			return
		}
		body, formatted := toRichtext(&data).ToMatrix(nil)
		if !utf8.ValidString(body) || !utf8.ValidString(formatted) || strings.ContainsRune(body, 0) {
			t.Fatalf("%q, %q", body, formatted)
		}
		for _, bad := range []string{"<script", "<img", "<mx-reply", "<iframe"} {
			if strings.Contains(strings.ToLower(formatted), bad) {
				t.Fatalf("%s in %q", bad, formatted)
			}
		}
		if len(data.Contacts) > 0 && !strings.HasPrefix(contactsText(data.Contacts), "👤 ") {
			t.Fatalf("%q", contactsText(data.Contacts))
		}
	})
}
