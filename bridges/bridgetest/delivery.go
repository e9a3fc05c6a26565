package bridgetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/hub/network"
	"puente/core/testkit/person"
	"puente/core/testkit/sample"
)

func deliveryChecks() []Check {
	return []Check{
		{Name: "WhatComesTwiceIsThereOnce", Says: "Texts, files and changes that are delivered twice stand in the room once.", run: checkTwice},
		{Name: "WhatComesOutOfOrderIsNotLost", Says: "Messages that are delivered newest first all arrive, each once.", run: checkReversed},
		{Name: "WhatComesTogetherKeepsItsOrder", Says: "Many messages in one delivery arrive in the order of their chats.", run: checkTogether},
		{
			Name: "ARestartLosesAndDoublesNothing",
			Says: "What was accepted before a stop and not bridged, on either side, is there exactly once after the start.",
			run:  checkRestart,
		},
		{Name: "WhatIsSaidMeanwhileArrives", Says: "What is said on either side while Puente is down arrives after the start, in order.", run: checkDown},
	}
}

// held lets the customers do things while the provider keeps them back, and delivers them in one way. It is false,
// with the verdict, if the network's transport does not know the way.
func (c *trial) held(way Delivery, acts func()) bool {
	c.t.Helper()
	if err := c.provider.Hold(); errors.Is(err, errs.ErrUnsupported) {
		c.notApplicable("the transport cannot hold anything back")
		return false
	} else if err != nil {
		c.t.Fatal(err)
	}
	acts()
	err := c.provider.Release(c.ctx, way)
	if errors.Is(err, errs.ErrUnsupported) {
		c.must(c.provider.Release(c.ctx, Delivery{}))
		c.fence()
		c.notApplicable("the transport knows no such delivery")
		return false
	}
	c.must(err)
	return true
}

// bodies are the texts of the messages in a room, from a mark on, that contain the words.
func (w *world) bodies(mark int, room id.RoomID, words string) []string {
	var texts []string
	for _, evt := range w.bob.Seen(mark, person.Message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		return evt.RoomID == room && msg.NewContent == nil && strings.Contains(msg.Body, words)
	})) {
		texts = append(texts, evt.Content.AsMessage().Body)
	}
	return texts
}

func checkTwice(c *trial) {
	word := c.words.tag()
	target, changed := c.anaSays(c.words.phrase("to be changed"))
	edited := c.words.phrase("changed")
	data, err := sample.PhotoJPEG()
	c.must(err)
	mark := c.bob.Mark()
	if !c.held(Delivery{Twice: true}, func() {
		c.does(c.ana, Say{Text: "twice " + word})
		if c.receives(network.FeatureImage) {
			c.does(c.ana, Send{File: File{Kind: network.FeatureImage, Data: data, MIME: "image/jpeg"}, Caption: "a picture twice " + word})
		}
		if c.receives(network.FeatureEdit) {
			c.does(c.ana, Edit{Message: target, Text: edited})
		}
	}) {
		return
	}
	c.fence()
	c.fence() // the second copies of the last things are behind the first fence at the latest
	want := 1
	if c.receives(network.FeatureImage) {
		want = 2
	}
	if got := c.bodies(mark, c.room, word); len(got) != want {
		c.t.Errorf("%d messages stand for %d: %q", len(got), want, got)
	}
	if !c.receives(network.FeatureEdit) {
		return
	}
	if edits := c.bob.Seen(mark, person.Message(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.NewContent != nil && msg.RelatesTo.GetReplaceID() == changed.ID
	})); len(edits) != 1 {
		c.t.Errorf("%d edits stand for one", len(edits))
	}
}

// lines lets customers say lines in turns and returns what each said.
func (c *trial) lines(people []*customer, word string, each int) [][]string {
	c.t.Helper()
	said := make([][]string, len(people))
	for n := range each {
		for p, who := range people {
			line := fmt.Sprintf("%s %d line %02d", word, p, n)
			said[p] = append(said[p], line)
			c.does(who, Say{Text: line})
		}
	}
	return said
}

// two are ana and somebody new with their rooms.
func (c *trial) two() ([]*customer, []id.RoomID) {
	c.t.Helper()
	other := c.customer(Person{Name: "Dora Prieto"})
	room, _ := c.opens(other)
	return []*customer{c.ana, other}, []id.RoomID{c.room, room}
}

// eachLine is how many lines each customer says.
const eachLine = 6

