package bridgetest

import (
	"errors"
	"net/http"
	"strings"

	"maunium.net/go/mautrix/event"

	"puente/core/base/errs"
	"puente/core/base/journal"
)

func secretChecks() []Check {
	return []Check{
		{
			Name: "AForgedDeliveryNeverReachesTheJournal",
			Says: "A delivery without the right signature or secret is refused, and the journal holds nothing of it.",
			run:  checkForged,
		},
		{
			Name: "AnUnreadableDeliveryIsKeptAsFailed",
			Says: "A delivery that cannot be read is kept as failed, visibly, and holds nothing up.",
			run:  checkGarbled,
		},
	}
}

func endChecks() []Check {
	return []Check{
		{
			Name: "TheLogHoldsNoSecrets",
			Says: "At its most talkative the log of the whole run holds no text of a message, no number and no token.",
			run:  checkLog,
		},
		{Name: "NothingIsLeftRunning", Says: "After the stop nothing of Puente, of the bridge and of its emulator still runs.", run: checkEnd},
	}
}

// entries counts what the journal holds of the network, in one state or, with none, in any.
func (w *world) entries(state journal.State) (count int) {
	w.t.Helper()
	counts, err := w.journal.Counts(w.ctx)
	w.must(err)
	for _, one := range counts {
		if one.Source == w.network.ID && (state == "" || one.State == state) {
			count += int(one.Entries)
		}
	}
	return count
}

func checkForged(c *trial) {
	c.fence()
	before := c.entries("")
	statuses, err := c.provider.Forge(c.ctx)
	if errors.Is(err, errs.ErrUnsupported) {
		c.notApplicable("nobody delivers anything to Puente")
		return
	}
	c.must(err)
	for way, status := range statuses {
		if status < http.StatusBadRequest || status >= http.StatusInternalServerError {
			c.t.Errorf("%s is answered by %d", way, status)
		}
	}
	if len(statuses) == 0 {
		c.t.Error("no forgery was tried")
	}
	if after := c.entries(""); after != before {
		c.t.Errorf("the journal went from %d to %d entries", before, after)
	}
	c.fence()
	if len(c.bob.Seen(0, func(evt *event.Event) bool {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && strings.Contains(msg.Body, ForgedText)
	})) > 0 {
		c.t.Error("a forged message stands in a room")
	}
}

func checkGarbled(c *trial) {
	before := c.entries(journal.Failed)
	if err := c.provider.Garble(c.ctx); errors.Is(err, errs.ErrUnsupported) {
		c.notApplicable("nobody delivers anything to Puente")
		return
	} else if err != nil {
		c.t.Fatal(err)
	}
	c.fence()
	if after := c.entries(journal.Failed); after != before+1 {
		c.t.Errorf("the journal went from %d to %d failed entries", before, after)
	}
	if answer := c.asks("failed"); !strings.Contains(answer, c.network.ID) {
		c.t.Errorf("failed answers %q", answer)
	}
}

func checkLog(c *trial) {
	control := c.words.phrase("control")
	c.hub.Log.Info().Str("control", control).Msg("Control")
	if _, found := c.book.holding(control); found != 1 {
		c.t.Fatalf("the search finds a planted line %d times: it would prove nothing", found)
	}
	if _, found := c.book.holding(c.room.String()); found == 0 {
		c.t.Fatal("the log does not name the room: it holds too little for the search to prove anything")
	}
	secrets := []string{asToken, hsToken, password, provisioningSecret, ForgedText}
	secrets = append(secrets, c.provider.Secrets()...)
	for _, who := range c.customers {
		secrets = append(secrets, who.Secrets()...)
	}
	for _, tag := range c.words.said() {
		if !strings.HasSuffix(control, tag) {
			secrets = append(secrets, tag)
		}
	}
	leaks := 0
	for _, secret := range secrets {
		line, found := c.book.holding(secret)
		if secret == "" || found == 0 {
			continue
		}
		if leaks++; leaks <= leaksShown {
			c.t.Errorf("the log holds %q in %d lines, the first is %s", secret, found, line)
		}
	}
	if leaks > leaksShown {
		c.t.Errorf("and %d more of %d secrets", leaks-leaksShown, len(secrets))
	}
}

// leaksShown is of how many secrets in the log the check shows a line.
const leaksShown = 5
