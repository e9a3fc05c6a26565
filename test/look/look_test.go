// Package look tests what agents see of the desk: in Element Web, in a real browser.
package look

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"puente/bridges/bridgekit/phone"
	"puente/test/company"
)

var pictures = flag.String("look.pictures", "", "a folder that gets pictures of what the agent sees")

var town = company.NewTown(1)

func TestMain(m *testing.M) { os.Exit(town.Main(m)) }

// What of Element's page the test is about.
const (
	space     = ".mx_SpaceButton"
	room      = ".mx_RoomTile"
	header    = ".mx_RoomHeader_infoWrapper" // opens what Element tells of a room, where the topic is
	pinned    = ".mx_PinnedMessageBanner"
	topic     = ".mx_RoomSummaryCard_topic"
	timeline  = ".mx_RoomView_timeline "
	message   = timeline + ".mx_EventTile"
	chip      = timeline + ".mx_ReactionsRowButton"
	pressed   = chip + "_selected"
	receipt   = ".mx_ReadReceiptGroup_button"
	composer  = ".mx_RoomView_body .mx_MessageComposer .mx_BasicMessageComposer_input"
	quoted    = message + " .mx_ReplyTile" // what a message answers
	thread    = ".mx_ThreadView "
	closing   = `.mx_BaseCard_header [data-testid="base-card-close-button"]`
	threading = `[aria-label="Reply in thread"]`
)

// office is the company of the test, with Alice before the screen.
type office struct {
	*screen
	alice, bob *company.Agent
	ana, lena  *company.Chat
}

func TestAnAgentAtWork(t *testing.T) {
	c := town.Build(t, company.Options{
		Agents: [][2]string{{"carol", "Carol Ito"}, {"alice", "Alice Martín"}, {"bob", "Bob Weber"}},
		Teams:  "        - name: Orders\n          members: [\"{alice}\", \"{bob}\"]\n          channels: [whatsapp]\n          routing: manual\n",
		Config: map[string]string{"desk.assignee_policy": "assignee"},
		Moving: true,
	})
	o := &office{alice: c.Agents["alice"], bob: c.Agents["bob"]}
	o.ana = c.OpensWith("whatsapp", "Ana Ruiz", "Hello, has my order A-1042 left already?", o.bob)
	c.OpensWith("telegram", "Tom Fischer", "Do you repair bicycles too?", o.bob)
	o.lena = c.OpensWith("signal", "Lena Berg", "I have moved, here is my new address.", o.bob)
	o.screen = sitDown(c)
	for _, step := range []struct {
		name string
		does func()
	}{
		{"SpacesHoldTheConversations", o.looksAround},
		{"TheCardIsPinned", o.readsTheCard},
		{"APressOfAButtonClaims", o.claims},
		{"AnAnswerReachesThePhone", o.answers},
		{"ANoteInTheCardsThreadDoesNot", o.notes},
		{"AColleaguesConversationIsTheColleagues", o.intrudes},
		{"AClosedWindowIsRefusedWithTemplates", o.isLate},
	} {
		c.Sub(t, step.name, func(*testing.T) { step.does() })
	}
}

func (o *office) looksAround() {
	o.logsIn(o.alice.Account())
	for _, name := range []string{"Unassigned", "Mine", "Team Orders", "Waiting too long", "Snoozed"} {
		o.shows(space, name)
	}
	o.clicks(space, "Unassigned")
	for _, name := range []string{"Ana Ruiz", "Tom Fischer", "Lena Berg"} {
		o.shows(room, name)
	}
	o.keep("spaces")
}

func (o *office) readsTheCard() {
	o.clicks(room, "Ana Ruiz")
	o.shows(message, "Hello, has my order A-1042 left already?")
	o.shows(message, "nobody's · team Orders")
	o.shows(pinned, "Ana Ruiz")
	for _, button := range []string{"✋", "✅", "💤"} {
		o.shows(chip, button)
	}
	o.clicks(header, "")
	o.clicks("button", "Ok") // Element praises its pinned messages
	o.shows(topic, "open · nobody's")
	o.clicks(closing, "")
	o.keep("card")
}

