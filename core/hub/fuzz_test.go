package hub

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/rs/zerolog"
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
		if _, ok := commandIn(evt); ok != wants(edited) {
			t.Fatalf("the edit into %q: %v", edited, ok)
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

// FuzzSieve: what comes through is a line of JSON without the fields that hold what people wrote.
func FuzzSieve(f *testing.F) {
	f.Add([]byte(`{"level":"debug","req_body":{"body":"x"},"url":"http://h/a?b","message":"m"}`))
	f.Add([]byte(`{"bridge_state":{"remote_name":"+34","state_event":"CONNECTED"},"next_step":7}`))
	f.Add([]byte(`{"a":1e999,"a":{"b":`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var out bytes.Buffer
		s := sieve{to: zerolog.New(&out)}
		if n, err := s.Write(line); n != len(line) || err != nil {
			t.Fatal(n, err)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(out.Bytes(), &fields); err != nil {
			t.Fatalf("%q became %q: %v", line, out.Bytes(), err)
		}
		for _, name := range secretFields() {
			if fields[name] != nil {
				t.Fatalf("%s came through: %q", name, out.Bytes())
			}
		}
	})
}
