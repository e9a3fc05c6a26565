package load

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"maunium.net/go/mautrix/id"

	"puente/core/base/journal"
)

// check looks whether all is right when all is quiet: in the desk's tables, in the rooms as clients show them, and on the
// phones.
func (o *office) check() {
	o.Helper()
	o.look()
	list := o.conversations()
	if len(list) != len(o.customers) {
		o.Errorf("%d customers have %d conversations", len(o.customers), len(list))
	}
	o.checkScripts(list)
	o.checkRooms(list)
	o.checkViews(list)
	o.checkPhones()
	o.checkJournal()
	o.say("all is looked at")
}

// complaints collects what is wrong, and tells the first of it.
type complaints []string

const mostTold = 10

func (c complaints) tell(o *office, what string) {
	o.Helper()
	if len(c) > 0 {
		o.Errorf("%d × %s, such as:\n%s", len(c), what, strings.Join(c[:min(len(c), mostTold)], "\n"))
	}
}

func (c *complaints) add(format string, args ...any) { *c = append(*c, fmt.Sprintf(format, args...)) }

// checkScripts compares the table with what the scripts have made of conversations.
func (o *office) checkScripts(list []conversation) {
	o.Helper()
	var wrong complaints
	looked := 0
	for _, c := range list {
		n := row{name: c.name}.number()
		if n < 0 || n >= len(o.customers) || o.customers[n].want == nil {
			continue
		}
		looked++
		want := o.customers[n].want
		mine := c.assignee == want.assignee
		if want.not != "" {
			mine = c.assignee != want.not
		}
		if !mine || c.status != want.status || (want.label != "" && !slices.Contains(strings.Fields(c.labels), want.label)) {
			wrong.add("%s is %s, %q's, with the labels %q; it should be %+v", c.name, c.status, c.assignee, c.labels, *want)
		}
	}
	wrong.tell(o, "a conversation that is not what was made of it")
	if looked == 0 {
		o.Error("nobody has worked on any conversation")
	}
}

// checkRooms compares what each room shows with the table: card, topic, and the event for programs.
func (o *office) checkRooms(list []conversation) {
	o.Helper()
	rooms := o.snapshot()
	names := map[string]string{}
	for _, a := range o.agents {
		names[a.UserID.String()] = a.name
	}
	var wrong complaints
	for _, c := range list {
		room, ok := rooms[id.RoomID(c.room)]
		if !ok {
			wrong.add("the room of %s is nowhere", c.name)
			continue
		}
		who := "nobody's"
		if c.assignee != "" {
			who = names[c.assignee]
		}
		for what, fits := range map[string]bool{
			"topic":  strings.HasPrefix(room.topic, c.status) && (strings.Contains(room.topic, who) || c.status == "resolved"),
			"card":   c.isOn(room.card(), who),
			"facts":  c.isIn(room.facts),
			"pinned": len(room.pinned) == 1,
		} {
			if !fits {
				wrong.add("the %s of %s, which is %s, %s, labels %q: topic %q, facts %v, card %q", what, c.name, c.status, who, c.labels, room.topic, room.facts, room.card())
			}
		}
	}
	wrong.tell(o, "a room that shows something else than the desk's table says")
}

// isOn tells whether a card says the same, above what it says of itself.
func (c conversation) isOn(card, who string) bool {
	said, _, _ := strings.Cut(card, "✋")
	if c.assignee != "" {
		who = "assigned to " + who
	}
	fits := strings.Contains(said, c.name) && strings.Contains(said, c.status) && strings.Contains(said, "team "+c.team)
	for _, label := range strings.Fields(c.labels) {
		fits = fits && strings.Contains(said, label)
	}
	return fits && (strings.Contains(said, who) || c.status == "resolved" && c.assignee == "") && (c.labels != "") == strings.Contains(said, "labels: ")
}

// isIn tells whether the event for programs says the same.
func (c conversation) isIn(facts map[string]any) bool {
	text := func(key string) string { value, _ := facts[key].(string); return value }
	var labels []string
	list, _ := facts["labels"].([]any)
	for _, one := range list {
		labels = append(labels, fmt.Sprint(one))
	}
	return text("status") == c.status && text("assignee") == c.assignee && text("team") == c.team && strings.Join(labels, " ") == c.labels
}

// checkViews compares what is in each space with the table; so no conversation is in the views of two agents.
func (o *office) checkViews(list []conversation) {
	o.Helper()
	want := map[string]map[string]string{}
	for _, c := range list {
		for _, key := range c.views() {
			if want[key] == nil {
				want[key] = map[string]string{}
			}
			want[key][c.room] = c.order()
		}
	}
	spaces := o.spaces()
	var wrong complaints
	for key, inside := range spaces {
		if !maps.Equal(inside, want[key]) {
			wrong.add("%s shows %d rooms, not the %d that it should: %s", key, len(inside), len(want[key]), difference(inside, want[key]))
		}
	}
	for key := range want {
		if spaces[key] == nil {
			wrong.add("there is no view %s", key)
		}
	}
	wrong.tell(o, "a view that shows something else than the desk's table says")
}

// difference names one of the rooms that are in one list and not in the other.
func difference(have, want map[string]string) string {
	for room, order := range want {
		if have[room] != order {
			return fmt.Sprintf("%s at %q and not %q", room, have[room], order)
		}
	}
	for room := range have {
		if _, ok := want[room]; !ok {
			return room + " should not be there"
		}
	}
	return "none"
}

// checkPhones looks whether each phone shows each answer once and in order, and nothing else of the business's.
func (o *office) checkPhones() {
	o.Helper()
	var wrong complaints
	answered := 0
	for _, c := range o.customers {
		got, err := o.received(c)
		o.must(err)
		answered += len(c.answers)
		if !slices.Equal(got, c.answers) {
			wrong.add("customer %d has %q, and was answered %q", c.n, got, c.answers)
		}
	}
	wrong.tell(o, "a phone that shows something else than the answers")
	if answered == 0 {
		o.Error("nobody was answered")
	}
}

// checkJournal looks whether something was left, or set aside.
func (o *office) checkJournal() {
	o.Helper()
	open, err := o.app.Journal.Open(o.ctx)
	o.must(err)
	for _, count := range open {
		o.Errorf("%d entries of %s are %s in the journal", count.Entries, count.Source, count.State)
	}
	failed, err := o.app.Journal.List(o.ctx, journal.Filter{State: journal.Failed})
	o.must(err)
	for _, one := range failed {
		o.Errorf("set aside: %s %s: %s", one.Source, one.Kind, one.Reason)
	}
	if n := o.one(unshownQuery); n > 0 {
		o.Errorf("%d rooms show something old", n)
	}
}
