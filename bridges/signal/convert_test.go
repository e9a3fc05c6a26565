package signal

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/richtext"
	"puente/bridges/signal/daemon"
)

func dataOf(t *testing.T, raw string) *daemon.DataMessage {
	t.Helper()
	data := new(daemon.DataMessage)
	if err := json.Unmarshal([]byte(raw), data); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestStylesAndMentions(t *testing.T) {
	data := dataOf(t, `{"message":"👍 bold \ufffc","textStyles":[{"style":"BOLD","start":3,"length":4},{"style":"SPARKLE","start":0,"length":2}],
		"mentions":[{"uuid":"u","number":null,"name":"x","start":8,"length":1}]}`)
	body, html := toRichtext(data).ToMatrix(nil)
	if body != "👍 bold \ufffc" || html != "👍 <strong>bold</strong> \ufffc" {
		t.Errorf("%q, %q", body, html)
	}
	if spans := toRichtext(data).Spans; len(spans) != 2 || spans[1].Style != richtext.Mention || spans[1].Value != "u" {
		t.Errorf("%+v", spans)
	}
}

func TestEachFileIsAPiece(t *testing.T) {
	in := &incoming{}
	for name, test := range map[string]struct {
		data    string
		pieces  int
		unknown bool
	}{
		"Text":          {`{"message":"a"}`, 1, false},
		"OneFile":       {`{"message":"a","attachments":[{"id":"1"}]}`, 1, false},
		"ThreeFiles":    {`{"attachments":[{"id":"1"},{"id":"2"},{"id":"3"}]}`, 3, false},
		"ViewOnce":      {`{"viewOnce":true,"attachments":[{"id":"1"},{"id":"2"}]}`, 1, false},
		"Unknown":       {`{"hologram":{"id":1}}`, 1, true},
		"KnownAndOther": {`{"message":"a","hologram":{"id":1}}`, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			pieces := in.partsOf(dataOf(t, test.data))
			if len(pieces) != test.pieces || pieces[0].unknown != test.unknown {
				t.Fatalf("%+v", pieces)
			}
			for i, one := range pieces {
				if one.more != (i > 0) {
					t.Errorf("piece %d: more is %v", i, one.more)
				}
			}
		})
	}
}

func TestContacts(t *testing.T) {
	data := dataOf(t, `{"contacts":[{"name":{"given":"Ana","family":"Ortiz"},"organization":"Lamps","phone":[{"value":"+34600111222","type":"MOBILE"}],
		"email":[{"value":"ana@example.org","label":"work"}],"address":[{"street":"Calle 1","postcode":"28001","city":"Madrid"}]},{"name":{"nickname":"Bo"}}]}`)
	want := "👤 Ana Ortiz\nLamps\nmobile: +34600111222\nwork: ana@example.org\nCalle 1, 28001 Madrid\n\n👤 Bo"
	if got := contactsText(data.Contacts); got != want {
		t.Errorf("%q", got)
	}
}

func TestPollsAreBothPollAndText(t *testing.T) {
	part := pollPart(&daemon.PollCreate{Question: "Which?", Options: []string{"Blue", "Red"}, AllowMultiple: true})
	if part.Type != event.EventUnstablePollStart || part.Content.Body != "📊 Which?\n1. Blue\n2. Red" {
		t.Errorf("%v %q", part.Type, part.Content.Body)
	}
	start := part.Extra["org.matrix.msc3381.poll.start"].(map[string]any)
	if start["max_selections"] != 2 || len(part.DBMetadata.(*MessageMeta).Answers) != 2 {
		t.Errorf("%v", start)
	}
}

func TestTimesInWords(t *testing.T) {
	for seconds, want := range map[int64]string{1: "1 second", 30: "30 seconds", 60: "1 minute", 90: "90 seconds", 3600: "1 hour", 86400: "1 day", 604800: "1 week", 2419200: "4 weeks"} {
		if got := span(seconds); got != want {
			t.Errorf("%d is %q", seconds, got)
		}
	}
	if setting := timer(604800); setting.Timer != 7*24*time.Hour || setting.Type != event.DisappearingTypeAfterRead || timer(0).Timer != 0 {
		t.Errorf("%+v", setting)
	}
}

func TestShorten(t *testing.T) {
	if got := shorten("  two\nlines  ", 20); got != "two lines" {
		t.Errorf("%q", got)
	}
	if got := shorten(strings.Repeat("ü", 30), 10); got != strings.Repeat("ü", 10)+"…" {
		t.Errorf("%q", got)
	}
}

func TestMessageMetaMerges(t *testing.T) {
	meta := &MessageMeta{Edits: []int64{1}, Answers: []string{"a"}, Votes: 2}
	meta.CopyFrom(&MessageMeta{Edits: []int64{1, 2}, Votes: 1})
	if len(meta.Edits) != 2 || len(meta.Answers) != 1 || meta.Votes != 2 {
		t.Errorf("%+v", meta)
	}
}

func TestTheLatestVersionIsTheOneAddedLast(t *testing.T) {
	msg := &database.Message{}
	if got := latestVersion(msg, 7); got != 7 || isVersion(msg, 7) {
		t.Errorf("what was never edited has the version %d", got)
	}
	for _, version := range []int64{9, 8, 9} { // clocks differ, and a repetition is no version
		addVersion(msg, version)
	}
	if got := latestVersion(msg, 7); got != 8 || !isVersion(msg, 9) || isVersion(msg, 7) {
		t.Errorf("the latest version of %+v is %d", msg.Metadata, got)
	}
}
