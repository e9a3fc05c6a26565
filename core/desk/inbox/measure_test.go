package inbox

import (
	"fmt"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/desk/channel"
)

// response is a row of pu_response.
type response struct {
	kind            string
	began, business time.Duration // began: since start
	took            time.Duration
	agent, team     string
}

func (w *world) responses(c *Conversation) []response {
	w.t.Helper()
	rows, err := w.DB.Query(w.ctx, `SELECT kind, began_at, ended_at, business, agent, team FROM pu_response WHERE conversation=$1 ORDER BY ended_at, kind`, c.ID)
	list, err := dbutil.NewRowIterWithError(rows, func(row dbutil.Scannable) (r response, err error) {
		var began, ended, business int64
		err = row.Scan(&r.kind, &began, &ended, &business, &r.agent, &r.team)
		r.began, r.took = time.UnixMilli(began).Sub(start), time.Duration(ended-began)*time.Millisecond
		r.business = time.Duration(business) * time.Millisecond
		return r, err
	}, err).AsList()
	w.must(err)
	return list
}

// measured checks all that was measured of a conversation.
func (w *world) measured(c *Conversation, want ...response) {
	w.t.Helper()
	got := w.responses(c)
	if len(got) != len(want) {
		w.t.Fatalf("measured is %+v", got)
	}
	for n := range want {
		if got[n] != want[n] {
			w.t.Errorf("measured is %+v instead of %+v", got[n], want[n])
		}
	}
}

