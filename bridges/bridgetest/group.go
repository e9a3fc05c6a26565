package bridgetest

import (
	"errors"

	"maunium.net/go/mautrix/event"

	"puente/core/base/errs"
	"puente/core/hub/network"
	"puente/core/testkit/person"
)

func groupChecks() []Check {
	return []Check{
		{Name: "AGroupHasARoomOfItsOwn", Says: "A group's messages come into one room of its own, each from whoever wrote it.", run: checkGroupIn},
		{Name: "AnAnswerReachesTheWholeGroup", Says: "What an agent writes into a group's room reaches every member.", run: checkGroupOut},
	}
}

// group is a group with ana and somebody else in it, and the room that it has.
type group struct {
	id    string
	other *customer
	first *event.Event // of ana's in the group
}

// makeGroup makes a group in which ana has said something; nil, with the verdict, if the network has none.
func (c *trial) makeGroup() *group {
	c.t.Helper()
	other := c.customer(Person{Name: "Ben Castro"})
	groupID, err := c.provider.Group(c.ctx, "Lamps for the hall", c.ana.Customer, other.Customer)
	switch {
	case errors.Is(err, errs.ErrUnsupported) && c.receives(network.FeatureGroup):
		c.t.Fatal("groups are declared, but the provider has none")
	case errors.Is(err, errs.ErrUnsupported):
		c.notApplicable("the network has none")
		return nil
	}
	c.must(err)
	if !c.receives(network.FeatureGroup) {
		c.notApplicable("the network does not declare them")
		return nil
	}
	text := c.words.phrase("which lamps do we all like?")
	mark := c.bob.Mark()
	c.does(c.ana, Say{Text: text, Where: Where{Group: groupID}})
	return &group{id: groupID, other: other, first: c.sees("ana's words in the group", mark, person.Text(text))}
}

func checkGroupIn(c *trial) {
	g := c.makeGroup()
	if g == nil {
		return
	}
	if g.first.RoomID == c.room || g.first.Sender != c.ghost {
		c.t.Errorf("ana's words in the group came from %s into %s", g.first.Sender, g.first.RoomID)
	}
	text := c.words.phrase("the blue ones")
	mark := c.bob.Mark()
	c.does(g.other, Say{Text: text, Where: Where{Group: g.id}})
	second := c.sees("the other's words in the group", mark, person.Text(text))
	if second.RoomID != g.first.RoomID || second.Sender == c.ghost {
		c.t.Errorf("the other's words came from %s into %s, not into %s", second.Sender, second.RoomID, g.first.RoomID)
	}
	if c.traits.GroupNames {
		c.sees("the group's name", 0, func(evt *event.Event) bool {
			name, ok := evt.Content.Parsed.(*event.RoomNameEventContent)
			return ok && evt.RoomID == g.first.RoomID && name.Name == "Lamps for the hall"
		})
	}
}

func checkGroupOut(c *trial) {
	g := c.makeGroup()
	if g == nil {
		return
	}
	text := c.words.phrase("we have both")
	c.says(g.first.RoomID, text)
	for _, member := range []*customer{c.ana, g.other} {
		c.shows(member, "the answer in the group", func(m Message) bool { return m.FromBusiness && m.Group == g.id && m.Text == text })
	}
}
