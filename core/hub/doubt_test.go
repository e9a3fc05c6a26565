package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/desk/channel"
)

// takes puts what a provider sends into the journal.
func (w *world) takes(n news) journal.Entry {
	w.Helper()
	payload, err := json.Marshal(n)
	w.must(err)
	return journal.Entry{Source: "red", Key: n.Kind + n.ID, Lane: n.Chat, Kind: "message", Payload: payload}
}

// TestHomeserverThatForgot: Puente dies between a send and its note, and the homeserver restarts before Puente does.
func TestHomeserverThatForgot(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		twoParts := news{Chat: "c1", From: "c1", ID: "m1", Parts: []string{"one", "two"}}
		reaction := news{Kind: "reaction", Chat: "c1", From: "c1", Target: "m1", Parts: []string{"👍"}, ID: "r1"}
		w.must(w.red.tell(twoParts))
		w.must(w.red.tell(reaction))
		before := len(w.hs.sent(room, event.EventMessage))
		w.hub.Stop()
		for _, table := range []string{"reaction", "message"} {
			_, err := w.db.Exec(w.ctx, "DELETE FROM "+table+" WHERE 1=1")
			w.must(err)
		}
		w.hs.forgetTransactions()
		late := journal.New(w.db, journal.Options{Clock: clock.System{}, Log: zerolog.Nop()})
		more := news{Chat: "c1", From: "c1", ID: "m2", Parts: []string{"three"}}
		w.must(late.Append(w.ctx, w.takes(twoParts), w.takes(reaction), w.takes(more)))
		late.Stop()
		w.start()
		w.settled()
		if got := w.hs.sent(room, event.EventMessage); len(got) != before+1 || got[before].body() != "three" {
			w.Errorf("the room holds %v", got)
		}
		if got := w.hs.sent(room, event.EventReaction); len(got) != 1 {
			w.Errorf("the room holds the reactions %v", got)
		}
	})
}

// TestAnswerThatWasLost: the homeserver keeps an event, its answer is lost, and it restarts.
func TestAnswerThatWasLost(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		lost := w.loses(isSend)
		n := news{Chat: "c1", From: "c1", ID: "m1", Parts: []string{"once"}}
		w.must(w.journal.Append(w.ctx, w.takes(n)))
		w.settled()
		if got := w.hs.sent(room, event.EventMessage); len(got) != 2 || lost.lose != 0 {
			w.Errorf("the room holds %v, %d answers were not lost", got, lost.lose)
		}
	})
}

// TestNoteThatFails: the homeserver keeps a message, what comes after it fails, as in a database that is full, and the
// homeserver restarts before Puente tries again.
func TestNoteThatFails(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		left := 3
		w.desk.failWith(func(evt channel.Event) error {
			if _, isIn := evt.(channel.MessageIn); !isIn || left == 0 {
				return nil
			}
			left--
			w.hs.forgetTransactions()
			return errs.Temporary(errors.New("disk full"), time.Millisecond)
		})
		w.must(w.journal.Append(w.ctx, w.takes(news{Chat: "c1", From: "c1", ID: "m1", Parts: []string{"once"}})))
		w.settled()
		if got := w.hs.sent(room, event.EventMessage); len(got) != 2 || left != 0 {
			w.Errorf("the room holds %v, %d notes did not fail", got, left)
		}
	})
}

// losing loses the answer to the first request of a kind, and has the homeserver forget its transactions.
type losing struct {
	next http.RoundTripper
	hs   *homeserver
	kind func(*http.Request) bool
	// after, if not nil, changes what the homeserver has; it has the lock.
	after func()
	lose  int
}

// loses has the red bridge lose an answer.
func (w *world) loses(kind func(*http.Request) bool) *losing {
	carrier := w.hub.byID["red"].matrix.AS.HTTPClient.Transport.(*transport)
	lost := &losing{next: carrier.next, hs: w.hs, kind: kind, lose: 1}
	carrier.next = lost
	return lost
}

func (l *losing) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(req)
	if err != nil || !l.kind(req) || l.lose == 0 {
		return resp, err
	}
	l.lose--
	_ = resp.Body.Close()
	l.hs.forgetTransactions()
	if l.after != nil {
		l.hs.mu.Lock()
		defer l.hs.mu.Unlock()
		l.after()
	}
	return nil, fmt.Errorf("read answer: %w", context.DeadlineExceeded)
}

func TestDoubts(t *testing.T) {
	names := Names{Domain: testDomain, Bot: "puente", Prefix: "puente_"}
	ghost, bot := seat{"!r", "@puente_red_c1:" + testDomain}, seat{"!r", "@puente_red:" + testDomain}
	t.Run("NothingIsInDoubtWithoutAReason", func(t *testing.T) {
		d := newDoubts(names)
		if d.about("t", ghost) {
			t.Error("a first send is in doubt")
		}
		d.sent("t", ghost, kept)
		d.sent("r", ghost, refused)
		if d.about("u", ghost) || d.about("r", ghost) {
			t.Error("an answered send leaves others, or one that was refused, in doubt")
		}
	})
	t.Run("WhatWasKeptIsLookedForWhenItIsMadeAgain", func(t *testing.T) {
		d := newDoubts(names)
		d.sent("t", ghost, kept)
		for n := range mostRecent {
			if !d.about("t", ghost) {
				t.Fatalf("it is forgotten after %d others", n)
			}
			d.sent(fmt.Sprint("u", n), ghost, kept)
		}
		for n := range mostRecent {
			d.sent(fmt.Sprint("v", n), ghost, kept)
		}
		if d.about("t", ghost) {
			t.Error("everything is remembered for ever")
		}
	})
	t.Run("ALostAnswerLeavesThatSendInDoubt", func(t *testing.T) {
		d := newDoubts(names)
		d.sent("t", ghost, unanswered)
		if !d.about("t", ghost) || d.about("u", ghost) {
			t.Error("not just the one send is in doubt")
		}
		d.found("t")
		if d.lost["t"] {
			t.Error("the answer of what was found is still lost")
		}
	})
	t.Run("AnEarlierProcessLeavesSeatsInDoubt", func(t *testing.T) {
		d := newDoubts(names)
		end := d.begin()
		d.found("t")
		if !d.about("u", ghost) {
			t.Error("what follows something found may have been sent, too")
		}
		d.sent("u", ghost, kept)
		d.sent("u", bot, kept)
		if d.about("v", ghost) {
			t.Error("a ghost's seat is not settled by what had not been sent")
		}
		if !d.about("v", bot) {
			t.Error("a bot's seat is settled")
		}
		end()
		if d.about("v", bot) {
			t.Error("a doubt is left when no earlier entry is handled")
		}
	})
}

func TestLookingBack(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		for name, test := range map[string]struct {
			status int
			fails  bool
		}{
			"NotInTheRoom":      {status: 403},
			"HomeserverFailing": {status: 500, fails: true},
		} {
			w.hs.failWith(func(_ *http.Request, parts []string) int {
				if parts[len(parts)-1] == "messages" {
					return test.status
				}
				return 0
			})
			ghost := w.hub.byID["red"].matrix.AS.Intent("@puente_red_c1:" + testDomain)
			ctx := mautrix.WithMaxRetries(withTxn(w.ctx, name), 0)
			w.hub.doubts.sent(transactionID(ctx), seat{}, unanswered)
			_, err := ghost.SendMessageEvent(ctx, room, event.EventMessage, text(name))
			if (err != nil) != test.fails {
				w.Errorf("%s: %v", name, err)
			}
		}
	})
}
