package richtext

// format is what styles a letter has. It is comparable; fields of styles that it has not are zero.
type format struct {
	styles   styleSet
	link     string // the address
	language string // of Pre
	person   string // the ID of the mentioned person
	// quote, pre and mention tell blocks and mentions apart that stand side by side. They are numbered from 1.
	quote, pre, mention int
}

// styleSet holds a bit for each style.
type styleSet uint16

// inline are the styles that code cannot be combined with where Dialect.NestCode is not set.
func inline() styleSet { return bit(Bold) | bit(Italic) | bit(Underline) | bit(Strike) | bit(Spoiler) }

// spanStyles are the styles that FromMatrix makes spans of.
func spanStyles() []Style {
	return []Style{Quote, Pre, Link, Mention, Spoiler, Bold, Italic, Underline, Strike, Code}
}

func bit(s Style) styleSet {
	for i, known := range spanStyles() {
		if s == known {
			return 1 << i
		}
	}
	return 0
}

func (f format) has(s Style) bool { return f.styles&bit(s) != 0 }

// with adds a style of a word. What the network lacks, or cannot have here, changes nothing.
func (f format) with(s Style, d Dialect) format {
	inCode := !d.NestCode && (f.has(Code) || f.has(Pre))
	if d.has(s) && !inCode {
		f.styles |= bit(s)
	}
	return f
}

// without removes styles together with what belongs to them.
func (f format) without(s Style) format {
	f.styles &^= bit(s)
	switch s {
	case Link:
		f.link = ""
	case Pre:
		f.language, f.pre = "", 0
	case Mention:
		f.person, f.mention = "", 0
	case Quote:
		f.quote = 0
	}
	return f
}

// withLink adds a link. One in Code takes the Code away where both cannot be.
func (f format) withLink(address string, d Dialect) format {
	f = f.without(Mention)
	if !d.NestCode {
		f = f.without(Code)
	}
	f.styles |= bit(Link)
	f.link = address
	return f
}

// withMention adds the mention of a person, in the place of a link.
func (f format) withMention(value string, number int, d Dialect) format {
	f = f.without(Link)
	if !d.NestCode {
		f = f.without(Code)
	}
	f.styles |= bit(Mention)
	f.person, f.mention = value, number
	return f
}

func (f format) withQuote(number int) format {
	f.styles |= bit(Quote)
	f.quote = number
	return f
}

// withCode adds code that stands in a line.
func (f format) withCode(d Dialect) format {
	s := d.monospace(Code)
	if s == "" || f.has(Pre) || (!d.NestCode && (f.has(Link) || f.has(Mention))) {
		return f
	}
	if !d.NestCode {
		f.styles &^= inline()
	}
	f.styles |= bit(s)
	return f
}

// withPre adds code that is a block.
func (f format) withPre(lang string, number int, d Dialect) format {
	s := d.monospace(Pre)
	if s == "" {
		return f
	}
	f = f.without(Code).without(Pre)
	if !d.NestCode {
		f.styles &^= inline()
		f = f.without(Link).without(Mention)
	}
	f.styles |= bit(s)
	if s == Pre {
		f.language, f.pre = lang, number
	}
	return f
}

// and is what both have.
func (f format) and(g format) format {
	if f == g {
		return f
	}
	f.styles &= g.styles
	if f.link != g.link {
		f = f.without(Link)
	}
	if f.language != g.language || f.pre != g.pre {
		f = f.without(Pre)
	}
	if f.mention != g.mention {
		f = f.without(Mention)
	}
	if f.quote != g.quote {
		f = f.without(Quote)
	}
	return f
}

// value is the Value of a span of the style.
func (f format) value(s Style) string {
	switch s {
	case Link:
		return f.link
	case Pre:
		return f.language
	case Mention:
		return f.person
	default:
		return ""
	}
}

// same tells whether letters of both formats can be in one span of the style, which both have.
func (f format) same(g format, s Style) bool {
	switch s {
	case Link:
		return f.link == g.link
	case Pre:
		return f.pre == g.pre && f.language == g.language
	case Mention:
		return f.mention == g.mention
	case Quote:
		return f.quote == g.quote
	default:
		return true
	}
}
