package emulator

import "strconv"

// What a poll may have. ref: reference/signal-cli.md §3, sendPollCreate
const (
	minOptions, maxOptions = 2, 10
	maxOption              = 100 // UTF-16 code units
)

func doPollCreate(c *call, b *business, p params) (any, error) {
	e := c.e
	to, err := e.targets(b, p)
	if err != nil {
		return nil, err
	}
	question := p.textOr("question")
	options := p.texts("option")
	if problem := pollProblem(options); problem != "" {
		return nil, userError(problem)
	}
	single := p.flag("noMulti")
	at := e.stamp(b.ACI)
	return c.sendAll(b, to, at, func(t *thread, r reached) {
		e.acceptRequest(b, t)
		e.sent(b, t, &Message{
			Author: b.ACI, Timestamp: at, Kind: "poll", To: r.copies(), ExpiresIn: t.Timer,
			Poll: &Poll{Question: question, Options: options, Multiple: !single},
		})
	})
}

func pollProblem(options []string) string {
	switch {
	case len(options) < minOptions:
		return "Poll needs at least two options"
	case len(options) > maxOptions:
		return "Poll cannot have more than " + strconv.Itoa(maxOptions) + " options"
	}
	for _, o := range options {
		if o == "" {
			return "Poll options must not be empty"
		}
		if units(o) > maxOption {
			return "Poll option \"" + o + "\" exceeds the maximum length of " + strconv.Itoa(maxOption) + " characters"
		}
	}
	return ""
}

func doPollVote(c *call, b *business, p params) (any, error) {
	to, about, err := c.aboutMessage(b, p, "pollAuthor", "pollTimestamp")
	if err != nil {
		return nil, err
	}
	v := Vote{By: b.ACI, Count: int(p.numberOr("voteCount"))}
	for _, n := range p.numbers("option") {
		v.Options = append(v.Options, int(n))
	}
	return c.sendAct(b, to, "pollVote", func(t *thread) bool {
		m := t.find(about.author.aci, about.at)
		return m != nil && m.Poll != nil && m.Poll.allows(v) && m.Poll.vote(v)
	}, func(other *business) object { return c.e.voteOut(other, Ref{about.author.aci, about.at}, v) })
}

// voteOut writes a vote as another account gets it.
func (e *Emulator) voteOut(b *business, poll Ref, v Vote) object {
	indexes := v.Options
	if indexes == nil {
		indexes = []int{}
	}
	out := object{"targetSentTimestamp": poll.Timestamp, "optionIndexes": indexes, "voteCount": v.Count}
	b.authorFields(out, "author", e.known(poll.Author))
	return out
}

// allows tells whether phones count a vote.
func (p *Poll) allows(v Vote) bool {
	if p.Closed || len(v.Options) > 1 && !p.Multiple {
		return false
	}
	for _, o := range v.Options {
		if o < 0 || o >= len(p.Options) {
			return false
		}
	}
	return true
}

func doPollTerminate(c *call, b *business, p params) (any, error) {
	to, err := c.e.targets(b, p)
	if err != nil {
		return nil, err
	}
	at := p.numberOr("pollTimestamp")
	return c.sendAct(b, to, "pollTerminate", func(t *thread) bool {
		m := t.find(b.ACI, at)
		if m == nil || m.Poll == nil {
			return false
		}
		m.Poll.Closed = true
		return true
	}, func(*business) object { return object{"targetSentTimestamp": at} })
}