func (o *office) claims() {
	o.clicks(chip, "✋")
	o.shows(message, "assigned to Alice Martín · team Orders")
	o.hides(pressed, "") // Puente takes the press off
	o.clicks(header, "")
	o.shows(topic, "open · Alice Martín")
	o.clicks(closing, "")
	o.clicks(space, "Unassigned")
	o.shows(room, "Tom Fischer")
	o.hides(room, "Ana Ruiz")
	o.clicks(space, "Mine")
	o.hides(room, "Tom Fischer")
	o.clicks(room, "Ana Ruiz")
	o.shows(message, "assigned to Alice Martín · team Orders")
	o.keep("claimed")
}

func (o *office) answers() {
	o.types(composer, "It left this morning and arrives on Friday.")
	o.ana.Gets("It left this morning and arrives on Friday.")
	o.sees("that it is on the phone", fmt.Sprintf(`visible(%q, "It left").some((e) => e.querySelector(%q))`, message, receipt))
}

func (o *office) notes() {
	o.points(message, "assigned to Alice Martín")
	o.clicks(threading, "")
	o.types(thread+".mx_BasicMessageComposer_input", "She is a regular customer: let us waive the postage.")
	o.shows(thread+".mx_EventTile", "waive the postage")
	o.bob.Text("She is a regular customer: let us waive the postage.")
	o.types(composer, "Can I do anything else for you?")
	o.ana.Gets("Can I do anything else for you?")
	o.hasNot(o.ana, "postage")
	o.shows(timeline+".mx_ThreadSummary", "waive the postage")
	o.keep("note")
	o.clicks(closing, "")
}

func (o *office) intrudes() {
	o.bob.Writes(o.lena.Room, "!puente claim")
	o.clicks(space, "Home") // it is in none of her spaces
	o.clicks(room, "Lena Berg")
	o.shows(message, "assigned to Bob Weber")
	o.types(composer, "I have noted the address.")
	o.shows(message, "Not delivered: Bob Weber has this conversation.")
	o.shows(message, "!puente assign me")
	o.shows(quoted, "I have noted the address.")
	o.keep("colleague")
	o.types(composer, "!puente assign me")
	o.shows(message, "assigned to Alice Martín")
	o.types(composer, "Thank you, I have noted it.")
	o.lena.Gets("Thank you, I have noted it.")
	o.hasNot(o.lena, "the address.")
}

func (o *office) isLate() {
	o.Clock.Advance(25 * time.Hour)
	o.clicks(space, "Mine")
	o.clicks(room, "Ana Ruiz")
	o.types(composer, "Your parcel has arrived at the post office.")
	o.shows(message, "Not delivered: the customer wrote more than 24 hours ago")
	o.shows(message, "!puente template order_update")
	o.shows(quoted, "Your parcel has arrived at the post office.")
	o.hasNot(o.ana, "parcel")
	o.keep("refused")
}

// hasNot fails the test if a phone shows something of the business's.
func (o *office) hasNot(chat *company.Chat, words string) {
	o.Helper()
	if slices.ContainsFunc(chat.Received(), func(m phone.Message) bool { return strings.Contains(m.Text, words) }) {
		o.Errorf("the customer read %q", words)
	}
}

// logsIn logs in with Element's form and has the spaces' names shown.
func (s *screen) logsIn(name, secret string) {
	s.Helper()
	s.clicks("input[name=username]", "")
	s.writes(name)
	s.clicks("input[name=password]", "")
	s.writes(secret)
	s.clicks(".mx_Login_submit", "")
	s.clicks("button", "OK") // Element praises its threads
	s.points(".mx_SpacePanel", "")
	s.clicks(".mx_SpacePanel_toggleCollapse", "")
	s.drags(".mx_ResizeHandle", -90)
}
