package bridgetest

import (
	"strings"
	"unicode"

	"maunium.net/go/mautrix/event"

	"puente/core/hub/network"
)

func textInChecks() []Check {
	return []Check{
		{Name: "TextArrivesAsItIs", Says: "Scripts, emoji, signs and line breaks arrive as the customer wrote them.", run: checkTextIn},
		{
			Name: "FormattingArrives",
			Says: "Each declared style stands on exactly the styled words, behind emoji and between words from right to left too.",
			run:  checkFormattingIn,
		},
		{Name: "StylesNest", Says: "A style inside another keeps both.", run: checkNestingIn},
		{Name: "A4096CharacterTextArrivesWhole", Says: "A text of 4,096 characters arrives whole.", run: func(c *trial) { checkLongIn(c, 4096) }},
		{
			Name: "A65536CharacterTextArrivesWhole",
			Says: "A text of 65,536 characters, more than an event holds, arrives whole: in parts or as a file.",
			run:  func(c *trial) { checkLongIn(c, 65536) },
		},
		{Name: "HTMLIsHarmless", Says: "HTML that a customer writes is shown as the signs that it is made of.", run: checkHTMLIn},
		{Name: "NobodyIsPinged", Says: "A customer's words never ping anybody, whatever name they hold.", run: checkPings},
		{Name: "CommandsOfCustomersAreWords", Says: "A command that a customer writes is a text, and nothing more.", run: checkCommandsIn},
	}
}

func checkTextIn(c *trial) {
	if !c.receives(network.FeatureText) {
		c.t.Fatal("every network carries texts: declare FeatureText")
	}
	for _, text := range []string{
		"👩‍👩‍👧‍👦 🇪🇸 👍🏽 " + c.words.tag(), "مرحبا، هل طلبي جاهز؟ " + c.words.tag(), "שלום עולם 123 " + c.words.tag(), "日本語 テキスト " + c.words.tag(),
		"two lines\n\nand a third " + c.words.tag(), `C:\lamps\ 5 < 6 & 7 > 3 "quoted" 'too' ` + c.words.tag(), "50% off, $1 & €2; a_b_c 2*3*4 " + c.words.tag(),
	} {
		c.anaSays(text)
	}
}

func checkFormattingIn(c *trial) {
	if !c.receives(network.FeatureFormatting) {
		c.notApplicable("the network carries no formatting")
		return
	}
	tried := 0
	for _, s := range styles() {
		if !c.declared(s) {
			continue
		}
		word := c.words.tag()
		for _, around := range s.frames() {
			text := strings.ReplaceAll(around, "WORD", word)
			mark := c.bob.Mark()
			if _, known := c.tries(c.ana, Say{Text: text, Spans: []Span{s.span(text, word)}}); !known {
				break
			}
			tried++
			c.htmlArrives(mark, s.style, word)
		}
	}
	if tried == 0 {
		c.t.Error("FeatureFormatting is declared, but customers know none of the styles that the chat declares")
	}
}

// frames are texts in which a styled word can stand.
func (s styled) frames() []string {
	if s.line {
		return []string{"👨‍👩‍👧 before\nWORD\nafter"}
	}
	return []string{"👨‍👩‍👧 before WORD after", "مرحبا WORD العالم"}
}

// htmlArrives waits for a message of ana's with the word, and checks that the word is in the style.
func (c *trial) htmlArrives(mark int, style Style, word string) {
	c.t.Helper()
	msg := c.sees("the word in "+string(style), mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return strings.Contains(msg.Body, word)
	})).Content.AsMessage()
	if !htmlHas(msg.FormattedBody, style, word) || htmlHas(msg.FormattedBody, style, "before") || htmlHas(msg.FormattedBody, style, "after") {
		c.t.Errorf("%s came as %q", style, msg.FormattedBody)
	}
	if strings.Contains(msg.Body, "�") {
		c.t.Errorf("%s broke the text: %q", style, msg.Body)
	}
}

