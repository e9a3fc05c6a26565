package emulator

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// newer lists what versions 10.2 and 10.3 of the API have over the description, which is of 10.1.
// ref: reference/telegram-bot.md §1
var newer = map[string][]string{
	"sendmessage": {"ephemeral_message_parameters"}, "sendphoto": {"ephemeral_message_parameters"},
	"sendlivephoto": {"ephemeral_message_parameters"}, "sendaudio": {"ephemeral_message_parameters"},
	"senddocument": {"ephemeral_message_parameters"}, "sendvideo": {"ephemeral_message_parameters"},
	"sendanimation": {"ephemeral_message_parameters"}, "sendvoice": {"ephemeral_message_parameters"},
	"sendvideonote": {"ephemeral_message_parameters"}, "sendsticker": {"ephemeral_message_parameters"},
	"sendlocation": {"ephemeral_message_parameters"}, "sendvenue": {"ephemeral_message_parameters"},
	"sendcontact":          {"ephemeral_message_parameters"},
	"ReplyParameters":      {"message_id", "ephemeral_message_id"}, // message_id is no longer required
	"InlineKeyboardMarkup": {"force_reply"},
	"ReplyKeyboardMarkup":  {"force_reply"},
	"InlineKeyboardButton": {"disabled"},
	// Whole types of those versions.
	"EphemeralMessageParameters": {"*"}, "DisabledButton": {"*"},
}

type specThing struct {
	Subtypes []string `json:"subtypes"`
	Fields   []struct {
		Name     string   `json:"name"`
		Types    []string `json:"types"`
		Required bool     `json:"required"`
	} `json:"fields"`
}

// TestRequestsAreAsDescribed holds every method that is served, and every object that a request can hold, against the
// machine-readable description: the same fields, of the same types, the same ones required.
func TestRequestsAreAsDescribed(t *testing.T) {
	raw, err := os.ReadFile("testdata/telegram-bot-api.json")
	if err != nil {
		t.Fatal(err)
	}
	var spec struct{ Methods, Types map[string]specThing }
	if err = json.Unmarshal(raw, &spec); err != nil {
		t.Fatal(err)
	}
	e := New(Options{Bots: []Bot{{Token: "110201543:AAHdqTcvCH1vGWJx", Username: "a_bot", Name: "A"}}})
	if e.bad != nil {
		t.Fatal(e.bad)
	}
	for name := range e.methods {
		if e.fields.names[name] == "" {
			t.Errorf("%s is served and has no line in wire/methods.txt", name)
		}
	}
	for lower, fields := range e.fields.methods {
		name := e.fields.names[lower]
		if _, ok := e.methods[lower]; !ok {
			t.Errorf("%s has a line in wire/methods.txt and is not served", name)
		}
		compare(t, name, fields, spec.Methods[name], newer[lower])
	}
	for name, fields := range e.fields.objects {
		if slices.Contains(newer[name], "*") {
			continue
		}
		compare(t, name, fields, spec.Types[name], newer[name])
	}
	for name, subtypes := range e.fields.unions {
		if !slices.Equal(subtypes, spec.Types[name].Subtypes) {
			t.Errorf("%s may be %v, and is described as %v", name, subtypes, spec.Types[name].Subtypes)
		}
	}
}

func compare(t *testing.T, name string, have []field, want specThing, newer []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range have {
		seen[f.name] = true
		if slices.Contains(newer, f.name) {
			continue
		}
		found := false
		for _, w := range want.Fields {
			if w.Name != f.name {
				continue
			}
			found = true
			types := strings.ReplaceAll(strings.Join(w.Types, "|"), "Array of ", "[]")
			if types != strings.Join(f.types, "|") || w.Required != f.required {
				t.Errorf("%s.%s is %v, required %v; described as %s, %v", name, f.name, f.types, f.required, types, w.Required)
			}
		}
		if !found {
			t.Errorf("%s.%s is not described", name, f.name)
		}
	}
	for _, w := range want.Fields {
		if !seen[w.Name] {
			t.Errorf("%s.%s is described and not known", name, w.Name)
		}
	}
}
