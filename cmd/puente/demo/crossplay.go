package demo

import (
	"context"
	"fmt"

	"puente/cmd/puente/demo/cross"
	"puente/core/app"
	"puente/core/testkit/person"
)

// playCross plays every type of message on every network, both ways, and prints the cross table.
func (w *world) playCross(ctx context.Context, alice, bob *person.Person) (failed int, err error) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w.opts.Out, format, args...) }
	say("\nEvery type of message on every network, %s from a customer's phone to an agent and %s back.\n\n", in, out)
	var table cross.Table
	cast := cross.Cast{Alice: alice, Bob: bob, Names: app.Identity(w.config).Names, Limit: stepLimit}
	err = cross.Play(ctx, cast, lines(w.opts.Networks, w.providers), func(r cross.Result) {
		table.Add(r)
		arrow := out
		if r.In {
			arrow = in
		}
		switch r.Verdict {
		case cross.OK:
			say("%s %s %s  %6d ms  ok\n", pad(r.Network, 12), arrow, pad(r.Type, 24), r.Latency.Milliseconds())
		case cross.No:
			say("%s %s %s         –  no\n", pad(r.Network, 12), arrow, pad(r.Type, 24))
		default:
			say("%s %s %s         –  FAILED\n", pad(r.Network, 12), arrow, pad(r.Type, 24))
		}
	})
	table.Print(w.opts.Out)
	return table.Failed(), err
}