func checkNestingIn(c *trial) {
	byStyle := map[Style]styled{}
	for _, s := range styles() {
		byStyle[s.style] = s
	}
	if !c.receives(network.FeatureFormatting) || !c.declared(byStyle[Bold]) || !c.declared(byStyle[Italic]) {
		c.notApplicable("the network does not declare bold and italic")
		return
	}
	outer, inner := c.words.tag(), c.words.tag()
	text := "🧑‍🚀 " + outer + " with " + inner + " inside, plain"
	mark := c.bob.Mark()
	_, known := c.tries(c.ana, Say{Text: text, Spans: []Span{
		byStyle[Bold].span(text, outer+" with "+inner+" inside"), byStyle[Italic].span(text, inner),
	}})
	if !known {
		c.notApplicable("customers cannot nest styles")
		return
	}
	msg := c.sees("the nested styles", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return strings.Contains(msg.Body, outer)
	})).Content.AsMessage()
	html := msg.FormattedBody
	if !htmlHas(html, Bold, outer) || !htmlHas(html, Bold, inner) || !htmlHas(html, Italic, inner) {
		c.t.Errorf("a style is missing in %q", html)
	}
	if htmlHas(html, Bold, "plain") || htmlHas(html, Italic, outer) {
		c.t.Errorf("a style reaches too far in %q", html)
	}
}

// unspaced is a text without spaces: where a text is cut into parts, a space may be lost.
func unspaced(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

func checkLongIn(c *trial, length int) {
	text := c.words.long(length)
	mark := c.bob.Mark()
	if _, known := c.tries(c.ana, Say{Text: text}); !known {
		c.notApplicable("the customer's app takes no text of this length")
		return
	}
	want := unspaced(text)
	var parts strings.Builder
	c.sees("the long text, whole", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		if msg.URL != "" {
			data, err := c.bob.Download(c.ctx, msg)
			return err == nil && unspaced(string(data)) == want
		}
		parts.WriteString(unspaced(msg.Body))
		return strings.Contains(parts.String(), want)
	}))
}

func checkHTMLIn(c *trial) {
	for _, text := range []string{
		`<img src=x onerror=alert(1)><b>fat</b> `, "<mx-reply>fake</mx-reply> ", `<a href="javascript:alert(1)">click</a> `, "&lt;script&gt; <script>alert(1)</script> ",
	} {
		_, evt := c.anaSays(text + c.words.tag())
		msg := evt.Content.AsMessage()
		for _, tag := range []string{"<img", "<b>", "<mx-reply", "<a href=\"javascript", "<script"} {
			if strings.Contains(msg.FormattedBody, tag) {
				c.t.Errorf("%q became the HTML %q", text, msg.FormattedBody)
			}
		}
	}
}

func checkPings(c *trial) {
	for _, text := range []string{"@room wake up ", c.bob.UserID.String() + " listen ", "@" + c.alice.UserID.Localpart() + " and bob "} {
		_, evt := c.anaSays(text + c.words.tag())
		msg := evt.Content.AsMessage()
		if msg.Mentions == nil || msg.Mentions.Room || len(msg.Mentions.UserIDs) > 0 {
			c.t.Errorf("%q mentions %+v", text, msg.Mentions)
		}
	}
	text := "hello shop " + c.words.tag()
	mark := c.bob.Mark()
	if _, known := c.tries(c.ana, Say{Text: text, Spans: []Span{{Start: 6, Length: 4, Style: Mention}}}); !known {
		if c.receives(network.FeatureMention) {
			c.t.Error("FeatureMention is declared, but customers cannot mention the business")
		}
		return
	}
	evt := c.sees("the mention", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return strings.Contains(msg.Body, text[len("hello shop "):])
	}))
	if mentions := evt.Content.AsMessage().Mentions; mentions == nil || mentions.Room || len(mentions.UserIDs) > 0 {
		c.t.Errorf("a mention of the business pings %+v", mentions)
	}
}

func checkCommandsIn(c *trial) {
	before := len(c.now(c.ana).Messages)
	c.anaSays("!puente help " + c.words.tag())
	c.anaSays("!puente buttons " + c.words.tag() + " | a | b")
	mark := c.bob.Mark()
	c.fence()
	for _, m := range c.now(c.ana).Messages[before:] {
		if m.FromBusiness {
			c.t.Error("a customer's command made the business send something")
		}
	}
	if answers := c.bob.Seen(mark, func(evt *event.Event) bool {
		return evt.RoomID == c.room && evt.Sender != c.ghost && evt.Type == event.EventMessage
	}); len(answers) > 0 {
		c.t.Error("a customer's command was answered in the room")
	}
}
