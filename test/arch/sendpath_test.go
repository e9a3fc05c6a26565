package arch_test

import (
	"slices"
	"testing"
)

// TestWaysToPeopleAreFound: in a bridge that exists in memory only.
func TestWaysToPeopleAreFound(t *testing.T) {
	const head = `package toy
type Client struct{ api *API; connector *Connector }
type Connector struct{ clients []*Client }
type incoming struct{ client *Client }
func (cl *Client) HandleMatrixMessage() { cl.deliver("x") }
func (cl *Client) deliver(words string) { cl.api.Send(words) }
func (in *incoming) deliver() {}
`
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"OnlyByTheHub":       {`func (c *Connector) HandleEntry() { in := &incoming{}; in.deliver() }`, nil},
		"Directly":           {`func (c *Connector) HandleEntry() { c.clients[0].api.Send("hello") }`, []string{"bridges/toy/toy.go Connector.HandleEntry Send"}},
		"ByAMethod":          {`func (c *Connector) HandleEntry() { c.clients[0].deliver("hello") }`, []string{"bridges/toy/toy.go Connector.HandleEntry Send"}},
		"ByAField":           {`func (in *incoming) HandleEntry() { in.client.deliver("hello") }`, []string{"bridges/toy/toy.go incoming.HandleEntry Send"}},
		"ByAVariable":        {`func (c *Connector) HandleEntry() { cl := c.clients[0]; cl.deliver("hello") }`, []string{"bridges/toy/toy.go Connector.HandleEntry Send"}},
		"ByAFunction":        {`func greet(cl *Client) { cl.deliver("hello") }; func (cl *Client) Connect() { go greet(cl) }`, []string{"bridges/toy/toy.go Client.Connect Send"}},
		"ByAValueOfAMethod":  {`func (cl *Client) Connect() { later(cl.deliver) }; func later(func(string)) {}`, []string{"bridges/toy/toy.go Client.Connect Send"}},
		"ByAValueOfTheAPI's": {`func (cl *Client) Connect() { say := cl.api.Send; say("hello") }`, []string{"bridges/toy/toy.go Client.Connect Send"}},
		"InAClosure":         {`func (cl *Client) Connect() { func() { func() { cl.deliver("hello") }() }() }`, []string{"bridges/toy/toy.go Client.Connect Send"}},
		"PastTheHub":         {`func (c *Connector) HandleEntry() { c.clients[0].HandleMatrixMessage() }`, nil}, // TestNobodyElseHandles is about this one
	} {
		t.Run(name, func(t *testing.T) {
			p := parse(t, map[string]any{"bridges/toy/toy.go": head + test.body})
			if got := (provider{by: "api", sends: []string{"Send"}}).waysIn(p); !slices.Equal(got, test.want) {
				t.Errorf("found were %q", got)
			}
		})
	}
}

// TestNobodyElseHandles: bridges do not call their own HandleMatrix… methods, which only bridgev2 calls, for the hub.
func TestNobodyElseHandles(t *testing.T) {
	var folders []string
	for _, one := range providers() {
		folders = append(folders, one.folder)
	}
	compare(t, usesUnder(t, isHandler, folders...), nil, "It is for the hub to call, behind the gate.")
}

func TestUsesAreNamed(t *testing.T) {
	const source = `package hub
import "puente/core/hub/network"
var direct = b.bridge.QueueMatrixEvent
func (b *hosted) shortcut() { go func() { b.bridge.QueueMatrixEvent(ctx, evt) }() }
func (b *hosted) fine() { network.QueueMatrixEvent() }`
	got, err := usesIn("core/hub/x.go", source, named("QueueMatrixEvent"))
	want := []use{{"core/hub/x.go", "", "QueueMatrixEvent"}, {"core/hub/x.go", "shortcut", "QueueMatrixEvent"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("found were %v, %v", got, err)
	}
}
