package main

import (
	"regexp"
	"time"
)

// plan says how much is measured. Rounds are short and many rather than long and few: peers take turns in each, so
// that whatever else the machine does hits all of them.
type plan struct {
	kinds  []string       // of database
	chosen *regexp.Regexp // which scenarios

	rounds   int   // of each comparison; one more, uncounted, comes first
	sizes    []int // how many conversations take part
	messages func(chats int) int

	exchanges int // of the latency
	contacts  int // first contacts of each peer

	intakeRate int           // updates a second
	intakeTime time.Duration // for how long
	drainTime  time.Duration // of the backlog

	few, many    int // conversations in the database
	coreMessages int // messages through one core
}

// plans are the sizes by name. smoke only shows that the harness works.
func plans() map[string]plan {
	return map[string]plan{
		"full": {
			rounds: 5, sizes: []int{1, 50, 1000}, messages: perRound(30, 200, 200), exchanges: 100, contacts: 20,
			intakeRate: 4000, intakeTime: 30 * time.Second, drainTime: time.Minute, few: 100, many: 100_000, coreMessages: 4000,
		},
		"quick": {
			rounds: 5, sizes: []int{1, 50}, messages: perRound(25, 60, 60), exchanges: 50, contacts: 10,
			intakeRate: 4000, intakeTime: 10 * time.Second, drainTime: 10 * time.Second, few: 100, many: 100_000, coreMessages: 1500,
		},
		"smoke": {
			rounds: 1, sizes: []int{1, 2}, messages: perRound(2, 4, 4), exchanges: 2, contacts: 1,
			intakeRate: 50, intakeTime: 200 * time.Millisecond, drainTime: 200 * time.Millisecond, few: 4, many: 20, coreMessages: 20,
		},
	}
}

// perRound is how many messages a round has. WhatsApp takes 45 at once for one customer, then one in six seconds:
// with one conversation a round stays below, and takes another customer each time.
// ref: reference/whatsapp-cloud.md §6
func perRound(one, some, many int) func(int) int {
	return func(chats int) int {
		switch {
		case chats == 1:
			return one
		case chats <= 50:
			return some
		}
		return many
	}
}
