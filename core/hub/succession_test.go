package hub

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
)

// TestSuccession has transactions come, each with what is to become of it: "+" is taken, "-" sent back, "!" is taken and
// begins a new numbering.
func TestSuccession(t *testing.T) {
	for name, steps := range map[string][]string{
		"one after another":                      {"1+", "2+", "3+"},
		"a name":                                 {"a+", "77b+", "+"},
		"one comes again":                        {"1+", "2+", "2+", "1!", "2+", "3+"},
		"one was kept back":                      {"1+", "3-", "2+", "3+", "5-", "4+", "5+"},
		"two were kept back":                     {"1+", "4-", "2+", "3+", "4+"},
		"in the middle of a numbering":           {"70-", "70+", "71+", "73-", "72+", "73+"},
		"in the middle, with one kept back":      {"70-", "68+", "69+", "70+"},
		"others are counted too":                 {"1+", "4-", "4+", "9+", "11+", "12+"},
		"others are counted too, trouble":        {"1+", "4-", "4+", "9+", "trouble", "11-", "11+", "15+", "17+"},
		"others are counted, but one kept back":  {"1+", "4-", "3+", "4+", "9-", "9+", "11+"},
		"the numbering begins anew":              {"70-", "70+", "1!", "2+", "4-", "3+", "4+"},
		"one that was kept back comes very late": {"1+", "4-", "4+", "3!", "5+"},
	} {
		t.Run(name, func(t *testing.T) {
			var s succession
			for n, step := range steps {
				if step == "trouble" {
					s.trust()
					continue
				}
				txnID, want := strings.TrimRight(step, "+-!"), step[len(step)-1:]
				got := "-"
				if s.admits(txnID) {
					got = "+"
					if s.took(txnID) {
						got = "!"
					}
				}
				if got != want {
					t.Errorf("step %d: transaction %s is %q, not %q", n, txnID, got, want)
				}
			}
		})
	}
}

func TestATransactionThatWasKeptBackComesBeforeItsFollowers(t *testing.T) {
	alone(t, inAHurry, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		hand := func(number int, words string) int {
			w.Helper()
			return push(w, w.hub, fmt.Sprint(number), testHSToken, fmt.Sprintf(
				`{"events":[{"event_id":"$e%d","room_id":%q,"sender":%q,"type":%q,"content":{"msgtype":"m.text","body":%q}}]}`,
				number, room, ana, event.EventMessage.Type, words))
		}
		if status := hand(1, "one"); status != 200 {
			w.Fatalf("the first was answered with %d", status)
		}
		w.hs.mu.Lock()
		pings := w.hs.pings
		w.hs.mu.Unlock()
		if status := hand(3, "three"); status != 503 {
			w.Fatalf("one that leaves a gap was answered with %d", status)
		}
		w.until("a call for what is kept back", func() bool {
			w.hs.mu.Lock()
			defer w.hs.mu.Unlock()
			return w.hs.pings > pings
		})
		for number, words := range map[int]string{2: "two"} {
			if status := hand(number, words); status != 200 {
				w.Fatalf("the one that was kept back was answered with %d", status)
			}
		}
		if status := hand(3, "three"); status != 200 {
			w.Fatalf("what was sent back was answered with %d", status)
		}
		w.settled()
		var texts []string
		for _, got := range w.red.got("message") {
			texts = append(texts, got.Text)
		}
		if !slices.Equal(texts, []string{"one", "two", "three"}) {
			w.Errorf("the network got %q", texts)
		}
	})
}
