package whatsapp

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"puente/bridges/whatsapp/graph"
	"puente/core/hub/network"
)

func (n *notes) Report(context.Context, network.Report) error { return nil }

// operators is what the operators were told last.
type operators struct{ told string }

func (o *operators) Tell(_ context.Context, _, markdown string) { o.told = markdown }

func TestOperatorsLearnOfAnAccountThatMetaRefusesByWebhook(t *testing.T) {
	for code, want := range map[int]string{131042: "payment", 131031: "locked", 131047: "", 0: ""} {
		failure := fmt.Sprintf(`"errors":[{"code":%d,"title":"t"}]`, code)
		for _, value := range []string{`"statuses":[{"id":"wamid.a","status":"failed",` + failure + `}]`, failure} {
			told := &operators{}
			c := &Connector{lanes: newLanes(people{}), log: zerolog.Nop(), env: network.Env{Operators: told, Outcomes: &notes{}, Handles: people{}}}
			entries := c.entries(context.Background(), []byte(`{"entry":[{"id":"w","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},`+value+`}}]}]}`))
			if err := c.HandleEntry(context.Background(), entries[0]); err != nil {
				t.Errorf("%d: %v", code, err)
			}
			if (want == "") != (told.told == "") || !strings.Contains(told.told, want) {
				t.Errorf("%d: the operators were told %q", code, told.told)
			}
		}
	}
}

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
