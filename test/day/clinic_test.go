package day

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/phone"
	"puente/core/testkit/person"
	"puente/core/testkit/sample"
	"puente/test/company"
)

// What the clinic's patients read, in words that stand in the template appointment_reminder and in the agents' commands.
const (
	reminder     = "(image) | Hello Ana, we expect you on 12 March at 10:30. Will you come? | [Confirm] | [Cancel]"
	cleoReminder = "(image) | Hello Cleo, we expect you on 13 March at 9:00. Will you come? | [Confirm] | [Cancel]"
	question     = "Ben, we expect you on Monday at 8:00. | [Confirm] | [Cancel]"
	numbered     = "Dan, we expect you on Monday at 8:30.\n\n1. Confirm\n2. Cancel"
	silence      = "No recibirá más mensajes nuestros, salvo respuestas a lo que usted escriba. Para volver a recibirlos, responda ALTA."
	welcomeBack  = "Recibirá nuestros mensajes y ofertas. Si no quiere recibirlos más, responda BAJA."
)

// clinic is a clinic's day: appointments.
type clinic struct {
	day
	ana, cleo *company.Chat // on WhatsApp
	ben       *company.Chat // on Telegram
	dan       *company.Chat // on Signal, which has no buttons
}

func TestClinic(t *testing.T) {
	t.Parallel()
	c := &clinic{day: begins(t, company.Options{Moving: true})}
	c.Sub(t, "TheListOfPatientsIsImported", c.imports)
	c.Sub(t, "ThreeAgentsRemindPatientsAtOnce", c.reminds)
	c.Sub(t, "EachPatientAnswersInTheirRoom", c.areAnswered)
	c.Sub(t, "APatientWhoSaysStopIsNotRemindedAnyMore", c.stops)
	c.Sub(t, "APatientWhoSaysStartIsRemindedAgain", c.starts)
	c.Sub(t, "APartnerTakesPartForATime", c.hosts)
	c.Sub(t, "WhatIsSnoozedComesBackByItself", c.snoozes)
	c.Sub(t, "WhatIsLeftToTheBotIsTheAgentsWhoAnswers", c.leavesToTheBot)
	c.Sub(t, "EverybodyGotWhatWasTheirsOnce", c.closes)
}

// imports lets the clinic complete its list of patients in a spreadsheet.
func (c *clinic) imports(t *testing.T) {
	c.ana = c.Opens("whatsapp", "Ana", c.bob)
	c.ben = c.Opens("telegram", "Ben", c.bob)
	c.cleo = c.Opens("whatsapp", "Cleo", c.bob)
	c.dan = c.Opens("signal", "Dan", c.bob)
	var exported, list bytes.Buffer
	c.Must(c.App.Desk.Customers.Export(c.Ctx, &exported, nil))
	lines, err := csv.NewReader(&exported).ReadAll()
	c.Must(err)
	contacts := slices.Index(lines[0], "contacts")
	language := map[string]string{"Cleo": "es"}
	out := csv.NewWriter(&list)
	c.Must(out.Write([]string{"name", "language", "labels", "contacts", "attribute.ward"}))
	for _, line := range lines[1:] {
		name := line[slices.Index(lines[0], "name")]
		c.Must(out.Write([]string{"", language[name], "patient", line[contacts], "ward of " + name}))
	}
	c.Must(out.Write([]string{"Nobody", "no such language", "", "", ""}))
	out.Flush()
	report, err := c.App.Desk.Customers.Import(c.Ctx, &list, c.alice.UserID.String(), nil)
	c.Must(err)
	if report.Changed != 4 || report.Created != 0 || len(report.Rejected) != 1 || report.Rejected[0].Line != 6 {
		t.Errorf("imported is %+v", report)
	}
	c.cleo.Card(c.alice, "customer: patient · language es")
	if got := c.commands(c.alice, c.dan.Room, "customer", "Dan\n"); !strings.Contains(got, "ward: ward of Dan") {
		t.Errorf("of Dan is known %q", got)
	}
}

// reminding puts the picture that a reminder begins with into a room, as a note, and returns the deed of sending the
// reminder with it.
func (c *clinic) reminding(who *company.Agent, chat *company.Chat, values string) func() error {
	c.Helper()
	photo, err := sample.PhotoJPEG()
	c.Must(err)
	picture, err := who.Attach(c.Ctx, chat.Room, event.MsgImage, "map.jpg", "image/jpeg", photo)
	c.Must(err)
	picture.FileName, picture.Body = "map.jpg", "!puente note the way to us"
	sent := who.Does(chat.Room, event.EventMessage, picture)
	who.Finds(0, "the lock at the picture", person.Reaction(sent, lock))
	command := &event.MessageEventContent{MsgType: event.MsgText, Body: "!puente template appointment_reminder " + values}
	command.RelatesTo = (&event.RelatesTo{}).SetReplyTo(sent)
	return func() error {
		_, err := who.Send(c.Ctx, chat.Room, event.EventMessage, command)
		return err
	}
}

func (c *clinic) reminds(*testing.T) {
	c.atOnce(
		c.reminding(c.alice, c.ana, "Ana | 12 March | 10:30"),
		c.saying(c.bob, c.ben.Room, "!puente buttons Ben, we expect you on Monday at 8:00. | Confirm | Cancel"),
		c.saying(c.carol, c.dan.Room, "!puente buttons Dan, we expect you on Monday at 8:30. | Confirm | Cancel"),
	)
	c.offered(c.ana, reminder)
	c.offered(c.ben, question)
	c.dan.Gets(numbered)
}

// offered waits until a phone shows a message, and returns it.
func (c *clinic) offered(chat *company.Chat, line string) phone.Message {
	c.Helper()
	return chat.Shows(line, func(m phone.Message) bool { return !m.Mine && shown(m) == line })
}

