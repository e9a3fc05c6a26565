package main

import (
	"regexp"
	"time"
)

// plan says how much is measured. Rounds are short and many rather than long and few: peers take turns in each, so
// that whatever else the machine does, or its neighbours do, hits all of them.
type plan struct {
	kinds  []string       // of database
	chosen *regexp.Regexp // which scenarios

	inRounds  int // of each comparison from the provider; one more, uncounted, comes first
	outRounds int // of each towards the provider: its states make them longer
	starts    int
	sizes     []int               // how many conversations take part
	messages  func(chats int) int // of a round

	exchanges int // of the latency
	contacts  int // first contacts of each peer

	intakeRate int           // updates a second
	intakeTime time.Duration // for how long
	drainTime  time.Duration // of the backlog

	few, many    int // conversations in the database
	coreMessages int // messages through one core, a burst to each conversation
}

// plans are the sizes by name. smoke only shows that the harness works.
func plans() map[string]plan {
	return map[string]plan{
		"full": {
			inRounds: 15, outRounds: 7, starts: 5, sizes: []int{1, 50, 1000}, messages: perRound(80, 200), exchanges: 200, contacts: 30,
			intakeRate: 4000, intakeTime: 30 * time.Second, drainTime: time.Minute, few: 100, many: 100_000, coreMessages: 4000,
		},
		"quick": {
			inRounds: 7, outRounds: 5, starts: 3, sizes: []int{1, 50}, messages: perRound(40, 200), exchanges: 50, contacts: 10,
			intakeRate: 4000, intakeTime: 10 * time.Second, drainTime: 10 * time.Second, few: 100, many: 100_000, coreMessages: 1500,
		},
		"smoke": {
			inRounds: 1, outRounds: 1, starts: 1, sizes: []int{1, 2}, messages: perRound(2, 4), exchanges: 2, contacts: 1,
			intakeRate: 50, intakeTime: 200 * time.Millisecond, drainTime: 200 * time.Millisecond, few: 4, many: 20, coreMessages: 20,
		},
	}
}

// perRound is how many messages a round has with one conversation at a time, and with more.
func perRound(one, more int) func(int) int {
	return func(chats int) int {
		if chats == 1 {
			return one
		}
		return more
	}
}

// burst is how many messages a conversation has before it is the next one's turn, where one has it at a time: WhatsApp
// takes 45 at once for one customer, then one in six seconds, and two peers write in a round.
// ref: reference/whatsapp-cloud.md §6
const burst = 20

// customers is how many conversations a comparison needs.
func (p plan) customers(chats int) int {
	if chats > 1 {
		return chats
	}
	return (max(p.inRounds, p.outRounds) + 1) * p.bursts()
}

// bursts is how many conversations a round takes that has one at a time.
func (p plan) bursts() int { return (p.messages(1) + burst - 1) / burst }
