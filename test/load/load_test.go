package load

import (
	"fmt"
	"testing"
)

// TestTheDeskUnderLoad lets many agents work on many conversations at once, and looks whether all is right after that, and
// whether an action costs more when there are many conversations.
func TestTheDeskUnderLoad(t *testing.T) {
	o := open(t, sizes.read())
	o.meet()
	o.fill(o.opts.small)
	o.follow(o.clerk())
	if o.kept.Costs == nil {
		o.kept.Costs = o.measure(o.opts.times, nil)
		o.remember()
		o.say("the costs with %d conversations are known", len(o.customers))
	}
	o.fill(o.opts.conversations)
	o.follow(o.agents[1 : len(o.agents)-1]...)
	many := o.measure(o.opts.times, o.kept.Costs)
	o.say("the costs with %d conversations are known", len(o.customers))
	idle := o.alone()
	s := o.work()
	o.check()
	r := s.report(many, idle)
	fmt.Println(r)
	for _, action := range many.above(o.kept.Costs) {
		t.Errorf("%s costs %d requests with %d conversations, and %d with few: %v", action, many[action].Requests, len(o.customers),
			o.kept.Costs[action].Requests, many[action].Kinds)
	}
	if o.opts.results != "" {
		o.must(r.save(o.opts.results))
	}
}
