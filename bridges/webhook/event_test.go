package webhook

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// posting is an event with everything that message.created needs, and more members in the places of %s.
func posting(message, more string) string {
	return fmt.Sprintf(`{"id":"e1","type":"message.created","conversation":{"id":"c1"},"from":{"id":"u1"},"message":{"id":"m1"%s}%s}`, message, more)
}

func TestFaultsNameTheirMember(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, test := range map[string]struct{ body, pointer string }{
		"NoJSON":               {`{"id":`, "#"},
		"Empty":                {``, "#"},
		"EmptyBatch":           {`[]`, "#"},
		"NoObject":             {`7`, "#"},
		"NoID":                 {`{"type":"ping"}`, "#/id"},
		"NoType":               {`{"id":"e1"}`, "#/type"},
		"WrongType":            {`{"id":7,"type":"x"}`, "#/id"},
		"WrongTypeInside":      {posting(`,"text":["x"]`, ""), "#/message/text"},
		"LongID":               {`{"id":"` + long + `","type":"x"}`, "#/id"},
		"ControlInID":          {`{"id":"a\nb","type":"x"}`, "#/id"},
		"NoTime":               {posting(`,"text":"x"`, `,"sent_at":"yesterday"`), "#/sent_at"},
		"NoConversation":       {`{"id":"e1","type":"typing","from":{"id":"u"},"typing":true}`, "#/conversation"},
		"NoFrom":               {`{"id":"e1","type":"read","conversation":{"id":"c"},"message_id":"m"}`, "#/from"},
		"NoMessage":            {`{"id":"e1","type":"message.edited","conversation":{"id":"c"},"from":{"id":"u"}}`, "#/message"},
		"NoEmoji":              {`{"id":"e1","type":"reaction.added","conversation":{"id":"c"},"from":{"id":"u"},"message_id":"m"}`, "#/emoji"},
		"NoStatus":             {`{"id":"e1","type":"message.status","message_id":"m"}`, "#/status"},
		"UnknownStatus":        {`{"id":"e1","type":"message.status","message_id":"m","status":"lost"}`, "#/status"},
		"NoPersonID":           {`{"id":"e1","type":"typing","conversation":{"id":"c"},"from":{"name":"x"},"typing":true}`, "#/from/id"},
		"UnknownRole":          {`{"id":"e1","type":"typing","conversation":{"id":"c"},"from":{"id":"u","role":"boss"},"typing":true}`, "#/from/role"},
		"MemberWithoutID":      {`{"id":"e1","type":"conversation.updated","conversation":{"id":"c","members":[{"id":"a"},{}]}}`, "#/conversation/members/1/id"},
		"SaysNothing":          {posting("", ""), "#/message"},
		"SaysTwoThings":        {posting(`,"text":"x","answer":{"id":"1","title":"t"}`, ""), "#/message"},
		"TextUnderALocation":   {posting(`,"text":"x","location":{"latitude":1,"longitude":1}`, ""), "#/message"},
		"LongText":             {posting(`,"text":"`+strings.Repeat("x", maxText+1)+`"`, ""), "#/message/text"},
		"OwnPrefix":            {strings.Replace(posting(`,"text":"x"`, ""), `"m1"`, `"puente_m1"`, 1), "#/message/id"},
		"IDOfASecondFile":      {strings.Replace(posting(`,"text":"x"`, ""), `"m1"`, `"`+furtherFile("m1", 1)+`"`, 1), "#/message/id"},
		"NoPlaceForAFile":      {posting(`,"media":[{"kind":"file"}]`, ""), "#/message/media/0"},
		"TwoPlacesForAFile":    {posting(`,"media":[{"kind":"file","url":"https://x.example","upload_id":"upl_ABCDEFGHIJKLMNOPQRSTUVWXYZ"}]`, ""), "#/message/media/0"},
		"UnknownKind":          {posting(`,"media":[{"kind":"hologram","url":"https://x.example"}]`, ""), "#/message/media/0/kind"},
		"NoWebAddress":         {posting(`,"media":[{"kind":"file","url":"file:///etc/passwd"}]`, ""), "#/message/media/0/url"},
		"UploadPath":           {posting(`,"media":[{"kind":"file","upload_id":"../../etc/passwd"}]`, ""), "#/message/media/0/upload_id"},
		"CaptionBesideText":    {posting(`,"text":"x","media":[{"kind":"file","url":"https://x.example","caption":"y"}]`, ""), "#/message/media/0/caption"},
		"TooManyFiles":         {posting(`,"media":[`+strings.TrimSuffix(strings.Repeat(`{},`, maxFiles+1), ",")+`]`, ""), "#/message/media"},
		"PlaceNotOnEarth":      {posting(`,"location":{"latitude":91,"longitude":0}`, ""), "#/message/location/latitude"},
		"ContactWithoutName":   {posting(`,"contact":{}`, ""), "#/message/contact/name"},
		"AnswerWithoutTitle":   {posting(`,"answer":{"id":"1"}`, ""), "#/message/answer/title"},
		"SecondOfABatch":       {`[` + posting(`,"text":"x"`, "") + `,{"id":"e2","type":""}]`, "#/1/type"},
		"TheSameIDTwice":       {`[` + posting(`,"text":"x"`, "") + `,` + posting(`,"text":"x"`, "") + `]`, "#/1/id"},
		"NoObjectInABatch":     {`[3]`, "#/0"},
		"MoreThanABatchHolds":  {`[` + strings.Repeat(`1,`, maxBatch) + `1]`, "#"},
		"AvatarIsNoWebAddress": {`{"id":"e1","type":"conversation.updated","conversation":{"id":"c","avatar_url":"javascript:alert(1)"}}`, "#/conversation/avatar_url"},
	} {
		t.Run(name, func(t *testing.T) {
			_, found := parse([]byte(test.body))
			if !slices.ContainsFunc(found, func(f fault) bool { return f.Pointer == test.pointer && f.Detail != "" }) {
				t.Errorf("found %+v, not %s", found, test.pointer)
			}
		})
	}
}

