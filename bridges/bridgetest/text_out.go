package bridgetest

import (
	"html"
	"strconv"
	"strings"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
)

func textOutChecks() []Check {
	return []Check{
		{Name: "EitherAgentsTextArrives", Says: "What either agent writes arrives as it is, and is marked as sent.", run: checkTextOut},
		{
			Name: "FormattingReachesThePhone",
			Says: "Each declared style covers exactly the styled words on the phone; of all others the words arrive.",
			run:  checkFormattingOut,
		},
		{Name: "NestedStylesReachThePhone", Says: "A style inside another keeps both on the phone.", run: checkNestingOut},
		{Name: "TheLongestTextArrives", Says: "A text as long as the network declares arrives whole.", run: checkLongestOut},
		{
			Name: "ATextThatIsTooLongIsRefusedOrSplit",
			Says: "A text that is longer arrives whole in parts, or is refused with the limit in the text.",
			run:  checkTooLongOut,
		},
		{Name: "AnEmoteKeepsItsWords", Says: "An emote arrives with its words.", run: checkEmote},
		{Name: "ALocationIsSentOrRefused", Says: "A place arrives, or is refused with a reason.", run: checkLocationOut},
		{Name: "APollIsSentOrRefused", Says: "A poll arrives with its options, or is refused with a reason.", run: checkPollOut},
		{Name: "AnUnknownTypeIsRefused", Says: "A message of a type that no network has is refused with a reason.", run: checkUnknownOut},
		{Name: "ReadingReachesThePhone", Says: "That an agent has read shows on the phone, where that is declared.", run: checkReadOut},
		{Name: "TypingReachesThePhone", Says: "That an agent types shows on the phone, where that is declared.", run: checkTypingOut},
	}
}

func checkTextOut(c *trial) {
	text := "👩‍👩‍👧‍👦 مرحبا שלום 5 < 6 & 7 > 3 \"q\" a_b 2*3*4\n\nanother line " + c.words.tag()
	sent, got := c.bobSays(text)
	c.mustSucceed(sent)
	if got.ID == "" {
		c.t.Error("the phone's message has no ID")
	}
	text = c.words.phrase("from alice")
	_, err := c.alice.Say(c.ctx, c.room, text)
	c.must(err)
	c.gets(c.ana, text)
}

// agentFrames are texts of an agent's in which a styled word can stand. Few, since networks slow down whoever writes
// much to one customer.
func agentFrames(s styled) []string {
	if s.style == Bold {
		return []string{"👨‍👩‍👧 before WORD after", "مرحبا WORD العالم"}
	}
	return []string{"👨‍👩‍👧 before WORD after"}
}

// html sends a formatted text into ana's room.
func (c *trial) html(plain, formatted string) id.EventID {
	c.t.Helper()
	return c.sends(event.EventMessage, &event.MessageEventContent{
		MsgType: event.MsgText, Body: plain, Format: event.FormatHTML, FormattedBody: formatted, Mentions: &event.Mentions{},
	})
}

func checkFormattingOut(c *trial) {
	declared := 0
	for _, s := range styles() {
		for _, frame := range agentFrames(s) {
			word := c.words.tag()
			plain := strings.ReplaceAll(frame, "WORD", word)
			formatted := strings.ReplaceAll(html.EscapeString(frame), "WORD", s.open+word+s.shut)
			c.html(plain, formatted)
			got := c.shows(c.ana, "the words in "+string(s.style), func(m Message) bool { return m.FromBusiness && strings.Contains(m.Text, word) })
			if !c.declared(s) {
				continue
			}
			declared++
			if !got.has(s.style, word) || got.has(s.style, "before") || got.has(s.style, "after") {
				c.t.Errorf("%s came as %q with %+v", s.style, got.Text, got.Spans)
			}
		}
	}
	if declared == 0 {
		c.note = "words only"
	}
}

func checkNestingOut(c *trial) {
	outer, inner := c.words.tag(), c.words.tag()
	c.html("🧑‍🚀 "+outer+" with "+inner+" inside, plain", "🧑‍🚀 <strong>"+outer+" with <em>"+inner+"</em> inside</strong>, plain")
	got := c.shows(c.ana, "the nested words", func(m Message) bool { return m.FromBusiness && strings.Contains(m.Text, outer) })
	if !c.features().Formatting[event.FmtBold].Full() || !c.features().Formatting[event.FmtItalic].Full() {
		c.notApplicable("the network does not declare bold and italic")
		return
	}
	if !got.has(Bold, outer) || !got.has(Bold, inner) || !got.has(Italic, inner) || got.has(Bold, "plain") || got.has(Italic, outer) {
		c.t.Errorf("the nested styles came as %q with %+v", got.Text, got.Spans)
	}
}

// mostText bounds the texts that the suite sends out: a longer one does not fit into an event.
const mostText = 40_000

func checkLongestOut(c *trial) {
	length := min(c.features().MaxTextLength, mostText)
	if length == 0 {
		length = mostText
	}
	c.arrivesWhole(c.words.long(length))
	if length < mostText { // characters that are longer than a byte count as one
		tag := c.words.tag()
		c.arrivesWhole(tag + " " + strings.Repeat("ü", length-len(tag)-1))
	}
}

// arrivesWhole lets bob write a long text to ana and waits until her phone has all of it.
func (c *trial) arrivesWhole(text string) {
	c.t.Helper()
	c.says(c.room, text)
	c.phone(c.ana, "the long text, whole", func(p Phone) bool { return p.holds(text) })
	if c.copies(c.ana, text) == 1 {
		return
	}
	c.note = "in parts"
	if c.features().MaxTextLength != 0 {
		c.t.Error("a text that is not longer than the network declares came in parts")
	}
}

