package crash

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// The directions.
const (
	in  = "in"  // a customer writes, the agents read
	out = "out" // an agent writes, the customer reads
)

// token names a message wherever its text, its caption or its file's name stands: direction, chat and number in the
// chat; a message's further pictures have a part.
type token struct {
	dir       string
	chat, seq int
	part      int // 0: the message itself
}

func (t token) String() string {
	if t.part > 0 {
		return fmt.Sprintf("%s-%d-%dp%d", t.dir, t.chat, t.seq, t.part)
	}
	return fmt.Sprintf("%s-%d-%d", t.dir, t.chat, t.seq)
}

var tokenForm = regexp.MustCompile(`\b(in|out)-(\d+)-(\d+)(?:p(\d))?\b`)

// findToken returns the last token in a text, and whether there is one: what a message answers may stand before its own
// words.
func findToken(text string) (token, bool) {
	all := tokenForm.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return token{}, false
	}
	found := all[len(all)-1]
	number := func(i int) int { n, _ := strconv.Atoi(found[i]); return n }
	return token{dir: found[1], chat: number(2), seq: number(3), part: number(4)}, true
}

// wrote is one message of one side in one chat.
type wrote struct {
	token   token
	deleted bool // taken back later: of it, a gap may be left
}

// shown is one message of that side as the other side sees it.
type shown struct {
	token   token
	blank   bool // deleted, and its words are gone
	deleted bool
	id      string // event ID or message ID
}

// verdict is what is wrong between what was written and what is shown.
type verdict struct {
	lost    []token
	doubled []token
	swapped []token // those that stand behind a later one
	blanks  int     // more gaps than messages were taken back: something was doubled before it was deleted
}

func (v verdict) good() bool {
	return len(v.lost)+len(v.doubled)+len(v.swapped)+v.blanks == 0
}

// compare checks that all of one side's messages in one chat are shown once, in order. Those of which told holds were
// refused and their author was told so: they may be missing.
func compare(written []wrote, seen []shown, told func(token) bool) verdict {
	var v verdict
	counts := map[token]int{}
	blanks, last := 0, -1
	place := map[token]int{}
	for i, w := range written {
		place[w.token] = i
	}
	for _, s := range seen {
		if s.blank {
			blanks++
			continue
		}
		counts[s.token]++
		at, known := place[s.token]
		if counts[s.token] > 1 || !known {
			continue
		}
		if at < last {
			v.swapped = append(v.swapped, s.token)
		}
		last = max(last, at)
	}
	for _, w := range written {
		switch n := counts[w.token]; {
		case n > 1:
			v.doubled = append(v.doubled, w.token)
		case n == 0 && w.deleted && blanks > 0:
			blanks--
		case n == 0 && !told(w.token):
			v.lost = append(v.lost, w.token)
		}
	}
	v.blanks = blanks
	for t, n := range counts {
		if _, known := place[t]; !known && n > 0 {
			v.doubled = append(v.doubled, t) // in a chat to which it does not belong
		}
	}
	slices.SortFunc(v.doubled, byToken)
	return v
}

func byToken(a, b token) int {
	return cmp.Or(cmp.Compare(a.chat, b.chat), cmp.Compare(a.dir, b.dir), cmp.Compare(a.seq, b.seq), cmp.Compare(a.part, b.part))
}

// The kinds of change to a message.
const (
	edited  = "edit"
	reacted = "reaction"
	removed = "deletion"
)

// change is something that was done to a message.
type change struct {
	kind   string
	target token
	dir    string // who did it, as of a message
}

// compareChanges checks that each change is shown once. Deletions are shown by what is not there; compare sees them.
func compareChanges(made []change, seen map[change]int, told func(change) bool) (lost, doubled []change) {
	for _, one := range made {
		switch n := seen[one]; {
		case n > 1:
			doubled = append(doubled, one)
		case n == 0 && !told(one):
			lost = append(lost, one)
		}
	}
	return lost, doubled
}
