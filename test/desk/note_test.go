package desk

import (
	"fmt"
	"maps"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/test/company"
)

// among is a conversation in whose room the team writes notes, and what must come of each. What is not covered: typing,
// of which Matrix does not say in which thread it is, so that the customer sees that somebody types a note.
type among struct {
	*company.Chat
	c          *company.Company
	alice, bob *company.Agent
	card       id.EventID // the root of the team's thread
	theirs     id.EventID // the customer's last message
	ours       id.EventID // an answer that the customer has
	first      id.EventID // a note that stays
	deleted    id.EventID // a note that Puente has never seen otherwise
	before     []phone.Message
	mark       int // on the wire
	count      int // of words
	looks      int // at what the homeserver counts
	notes      []note
}

// note is something that alice did that is nothing to the customer.
type note struct {
	event id.EventID
	what  string
	shows string
}

// What a room may show of a note; anything else is how Puente's answer begins.
const (
	nothing  = ""
	lock     = "🔒"
	whatever = "*"
)

// secret stands in the words of each note, and in the names of its files.
const secret = "psst"

type object = map[string]any

// opensAll opens a conversation on each network, and has the business answer a first time.
func opensAll(c *company.Company) (list []*among) {
	c.Helper()
	for _, line := range c.Emulated.Lines() {
		a := &among{c: c, alice: c.Agents["alice"], bob: c.Agents["bob"]}
		a.Chat = c.Opens(line.Network.ID, "Ana", a.bob)
		a.card = a.Card(a.bob, "Ana")
		a.theirs = a.bob.Text(a.Asks()).ID
		a.ours = a.alice.Writes(a.Room, "Yes, it is blue")
		a.Gets("Yes, it is blue")
		a.begins()
		list = append(list, a)
	}
	return list
}

// each runs a subtest on each network.
func each(t *testing.T, c *company.Company, all []*among, what string, body func(a *among)) {
	t.Helper()
	for _, a := range all {
		c.Sub(t, a.Line.Network.DisplayName+what, func(*testing.T) { body(a) })
	}
}

func TestNotesStayInTheTeam(t *testing.T) {
	t.Parallel()
	c := town.Build(t, company.Options{Agents: threeAgents()[:2], Tapped: true})
	all := opensAll(c)
	each(t, c, all, "", func(a *among) {
		a.kinds()
		a.changes()
		a.mentions()
		a.ends("And now to you")
	})
	// Some of it reaches Puente only after its restart.
	c.Stop()
	for _, a := range all {
		a.meanwhile()
	}
	c.Start()
	each(t, c, all, "AfterARestart", func(a *among) {
		a.afterwards()
		a.says(lock, "a reply to what was deleted meanwhile", answers(a.deleted, a.text()))
		a.ends("We are back")
	})
}

func TestNotesStayInTheTeamInEncryptedRooms(t *testing.T) {
	t.Parallel()
	c := town.Build(t, company.Options{
		Agents: threeAgents()[:2], Web: true, Tapped: true, Config: map[string]string{"encryption.mode": "default"},
	})
	all := opensAll(c)
	each(t, c, all, "", func(a *among) {
		a.kinds()
		a.changes()
		a.mentionsSecretly()
		a.sealed()
		a.ends("And now to you")
	})
	c.Sub(t, "KeysComeLate", func(*testing.T) { keysComeLate(c, all) })
	c.Stop()
	for _, a := range all {
		a.meanwhile()
	}
	c.Start()
	each(t, c, all, "AfterARestart", func(a *among) {
		a.afterwards()
		a.sealed()
		a.ends("We are back")
	})
	each(t, c, all, "WhatNobodyCanRead", func(a *among) {
		a.unreadable()
		a.ends("So much for that")
	})
}

// note has alice do something that must stay in the team, and says what the room may show of it.
func (a *among) note(shows, what string, kind event.Type, content object) id.EventID {
	a.c.Helper()
	return a.noted(shows, what, a.alice.Does(a.Room, kind, content))
}

func (a *among) noted(shows, what string, done id.EventID) id.EventID {
	a.notes = append(a.notes, note{done, what, shows})
	return done
}

// says is note of a message.
func (a *among) says(shows, what string, content object) id.EventID {
	a.c.Helper()
	return a.note(shows, what, event.EventMessage, content)
}

// words are new ones, that the customer must never see.
func (a *among) words() string {
	a.count++
	return fmt.Sprintf("%s %d: she paid late", secret, a.count)
}

func (a *among) text() object { return object{"msgtype": "m.text", "body": a.words()} }

func (a *among) command() object {
	return object{"msgtype": "m.text", "body": "!puente note " + a.words()}
}

// relates is content with a relation.
func relates(content, relation object) object {
	content = maps.Clone(content)
	content["m.relates_to"] = relation
	return content
}

// inside is content in the card's thread, as clients send it; about, if not empty, is what of the thread it answers.
func (a *among) inside(content object, about id.EventID) object { return under(a.card, content, about) }

// under is content in a thread.
func under(root id.EventID, content object, about id.EventID) object {
	falls := about == ""
	if falls {
		about = root // clients without threads show it as an answer to the last message
	}
	return relates(content, object{
		"rel_type": "m.thread", "event_id": root, "is_falling_back": falls, "m.in_reply_to": object{"event_id": about},
	})
}

// answers is content as a reply, in no thread.
func answers(target id.EventID, content object) object {
	return relates(content, object{"m.in_reply_to": object{"event_id": target}})
}

// edits is an edit that makes content of a message.
func edits(target id.EventID, content object) object {
	outer := object{"msgtype": content["msgtype"], "body": "* " + fmt.Sprint(content["body"]), "m.new_content": content}
	return relates(outer, object{"rel_type": "m.replace", "event_id": target})
}