// press presses a button of a message.
func (c *clinic) press(chat *company.Chat, line, button string) {
	c.Helper()
	m := c.offered(chat, line)
	at := slices.IndexFunc(m.Buttons, func(b phone.Button) bool { return b.Text == button })
	chat.Does(phone.Gesture{Kind: phone.Press, Message: m.ID, Choices: []string{m.Buttons[at].ID}})
}

func (c *clinic) areAnswered(t *testing.T) {
	c.press(c.ana, reminder, "Confirm")
	c.press(c.ben, question, "Cancel")
	c.pressed[c.ben] = "Cancel"
	c.dan.Writes("1")
	if said := reads(c.carol, c.dan, "1"); said.Sender != c.dan.Ghost {
		t.Errorf("Dan's answer is said by %s", said.Sender)
	}
	for chat, button := range map[*company.Chat]string{c.ana: "Confirm", c.ben: "Cancel"} {
		asked := c.carol.Finds(0, "the reminder", chat.Here(person.Message(func(_ *event.Event, msg *event.MessageEventContent) bool {
			return strings.Contains(msg.Body, "we expect you on") && !strings.HasPrefix(msg.Body, "!puente") // not the command
		})))
		said := reads(c.carol, chat, button)
		if said.Sender != chat.Ghost || said.Content.AsMessage().RelatesTo.GetReplyTo() != asked.ID {
			t.Errorf("%s by %s answers %s, not %s", button, said.Sender, said.Content.AsMessage().RelatesTo.GetReplyTo(), asked.ID)
		}
	}
	mark := c.carol.Mark()
	c.alice.Writes(c.ana.Room, "!puente resolve")
	c.ana.Topic(c.carol, mark, "resolved")
}

func (c *clinic) stops(*testing.T) {
	c.cleo.Writes("BAJA")
	c.cleo.Gets(silence)
	c.cleo.Writes("baja.")
	reads(c.bob, c.cleo, "baja.")
	c.Must(c.reminding(c.bob, c.cleo, "Cleo | 13 March | 9:00")())
	told(c.bob, c.cleo, "this customer does not want messages that answer nothing")
	c.bob.Writes(c.cleo.Room, "We write no more") // an answer may go in any case
	c.cleo.Gets("We write no more")
}

func (c *clinic) starts(*testing.T) {
	c.cleo.Writes("ALTA")
	c.cleo.Gets(welcomeBack)
	c.Must(c.reminding(c.bob, c.cleo, "Cleo | 13 March | 9:00")())
	c.press(c.cleo, cleoReminder, "Confirm")
	reads(c.bob, c.cleo, "Confirm")
}

func (c *clinic) snoozes(*testing.T) {
	mark := c.carol.Mark()
	c.bob.Writes(c.ben.Room, "!puente snooze 2h")
	c.ben.Topic(c.carol, mark, "snoozed until ")
	c.Until("Ben among what is snoozed", func() bool { return inSpace(c.carol, "Snoozed", c.ben) })
	mark = c.carol.Mark()
	c.Clock.Advance(2 * time.Hour)
	c.ben.Topic(c.carol, mark, "open")
	c.Until("Ben among Bob's again", func() bool { return inSpace(c.bob, "Mine", c.ben) && !inSpace(c.bob, "Snoozed", c.ben) })
	c.bob.Writes(c.ben.Room, "Is Tuesday better?")
	c.ben.Gets("Is Tuesday better?")
}

func (c *clinic) leavesToTheBot(*testing.T) {
	mark := c.alice.Mark()
	c.carol.Writes(c.dan.Room, "!puente pending")
	c.dan.Topic(c.alice, mark, "pending")
	c.dan.Writes("Where is it?")
	reads(c.carol, c.dan, "Where is it?")
	mark = c.alice.Mark()
	c.carol.Writes(c.dan.Room, "On the second floor")
	c.dan.Gets("On the second floor")
	c.dan.Topic(c.alice, mark, "open")
}

// hosts has a laboratory's doctor take part, who is not of the team.
func (c *clinic) hosts(t *testing.T) {
	const password = "password-of-the-laboratory"
	c.Must(c.Server.RegisterUser(c.Ctx, "laboratory", password, "Dr. Lab", false))
	partner, err := person.LogIn(c.Ctx, c.Server, "laboratory", password)
	c.Must(err)
	t.Cleanup(partner.Stop)
	c.commands(c.carol, c.dan.Room, "guest "+partner.UserID.String()+" 1h", partner.UserID.String()+" is invited")
	_, err = partner.JoinRoomByID(c.Ctx, c.dan.Room)
	c.Must(err)
	_, err = partner.Say(c.Ctx, c.dan.Room, "Your blood count is fine")
	c.Must(err)
	c.dan.Gets("Your blood count is fine")
	c.Clock.Advance(time.Hour)
	c.carol.Finds(0, "the guest go", c.dan.Here(func(evt *event.Event) bool {
		member, ok := evt.Content.Parsed.(*event.MemberEventContent)
		return ok && evt.GetStateKey() == partner.UserID.String() && member.Membership == event.MembershipLeave
	}))
	if _, err = partner.Say(c.Ctx, c.dan.Room, "And one more thing"); !errors.Is(err, mautrix.MForbidden) {
		t.Errorf("a guest whose visit has ended writes on: %v", err)
	}
}

func (c *clinic) closes(*testing.T) {
	c.ends(story{
		c.ana:  {reminder},
		c.cleo: {silence, "We write no more", welcomeBack, cleoReminder},
		c.ben:  {question, "Is Tuesday better?"},
		c.dan:  {numbered, "Your blood count is fine", "On the second floor"},
	}, 1)
}
