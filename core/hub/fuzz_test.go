package hub

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/desk/channel"
)

// FuzzCommand: what begins with the prefix is a command, however it is written, and what is none is not.
func FuzzCommand(f *testing.F) {
	for _, body := range []string{"!puente help", " !PUENTE\thelp", "!puentehelp", "hello", "!puent", "\u00a0!puente", "!pu\u0435nte x", "* !puente help"} {
		f.Add(body, "!puente note x")
	}
	f.Fuzz(func(t *testing.T, body, edited string) {
		evt := &event.Event{Type: event.EventMessage, Content: event.Content{Parsed: &event.MessageEventContent{MsgType: event.MsgText, Body: body}}}
		wants := func(text string) bool {
			return strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), CommandPrefix)
		}
		if command, ok := commandIn(evt); ok != wants(body) || strings.TrimSpace(command) != command {
			t.Fatalf("%q is %q, %v", body, command, ok)
		}
		evt.Content.Parsed = &event.MessageEventContent{
			MsgType: event.MsgText, Body: body, NewContent: &event.MessageEventContent{Body: edited}, RelatesTo: (&event.RelatesTo{}).SetReplace("$x"),
		}
		if _, ok := commandIn(evt); ok != (wants(edited) || wants(body)) {
			t.Fatalf("the edit of %q into %q: %v", body, edited, ok)
		}
		for _, value := range splitValues(body) {
			if strings.Contains(value, "|") || strings.TrimSpace(value) != value {
				t.Fatalf("%q has the value %q", body, value)
			}
		}
	})
}

// FuzzPickTemplate: each value finds its place, and no value is lost.
func FuzzPickTemplate(f *testing.F) {
	f.Add("order en Ana | bike | 7")
	f.Add("order")
	f.Add("order de")
	f.Add("order |||")
	list := []channel.Template{
		{Name: "order", Language: "en", Status: "APPROVED", Body: "{{1}} {{2}}", Buttons: []channel.TemplateButton{{Kind: "QUICK_REPLY"}, {Kind: "COPY_CODE"}}},
		{Name: "order", Language: "de", Status: "APPROVED", Body: "plain"},
		{Name: "gone", Language: "de", Status: "PAUSED"},
	}
	f.Fuzz(func(t *testing.T, text string) {
		template, values, err := pickTemplate(list, text)
		if err != nil {
			return
		}
		content := fillTemplate(template, values)
		placed := len(content.Header) + len(content.Variables)
		for _, value := range content.Buttons {
			if value != "" {
				placed++
			}
		}
		if template.Status != "APPROVED" || len(values) != wantedValues(template) || placed > len(values) || len(values) == 3 && values[2] != "" && placed != 3 {
			t.Fatalf("%q: %+v with %q", text, content, values)
		}
	})
}