func checkTooLongOut(c *trial) {
	limit := c.features().MaxTextLength
	if limit == 0 || limit > mostText {
		c.notApplicable("the network declares no limit that an event could exceed")
		return
	}
	text := c.words.long(limit + 1)
	sent := c.says(c.room, text)
	answer, arrived := c.arrivesOrIsRefused(sent, func(p Phone) bool { return p.holds(text) })
	switch {
	case arrived:
		c.note = "in parts"
	case !namesNumber(answer, int64(limit)):
		c.t.Errorf("a text that is too long is answered by %q, without the limit of %d", answer, limit)
	}
}

// holds tells whether all that the business wrote holds the text, possibly in parts.
func (p Phone) holds(text string) bool {
	var all strings.Builder
	for _, m := range p.Messages {
		if m.FromBusiness {
			all.WriteString(unspaced(m.Text))
		}
	}
	return strings.Contains(all.String(), unspaced(text))
}

// namesNumber tells whether the text names the number, with or without signs between thousands.
func namesNumber(text string, number int64) bool {
	return strings.Contains(strings.NewReplacer(",", "", ".", "", " ", "", "'", "").Replace(text), strconv.FormatInt(number, 10)) ||
		strings.Contains(text, strconv.FormatInt(number, 10))
}

func checkEmote(c *trial) {
	text := c.words.phrase("waves")
	c.sends(event.EventMessage, &event.MessageEventContent{MsgType: event.MsgEmote, Body: text})
	c.shows(c.ana, "the emote", func(m Message) bool { return m.FromBusiness && strings.Contains(m.Text, text) })
}

func checkLocationOut(c *trial) {
	name := c.words.phrase("our shop")
	sent := c.sends(event.EventMessage, &event.MessageEventContent{MsgType: event.MsgLocation, Body: name, GeoURI: "geo:40.4168,-3.7038;u=10"})
	if c.features().LocationMessage.Reject() {
		c.mustRefuse("a place", sent)
		c.refused()
		return
	}
	got := c.shows(c.ana, "the place", func(m Message) bool {
		return m.FromBusiness && (m.Location != nil || strings.Contains(m.Text, name))
	})
	switch {
	case got.Location == nil && c.features().LocationMessage.Full():
		c.t.Errorf("the place came as the text %q", got.Text)
	case got.Location == nil:
		c.note = "as text"
	case !near(got.Location.Latitude, 40.4168) || !near(got.Location.Longitude, -3.7038):
		c.t.Errorf("the place came as %+v", got.Location)
	}
	nowhere := c.sends(event.EventMessage, &event.MessageEventContent{MsgType: event.MsgLocation, Body: name, GeoURI: "geo:nowhere"})
	c.mustRefuse("a place without coordinates", nowhere)
}

// near tells whether two degrees are the same place, give or take what networks round.
func near(got, want float64) bool { return got-want < 0.0001 && want-got < 0.0001 }

func checkPollOut(c *trial) {
	poll := Poll{Question: c.words.phrase("Which day?"), Options: []string{"Monday", "Friday"}}
	sent := c.sends(event.EventUnstablePollStart, pollContent(poll))
	if !c.features().Poll.Partial() {
		c.mustRefuse("a poll", sent)
		c.refused()
		return
	}
	got := c.shows(c.ana, "the poll", func(m Message) bool {
		return m.FromBusiness && (m.Poll != nil && m.Poll.Question == poll.Question || strings.Contains(m.Text, poll.Question))
	})
	switch {
	case got.Poll == nil && c.features().Poll.Full():
		c.t.Errorf("the poll came as the text %q", got.Text)
	case got.Poll == nil:
		c.note = "as text"
	case len(got.Poll.Options) != 2 || got.Poll.Options[1] != "Friday":
		c.t.Errorf("the poll came as %+v", got.Poll)
	}
}

func checkUnknownOut(c *trial) {
	c.mustRefuse("an unknown type", c.sends(event.EventMessage, map[string]any{"msgtype": "com.example.hologram", "body": c.words.phrase("hologram")}))
}

func checkReadOut(c *trial) {
	messageID, evt := c.anaSays(c.words.phrase("are you there?"))
	c.must(c.bob.MarkRead(c.ctx, c.room, evt.ID))
	if !c.features().ReadReceipts {
		c.notApplicable("the network does not declare it")
		return
	}
	c.phone(c.ana, "that it was read", func(p Phone) bool {
		for _, m := range p.Messages {
			if m.ID == messageID {
				return m.Read
			}
		}
		return false
	})
}

// typingFor is how long an agent's client says that it types.
const typingFor = 20 * time.Second

func checkTypingOut(c *trial) {
	c.fence() // some networks show typing only behind a customer's words
	_, err := c.bob.UserTyping(c.ctx, c.room, true, typingFor)
	c.must(err)
	defer func() {
		_, err := c.bob.UserTyping(c.ctx, c.room, false, 0)
		c.must(err)
	}()
	if !c.features().TypingNotifications {
		c.notApplicable("the network does not declare it")
		return
	}
	c.phone(c.ana, "that the business types", func(p Phone) bool { return p.Typing })
}

// mustSucceed waits until an agent's event is marked as sent.
func (c *trial) mustSucceed(sent id.EventID) {
	c.t.Helper()
	c.sees("that it is marked as sent", 0, person.Status(sent, event.MessageStatusSuccess))
}
