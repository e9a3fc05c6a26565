package whatsapp

import (
	"strings"
	"testing"

	"puente/bridges/whatsapp/graph"
)

func TestFailureText(t *testing.T) {
	for code, want := range map[graph.Number]string{131016: "Send it again", 131056: "Send it again", 131047: "template", 0: "does not know"} {
		if got := failureText([]graph.Problem{{Code: code}}); !strings.Contains(got, want) || strings.Contains(got, "tried again") {
			t.Errorf("%d: %q", code, got)
		}
	}
	if got := failureText(nil); got == "" {
		t.Error("a failure without a reason has no words")
	}
}