// FuzzParseEvent: what the homeserver sends is an event of the class that it came as, or an error.
func FuzzParseEvent(f *testing.F) {
	f.Add([]byte(`{"type":"m.room.message","sender":"@a:b","content":{"msgtype":"m.text","body":"x"}}`))
	f.Add([]byte(`{"type":"m.room.member","state_key":"@a:b","content":{"membership":"invite"},"unsigned":{"prev_content":{"membership":7}}}`))
	f.Add([]byte(`{"type":"m.receipt","content":{"$a":{"m.read":{"@a:b":{"ts":1}}}}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, kind := range []string{kindEvent, kindEphemeral, kindEncrypted} {
			evt, err := parseEvent(kind, raw)
			if err != nil {
				continue
			}
			_ = evt.Content.ParseRaw(evt.Type) // what is malformed is refused later
			if kind == kindEvent && evt.Type.IsState() != (evt.StateKey != nil) || kind == kindEphemeral && !evt.Type.IsEphemeral() {
				t.Fatalf("%s is of the class %v", kind, evt.Type.Class)
			}
			if kind != kindEvent {
				continue
			}
			isNotice(evt)
			commandIn(evt)
			saidBy(evt)
			joinedBefore(evt)
		}
	})
}

// FuzzIsOurs: nobody of another homeserver is one of ours, whatever the name.
func FuzzIsOurs(f *testing.F) {
	for _, user := range []string{"@puente:example.org", "@puente_desk:example.org", "@puente_desk:example.org.evil", "@puente_desk:evil:example.org", "puente_desk:example.org", "@PUENTE_x:example.org", "@puente_x:example.org\n"} {
		f.Add(user)
	}
	names := Names{Domain: testDomain, Bot: "puente", Prefix: "puente_"}
	f.Fuzz(func(t *testing.T, user string) {
		ours := names.IsOurs(id.UserID(user))
		localpart, domain, _ := strings.Cut(strings.TrimPrefix(user, "@"), ":")
		if wants := strings.HasPrefix(user, "@") && domain == testDomain && (localpart == "puente" || strings.HasPrefix(localpart, "puente_")); ours != wants {
			t.Fatalf("%q: %v", user, ours)
		}
		if names.IsPuppet(id.UserID(user)) && !ours {
			t.Fatalf("%q is a puppet and none of ours", user)
		}
	})
}

// FuzzAbout: whatever an event is, each event that stands at one of the known places is found, by the names as they are
// written, and nothing else is.
func FuzzAbout(f *testing.F) {
	for _, raw := range []string{
		`{"m.relates_to":{"rel_type":"m.thread","event_id":"$a","m.in_reply_to":{"event_id":"$b"}},"m.new_content":{"m.relates_to":{"event_id":"$c","m.in_reply_to":{"event_id":"$d"}}}}`,
		`{"m.relates_to":{"rel_type":7,"event_id":"$a"},"redacts":"$e"}`, `{"m.relates_to":{"rel_type":"m.replace","event_id":["$a"]},"m.new_content":"x"}`,
		`{"m.relates_to":"$a","M.RELATES_TO":{"event_id":"$b"}}`, `{"m.relateſ_to":{"event_id":"$b"},"m.relates_to":{"event_id":"$a"}}`,
		`[{"m.relates_to":{"event_id":"$a"}}]`, `null`, `{"m.relates_to":null,"redacts":{"event_id":"$a"}}`, `{"m.relates_to":{"event_id":"\u0000"}}`,
	} {
		f.Add([]byte(raw), true)
	}
	at := func(from any, path ...string) (text string) {
		for _, name := range path {
			object, _ := from.(map[string]any)
			from = object[name]
		}
		text, _ = from.(string)
		return text
	}
	f.Fuzz(func(t *testing.T, raw []byte, redaction bool) {
		var content any
		if json.Unmarshal(raw, &content) != nil {
			return // the homeserver sends JSON
		}
		evt := &event.Event{Type: event.EventMessage}
		places := [][]string{{"m.relates_to"}, {"m.relates_to", "m.in_reply_to"}, {"m.new_content", "m.relates_to"}, {"m.new_content", "m.relates_to", "m.in_reply_to"}}
		want := map[id.EventID]bool{}
		for _, path := range places {
			want[id.EventID(at(content, append(path, "event_id")...))] = true
		}
		if redaction {
			evt.Type, evt.Redacts = event.EventRedaction, "$outside"
			want[evt.Redacts], want[id.EventID(at(content, "redacts"))] = true, true
		}
		delete(want, "")
		_ = json.Unmarshal(raw, &evt.Content)
		var what about
		what.read(evt)
		got := map[id.EventID]bool{}
		for _, target := range what.events {
			got[target] = true
		}
		if !maps.Equal(got, want) {
			t.Fatalf("%s is about %v, not %v", raw, got, want)
		}
		if at(content, "m.relates_to", "rel_type") == "m.replace" != (what.changes != "") && at(content, "m.relates_to", "event_id") != "" || what.changes != "" && !got[what.changes] {
			t.Fatalf("%s changes %q", raw, what.changes)
		}
	})
}
