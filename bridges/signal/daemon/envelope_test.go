package daemon

import (
	"errors"
	"testing"
	"time"

	"puente/core/base/errs"
)

func TestKinds(t *testing.T) {
	for name, test := range map[string]struct {
		envelope string
		kind     Kind
		group    string
	}{
		"Text":       {`"dataMessage":{"timestamp":5,"message":"a"}`, KindMessage, ""},
		"InGroup":    {`"dataMessage":{"message":"a","groupInfo":{"groupId":"g"}}`, KindMessage, "g"},
		"Edit":       {`"editMessage":{"targetSentTimestamp":1,"dataMessage":{"message":"a","groupInfo":{"groupId":"g"}}}`, KindEdit, "g"},
		"Sent":       {`"syncMessage":{"sentMessage":{"destinationUuid":"u","message":"a"}}`, KindMessage, ""},
		"SentGroup":  {`"syncMessage":{"sentMessage":{"destination":null,"message":"a","groupInfo":{"groupId":"g"}}}`, KindMessage, "g"},
		"SentEdit":   {`"syncMessage":{"sentMessage":{"destinationUuid":"u","editMessage":{"targetSentTimestamp":1,"dataMessage":{"message":"a"}}}}`, KindEdit, ""},
		"Read":       {`"syncMessage":{"readMessages":[{"senderUuid":"u","timestamp":1}]}`, KindSync, ""},
		"Receipt":    {`"receiptMessage":{"isRead":true,"timestamps":[1]}`, KindReceipt, ""},
		"Typing":     {`"typingMessage":{"action":"STARTED","groupId":"g"}`, KindTyping, "g"},
		"Call":       {`"callMessage":{"offerMessage":{"id":1,"type":"AUDIO_CALL"}}`, KindCall, ""},
		"Story":      {`"storyMessage":{"allowsReplies":true}`, KindStory, ""},
		"Nothing":    {`"hologramMessage":null`, KindEmpty, ""},
		"Unknown":    {`"hologramMessage":{"a":1}`, KindUnknown, ""},
		"NullIsNone": {`"dataMessage":null,"receiptMessage":{}`, KindReceipt, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseReceived([]byte(`{"account":"+1","envelope":{"source":"u","sourceUuid":"u","timestamp":9,` + test.envelope + `}}`))
			if err != nil {
				t.Fatal(err)
			}
			if got.Kind() != test.kind || got.GroupID() != test.group {
				t.Errorf("%s in %q", got.Kind(), got.GroupID())
			}
		})
	}
	got, err := ParseReceived([]byte(`{"account":"+1","envelope":{"timestamp":9},"exception":{"type":"UntrustedIdentityException"}}`))
	if err != nil || got.Kind() != KindException || got.Exception.Type != Untrusted {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestBrokenNotifications(t *testing.T) {
	for _, raw := range []string{``, `5`, `{}`, `{"account":"+1"}`, `{"account":"+1","envelope":{}}`, `{"account":"+1","envelope":{"timestamp":"x"}}`, `{"envelope":{"timestamp":1}}`} {
		if _, err := ParseReceived([]byte(raw)); !errors.Is(err, errs.ErrInvalid) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestEmptyMessages(t *testing.T) {
	for raw, empty := range map[string]bool{
		`{"timestamp":1,"message":null,"expiresInSeconds":5}`: true, `{"groupInfo":{"groupId":"g"}}`: true, `{"quote":{"id":1}}`: true,
		`{"hologram":null}`: true, `{"hologram":{}}`: true,
		`{"message":"a"}`: false, `{"hologram":{"a":1}}`: false, `{"attachments":[{"id":"a"}]}`: false, `{"sticker":{"packId":"a"}}`: false,
		`{"isExpirationUpdate":true}`: false, `{"viewOnce":true}`: false, `{"pollVote":{}}`: false,
	} {
		got, err := ParseReceived([]byte(`{"account":"+1","envelope":{"timestamp":9,"dataMessage":` + raw + `}}`))
		if err != nil || got.Envelope.Data.IsEmpty() != empty {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestSentMessagesKnowTheirFields(t *testing.T) {
	got, err := ParseReceived([]byte(`{"account":"+1","envelope":{"timestamp":9,"syncMessage":{"sentMessage":{"destination":"x","destinationNumber":"y","destinationUuid":"z","timestamp":8,"message":"a"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	sent := got.Envelope.Sync.Sent
	if sent.Message().Message != "a" || sent.DestinationUUID != "z" || len(sent.Message().Unknown) != 0 || sent.Message().Timestamp != 8 {
		t.Errorf("%+v", sent.Message())
	}
}

func TestVoiceNotes(t *testing.T) {
	yes, no := true, false
	for name, test := range map[string]struct {
		attachment Attachment
		want       bool
	}{
		"Said":             {Attachment{ContentType: "audio/mpeg", Filename: "a", VoiceNote: &yes}, true},
		"SaidNot":          {Attachment{ContentType: "audio/aac", VoiceNote: &no}, false},
		"OldDaemon":        {Attachment{ContentType: "audio/aac"}, true},
		"OldDaemonNamed":   {Attachment{ContentType: "audio/aac", Filename: "song.aac"}, false},
		"OldDaemonAnother": {Attachment{ContentType: "audio/mpeg"}, false},
	} {
		if got := test.attachment.IsVoice(); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestVersions(t *testing.T) {
	now := time.Date(2026, time.November, 22, 0, 0, 0, 0, time.UTC)
	for text, test := range map[string]struct {
		version Version
		days    int
	}{
		"0.14.10":           {Version{0, 14, 10}, 5},
		"0.14.9":            {Version{0, 14, 9}, 5},
		"signal-cli 0.14.8": {Version{0, 14, 8}, 73},
		"0.14.7-SNAPSHOT":   {Version{0, 14, 7}, 113},
		"0.12.0":            {Version{0, 12, 0}, 295},
		"0.15.0":            {Version{0, 15, 0}, 0},
		"1.0":               {Version{1, 0, 0}, 0},
	} {
		got, err := ParseVersion(text)
		if err != nil || got != test.version || int(got.Age(now).Hours()/24) != test.days {
			t.Errorf("%s: %v, %v, %v", text, got, got.Age(now), err)
		}
	}
	for _, text := range []string{"", "x", "0.x.1", "1.2.3.4", "-1.0"} {
		if _, err := ParseVersion(text); !errors.Is(err, errs.ErrInvalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
