package load

import (
	"flag"
	"time"
)

// options is how large a run is.
type options struct {
	agents        int
	conversations int
	small         int // how many conversations there are when the costs are measured for the first time
	members       int // how many of the agents are let into a room when it is made; 0: all
	turns         int // how often each agent takes up a conversation of their own while all work at once
	races         int // how many conversations several agents claim at the same moment
	alone         int // how many conversations one agent works on while nobody else does
	times         int // how often each action is measured
	patience      time.Duration
	progress      bool
	results       string
	keep          string
}

// fewest is how many agents there must be at least: besides the lead, the clerk and the two who leave three stay, so that three
// different ones can claim the same conversation.
const fewest = 7

// flags are the sizes that a command line may change. The defaults are those of the short form.
type flags struct {
	long          *bool
	agents        *int
	conversations *int
	members       *int
	turns         *int
	results       *string
	keep          *string
}

func declareFlags() flags {
	return flags{
		long:          flag.Bool("load.long", false, "the long run: 50 agents and 5,000 conversations, with progress"),
		agents:        flag.Int("load.agents", 0, "how many agents, 7 or more; 0: 8, or 50 with -load.long"),
		conversations: flag.Int("load.conversations", 0, "how many conversations; 0: 36, or 5,000 with -load.long"),
		members:       flag.Int("load.members", -1, "how many agents the homeserver is asked to invite into each new room; 0: all; -1: all, or 2 with -load.long"),
		turns:         flag.Int("load.turns", 0, "how many conversations each agent works on; 0: 2, or 3 with -load.long"),
		results:       flag.String("load.results", "", "a file for the results, as JSON"),
		keep:          flag.String("load.keep", "", "a folder that keeps the homeserver and the database, to go on with the next time"),
	}
}

// read makes options of the flags.
func (f flags) read() options {
	o := options{
		agents: 8, conversations: 36, small: 8, turns: 2, races: 3, alone: 1, times: 1, patience: 4 * time.Minute,
		results: *f.results, keep: *f.keep,
	}
	if *f.long {
		o.agents, o.conversations, o.small, o.members, o.turns, o.races, o.alone, o.times = 50, 5000, 60, 2, 3, 25, 10, 3
		o.patience, o.progress = 15*time.Minute, true
	}
	for _, one := range []struct {
		given int
		into  *int
	}{{*f.agents, &o.agents}, {*f.conversations, &o.conversations}, {*f.turns, &o.turns}} {
		if one.given > 0 {
			*one.into = one.given
		}
	}
	if *f.members >= 0 {
		o.members = *f.members
	}
	o.small = min(o.small, o.conversations)
	return o
}