func TestAnswer(t *testing.T) {
	each(t, nil, func(w *world) {
		w.fact("ItEndsTheWaitAndIsMeasuredOnce", func(w *world) {
			c := w.meets("whatsapp", "Ana")
			begin := w.writes(c).At.Sub(start)
			w.time.Advance(4 * time.Minute)
			first := w.answers(c, anna)
			if found := w.now(c); !found.WaitingSince.IsZero() || !found.AnsweredAt.Equal(first.At) || !found.LastOut.Equal(first.At) {
				w.t.Errorf("it is %+v", found)
			}
			last := w.answers(c, anna)
			if found := w.now(c); !found.AnsweredAt.Equal(first.At) || !found.LastOut.Equal(last.At) {
				w.t.Errorf("it is %+v", found)
			}
			took := 4*time.Minute + time.Second
			w.measured(c, response{kind: firstResponse, began: begin, took: took, business: took, agent: anna, team: "Sales"})
		})
		w.fact("LaterOnesAreMeasuredFromWhatWaits", func(w *world) {
			c := w.meets("whatsapp", "Berta")
			w.writes(c)
			w.answers(c, anna)
			w.time.Advance(time.Hour)
			asked := w.writes(c)
			w.writes(c)
			w.answers(c, ben)
			if got := w.responses(c); len(got) != 2 || got[1] != (response{nextResponse, asked.At.Sub(start), 2 * time.Second, 2 * time.Second, ben, "Sales"}) {
				w.t.Errorf("measured is %+v", got)
			}
		})
		w.fact("WhoeverWritesFirstAnswersNobody", func(w *world) {
			c := w.meets("whatsapp", "Carlos")
			w.answers(c, anna)
			w.measured(c)
		})
		w.fact("AfterAResolutionTheFirstOneIsMeasuredAnew", func(w *world) {
			c := w.meets("whatsapp", "Dora")
			w.writes(c)
			w.answers(c, anna)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			w.time.Advance(time.Hour)
			again := w.writes(c)
			w.answers(c, ben)
			if got := w.responses(c); len(got) != 3 || got[2] != (response{firstResponse, again.At.Sub(start), time.Second, time.Second, ben, "Sales"}) {
				w.t.Errorf("measured is %+v", got)
			}
		})
		w.fact("WhatAnAgentOpenedAgainIsMeasuredFromTheCustomersMessage", func(w *world) {
			for _, open := range []func(c *Conversation) error{
				func(c *Conversation) error { return w.Reopen(w.ctx, c.ID, anna) },
				func(c *Conversation) error { return w.Snooze(w.ctx, c.ID, time.Time{}, anna) },
			} {
				c := w.meets("whatsapp", "Eva")
				w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
				w.must(open(c))
				w.time.Advance(72 * time.Hour)
				asked := w.writes(c)
				w.answers(c, ben)
				if got := w.responses(c); len(got) != 2 || got[1] != (response{firstResponse, asked.At.Sub(start), time.Second, time.Second, ben, "Sales"}) {
					w.t.Errorf("measured is %+v", got)
				}
			}
		})
		w.fact("AnOutageBeforeTheFirstContactIsMeasuredToo", func(w *world) {
			wrote := w.time.Now()
			w.time.Advance(30 * time.Minute)
			c := w.meets("whatsapp", "Flor")
			in := channel.MessageIn{Base: channel.Base{Ref: c.Ref, At: wrote}, ID: w.next("$in"), From: channel.Party{ID: c.Ref.Chat}, Content: channel.Content{Kind: "text"}}
			w.show()
			w.must(w.HandleChannelEvent(w.ctx, in))
			w.show()
			if face, _ := w.rooms.looks(c.Ref.Room); face.Order != fmt.Sprintf("%015d", wrote.UnixMilli()) {
				w.t.Errorf("its place in the views is %s", face.Order)
			}
			in.ID, in.At = w.next("$in"), wrote.Add(-time.Minute) // only the very first one
			w.must(w.HandleChannelEvent(w.ctx, in))
			w.must(w.Claim(w.ctx, c.ID, anna))
			w.answers(c, anna)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			began, took := wrote.Sub(start), 30*time.Minute+time.Second
			w.measured(c,
				response{assignment, began, 30 * time.Minute, 30 * time.Minute, anna, "Sales"},
				response{firstResponse, began, took, took, anna, "Sales"},
				response{resolution, began, took, took, anna, "Sales"},
			)
		})
		w.fact("ItTakesOverFromABot", func(w *world) {
			c := w.meets("whatsapp", "Emil")
			w.must(w.Suspend(w.ctx, c.ID, anna))
			w.answers(c, anna)
			w.is(c, Open, "")
			if deeds := w.deeds(c); deeds[len(deeds)-1].Action != "conversation.answered" || deeds[len(deeds)-1].Actor != anna {
				w.t.Errorf("noted is %v", deeds)
			}
		})
		w.fact("WhatPuenteSaysByItselfIsNone", func(w *world) {
			c := w.meets("whatsapp", "Fe")
			w.must(w.Suspend(w.ctx, c.ID, anna))
			asked := w.writes(c)
			said := w.answers(c, "")
			if found := w.now(c); found.Status != Pending || !found.WaitingSince.Equal(asked.At) || !found.AnsweredAt.IsZero() || !found.LastOut.Equal(said.At) {
				w.t.Errorf("it is %+v", found)
			}
			w.measured(c)
		})
		w.fact("AChangeADeletionOrAReactionIsNone", func(w *world) {
			c := w.meets("whatsapp", "Gil")
			asked := w.writes(c)
			for _, kind := range []string{"edit", "deletion", "reaction"} {
				w.must(w.HandleChannelEvent(w.ctx, channel.MessageOut{
					Base: channel.Base{Ref: c.Ref, At: w.time.Now()}, ID: w.next("$out"), From: channel.Party{ID: anna}, Content: channel.Content{Kind: kind},
				}))
			}
			if found := w.now(c); !found.WaitingSince.Equal(asked.At) || !found.LastOut.IsZero() || !found.AnsweredAt.IsZero() {
				w.t.Errorf("it is %+v", found)
			}
			w.measured(c)
		})
		w.fact("HowFarItGotIsNoted", func(w *world) {
			c := w.meets("whatsapp", "Hugo")
			out := w.answers(c, anna)
			w.must(w.HandleChannelEvent(w.ctx, channel.StatusChanged{Base: channel.Base{Ref: c.Ref}, ID: out.ID, State: channel.Read}))
			if w.reads(`SELECT COUNT(*) FROM pu_message WHERE event_id=$1 AND conversation=$2 AND direction='out' AND author=$3 AND state='read'`, out.ID, c.ID, anna) != 1 {
				w.t.Error("it is not")
			}
		})
	})
}

func TestBusinessHoursAreMeasured(t *testing.T) {
	each(t, func(s *Settings) { s.Hours = open9to5(t, "UTC") }, func(w *world) {
		w.time.Advance(7*time.Hour + 30*time.Minute) // 16:30
		c := w.meets("whatsapp", "Ana")
		w.must(w.HandleChannelEvent(w.ctx, channel.MessageIn{
			Base: channel.Base{Ref: c.Ref, At: w.time.Now()}, ID: "$in", From: channel.Party{ID: c.Ref.Chat, Name: "Ana"}, Content: channel.Content{Kind: "text"},
		}))
		w.time.Advance(17*time.Hour - time.Second) // a second before 9:30 on the next day
		w.must(w.Claim(w.ctx, c.ID, ben))
		w.answers(c, ben)
		w.must(w.Resolve(w.ctx, c.ID, Ending{}, ben))
		begin, took := 7*time.Hour+30*time.Minute, 17*time.Hour
		w.measured(c,
			response{assignment, begin, time.Hour - time.Second, took - time.Second, ben, "Sales"},
			response{firstResponse, begin, time.Hour, took, ben, "Sales"},
			response{resolution, begin, time.Hour, took, ben, "Sales"},
		)
	})
}
