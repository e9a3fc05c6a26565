package cross

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"maunium.net/go/mautrix/event"

	"puente/core/hub/network"
)

func TestTable(t *testing.T) {
	var table Table
	for _, r := range []Result{
		{Network: "Toynet", Type: "text", In: true}, {Network: "Toynet", Type: "text", In: false, Verdict: No, Why: "Toynet is read only, whatever one does."},
		{Network: "Toynet", Type: "a type with quite a long name indeed", In: true, Verdict: Failed, Why: "bob did not see the text in time"},
		{Network: "Toynet", Type: "a type with quite a long name indeed", In: false, Verdict: No, Why: "Toynet is read only, whatever one does."},
		{Network: "The other network", Type: "text", In: true}, {Network: "The other network", Type: "text", Verdict: Failed, Why: strings.Repeat("wörds ", 60)},
	} {
		table.Add(r)
	}
	var out bytes.Buffer
	table.Print(&out)
	lines := strings.Split(out.String(), "\n")
	t.Run("EachCellHasItsVerdict", func(t *testing.T) {
		for _, want := range [][]string{{"text", "ok", "no 1", "ok", "FAIL 2"}, {"a", "type", "FAIL 3", "no 1"}} {
			found := false
			for _, line := range lines {
				found = found || strings.HasPrefix(line, want[0]+" ") && inOrder(line, want[1:])
			}
			if !found {
				t.Errorf("no line with %q in\n%s", want, out.String())
			}
		}
	})
	t.Run("TheSameReasonIsToldOnce", func(t *testing.T) {
		if n := strings.Count(out.String(), "read only"); n != 1 {
			t.Errorf("told %d times:\n%s", n, out.String())
		}
	})
	t.Run("FitsHundredColumns", func(t *testing.T) {
		for _, line := range lines {
			if utf8.RuneCountInString(line) > lineWidth {
				t.Errorf("%d letters: %s", utf8.RuneCountInString(line), line)
			}
		}
	})
	t.Run("CountsFailures", func(t *testing.T) {
		if got := table.Failed(); got != 2 {
			t.Errorf("counted %d", got)
		}
	})
}

func inOrder(line string, words []string) bool {
	for _, word := range words {
		_, rest, found := strings.Cut(line, word)
		if !found {
			return false
		}
		line = rest
	}
	return true
}

func TestRowsReadDeclarations(t *testing.T) {
	full := event.CapLevelFullySupported
	toy := network.Network{Capabilities: network.Capabilities{
		Receives: []network.Feature{network.FeatureText, network.FeatureImage},
		Chats: []network.ChatKind{{Features: &event.RoomFeatures{
			Edit: full, Delete: event.CapLevelRejected, TypingNotifications: true,
			File: event.FileFeatureMap{event.MsgImage: {MimeTypes: map[string]event.CapabilitySupportLevel{"image/png": full}}},
		}}},
	}}
	declared := map[string][2]bool{}
	for _, r := range rows() {
		if r.name == "" || (r.in == nil && r.never == "") || (r.out == nil && r.never == "") {
			t.Errorf("row %q lacks a name, or the reason why a direction is missing", r.name)
		}
		declared[r.name] = [2]bool{r.declaredIn(toy), r.declaredOut(toy)}
	}
	for name, want := range map[string][2]bool{
		"text": {true, true}, "picture with a caption": {true, true}, "video": {}, "edit": {false, true}, "deletion": {}, "typing": {false, true}, "read": {},
	} {
		if got := declared[name]; got != want {
			t.Errorf("%s: declared %v, want %v", name, got, want)
		}
	}
}