func TestWhatIsTaken(t *testing.T) {
	for name, body := range map[string]string{
		"UnknownMembers": posting(`,"text":"x","mood":{"deep":[1]}`, `,"shop":"north"`),
		"UnknownType":    `{"id":"e1","type":"carousel.spun","carousel":3}`,
		"Null":           posting(`,"text":"x","media":null`, `,"sent_at":""`),
		"MaxText":        posting(`,"text":"`+strings.Repeat("ü", maxText)+`"`, ""),
		"HTMLAlone":      posting(`,"html":"<b>x</b>"`, ""),
		"Date":           strings.Replace(posting(`,"text":"x"`, ""), `"m1"`, `"2026/11/2"`, 1),
		"EditOfAFile":    strings.NewReplacer(`"m1"`, `"`+furtherFile("m1", 1)+`"`, "created", "edited").Replace(posting(`,"text":"x"`, "")),
	} {
		if events, found := parse([]byte(body)); len(found) > 0 || len(events) != 1 {
			t.Errorf("%s: %+v", name, found)
		}
	}
	if _, found := parse([]byte(`[` + strings.Repeat(`{},`, 500) + `{}]`)); len(found) != maxFaults {
		t.Errorf("%d faults are listed", len(found))
	}
}

func TestWhenItHappened(t *testing.T) {
	received := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for sent, want := range map[string]time.Time{
		"": received, "2026-03-01T11:00:00Z": received.Add(-time.Hour), "2026-03-01T12:00:00+02:00": received.Add(-2 * time.Hour),
		"2027-01-01T00:00:00Z": received, // a clock that is ahead
	} {
		if got := (&Event{SentAt: sent}).at(received); !got.Equal(want) {
			t.Errorf("%q happened at %s", sent, got)
		}
	}
}

func TestPuentesIDsReadBackwards(t *testing.T) {
	for _, eventID := range []string{"$abc", "$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg", "$143273582443PhrSn:example.org"} {
		if got, ok := eventOf(ownID("$" + "x")); !ok || got != "$x" {
			t.Fatalf("got %q", got)
		}
		if got, ok := eventOf(ownPrefix + strings.TrimPrefix(ownID(asEventID(eventID)), ownPrefix)); !ok || string(got) != eventID {
			t.Errorf("%s came back as %q", eventID, got)
		}
	}
	for _, other := range []string{"", "m1", "puente_", "puente_!!", "puente_YWJj", "puente_JA"} {
		if got, ok := eventOf(other); ok {
			t.Errorf("%q became %q", other, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(posting(`,"text":"x","media":[{"kind":"image","url":"https://x.example/1"}]`, `,"sent_at":"2026-03-01T12:00:00Z"`)))
	f.Add([]byte(`[{"id":"e1","type":"message.status","message_id":"m","status":"read"},{"id":"e2","type":"typing"}]`))
	f.Add([]byte(`{"id":"\ud800","type":"conversation.updated","conversation":{"id":"c","members":[{"id":"\u0000"}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		events, found := parse(body)
		if len(found) > maxFaults {
			t.Errorf("%d faults", len(found))
		}
		for _, one := range found {
			if !strings.HasPrefix(one.Pointer, "#") || one.Detail == "" {
				t.Errorf("fault %+v", one)
			}
		}
		if len(found) > 0 {
			return
		}
		cl := testClient(t, Config{EventsPerSecond: 1})
		for _, evt := range events {
			if evt.ID == "" || len(needs[evt.Type]) > 0 && evt.Type != typeMessageStatus && evt.Conversation == nil {
				t.Fatalf("an event without what it needs was taken: %q", body)
			}
			for _, entry := range cl.entries(evt) {
				if !strings.HasPrefix(entry.Key, "shop:") || entry.Lane == "" || len(entry.Payload) == 0 {
					t.Errorf("entry %+v", entry)
				}
			}
		}
	})
}
