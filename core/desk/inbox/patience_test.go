package inbox

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestPresenterTriesAgain(t *testing.T) {
	each(t, nil, func(w *world) {
		w.fact("WithPausesThatGrowUpToAMinute", func(w *world) {
			c := w.meets("whatsapp", "Ana")
			w.failing(errNo, c.Ref.Room)
			var pauses []int // in seconds
			w.show()
			for last := w.time.Now(); len(pauses) < 8; {
				w.time.Advance(time.Second)
				before := w.painted(c)
				if w.show(); w.painted(c) > before {
					pauses, last = append(pauses, int(w.time.Now().Sub(last)/time.Second)), w.time.Now()
				}
			}
			if !slices.Equal(pauses, []int{2, 4, 8, 16, 32, 60, 60, 60}) {
				w.t.Errorf("the pauses are %d", pauses)
			}
			w.failing(nil)
			w.time.Advance(time.Minute)
			w.show()
			if got := w.topicOf(c); got != "open · nobody's" {
				w.t.Errorf("the topic is %q", got)
			}
			w.must(w.Claim(w.ctx, c.ID, anna))
			w.failing(errNo, c.Ref.Room)
			before := w.painted(c)
			w.show()
			w.time.Advance(2 * time.Second) // the pauses begin anew
			w.show()
			if w.painted(c) != before+2 {
				w.t.Errorf("it was tried %d times", w.painted(c)-before)
			}
			w.failing(nil)
		})
		w.fact("ManyThatFailHoldNobodyUp", func(w *world) {
			var broken []string
			w.must(w.DB.DoTxn(w.ctx, nil, func(ctx context.Context) error {
				for n := range mostPresented + 1 {
					room := fmt.Sprintf("!broken%d", n)
					broken = append(broken, room)
					_, err := w.DB.Exec(ctx, `INSERT INTO pu_conversation (id, network, account, chat, room_id, status, opened_at, created_at, changed_at)
						VALUES ($1, 'signal', 'first', $1, $1, 'open', 1, 1, 1)`, room)
					w.must(err)
				}
				return nil
			}))
			w.failing(errNo, broken...)
			w.show()
			c := w.meets("whatsapp", "Berta")
			w.show()
			if w.painted(c) != 1 {
				w.t.Error("it is not shown")
			}
			w.failing(nil)
			w.time.Advance(time.Minute)
			w.show()
			if n := w.reads(`SELECT COUNT(*) FROM pu_conversation WHERE shown<version`); n != 0 {
				w.t.Errorf("%d are not shown", n)
			}
		})
	})
}