func checkReversed(c *trial) {
	people, rooms := c.two()
	word := c.words.tag()
	var said [][]string
	mark := c.bob.Mark()
	if !c.held(Delivery{Reversed: true}, func() { said = c.lines(people, word, eachLine) }) {
		return
	}
	for p := range people {
		for _, line := range said[p] {
			c.sees("each line", mark, person.Text(line))
		}
	}
	c.fence()
	for p := range people {
		got := c.bodies(mark, rooms[p], word)
		slices.Sort(got)
		if !slices.Equal(got, said[p]) {
			c.t.Errorf("instead of %q came %q", said[p], got)
		}
	}
}

func checkTogether(c *trial) {
	people, rooms := c.two()
	word := c.words.tag()
	var said [][]string
	mark := c.bob.Mark()
	if !c.held(Delivery{Together: true}, func() { said = c.lines(people, word, eachLine) }) {
		return
	}
	c.inOrder(mark, rooms, said, word)
}

// inOrder waits for the last line of each room, and checks that all lines came once and in order.
func (c *trial) inOrder(mark int, rooms []id.RoomID, said [][]string, word string) {
	c.t.Helper()
	for p, room := range rooms {
		c.sees("the last line", mark, person.Text(said[p][len(said[p])-1]))
		if got := c.bodies(mark, room, word); !slices.Equal(got, said[p]) {
			c.t.Errorf("instead of %q came %q", said[p], got)
		}
	}
}

func checkRestart(c *trial) {
	people, rooms := c.two()
	c.stop()
	c.startDeaf()
	word := c.words.tag()
	before := c.waitingEntries()
	mark := c.bob.Mark()
	said := c.lines(people, word, eachLine)
	var answers []string
	for n := range eachLine {
		answers = append(answers, fmt.Sprintf("answer %d %s", n, word))
		c.says(c.room, answers[n])
	}
	c.untilWaiting(before + 2*eachLine + eachLine)
	if got := c.bodies(mark, c.room, word+" 0"); len(got) > 0 {
		c.t.Fatalf("a Puente that deals with nothing bridged %q: the check would prove nothing", got)
	}
	c.stop()
	c.start()
	c.inOrder(mark, rooms, said, word+" ")
	c.answered(answers)
	c.fence()
	for p, room := range rooms {
		if got := c.bodies(mark, room, word+" "); len(got) != len(said[p]) {
			c.t.Errorf("after the restart %d lines stand for %d", len(got), len(said[p]))
		}
	}
}

// answered waits for the last of the business's texts, and checks that ana's phone has each once and in order.
func (c *trial) answered(texts []string) {
	c.t.Helper()
	c.gets(c.ana, texts[len(texts)-1])
	var got []string
	for _, m := range c.now(c.ana).Messages {
		if m.FromBusiness && slices.Contains(texts, m.Text) {
			got = append(got, m.Text)
		}
	}
	if !slices.Equal(got, texts) {
		c.t.Errorf("instead of %q the phone shows %q", texts, got)
	}
}

// waitingEntries is how many things the journal holds that nobody has dealt with.
func (w *world) waitingEntries() int64 {
	w.t.Helper()
	counts, err := w.journal.Counts(w.ctx)
	w.must(err)
	var waiting int64
	for _, count := range counts {
		if count.State == journal.Waiting {
			waiting += count.Entries
		}
	}
	return waiting
}

// lookAgain is how often what nobody announces is looked at.
const lookAgain = 20 * time.Millisecond

// untilWaiting returns when the journal holds so many things that nobody has dealt with.
func (w *world) untilWaiting(want int64) {
	w.t.Helper()
	ctx, cancel := w.waiting()
	defer cancel()
	for w.waitingEntries() < want {
		if clock.Sleep(ctx, clock.System{}, lookAgain) != nil {
			w.t.Fatalf("the journal holds %d waiting entries, not %d", w.waitingEntries(), want)
		}
	}
}

func checkDown(c *trial) {
	c.stop()
	word := c.words.tag()
	mark := c.bob.Mark()
	said := c.lines([]*customer{c.ana}, word, eachLine)
	var answers []string
	for n := range eachLine {
		answers = append(answers, fmt.Sprintf("meanwhile %d %s", n, word))
		c.says(c.room, answers[n])
	}
	c.start()
	c.inOrder(mark, []id.RoomID{c.room}, said, word+" ")
	c.answered(answers)
}
