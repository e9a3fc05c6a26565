package inbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
)

// An answer counts when it is written, before a network has it. One that did not arrive was none, and what it ended goes on.

const (
	// messageWent notes how far a message got that did not fail before.
	messageWent  = `UPDATE pu_message SET state=$2 WHERE event_id=$1 AND state<>'failed'`
	messageQuery = `SELECT conversation, direction, author, kind, at, state FROM pu_message WHERE event_id=$1`
	// workEnded is when the piece of work ended in which something was said.
	workEnded   = `SELECT COALESCE(MIN(at), 0) FROM pu_closing WHERE conversation=$1 AND at>=$2`
	answerQuery = `SELECT author, at FROM pu_message WHERE conversation=$1 AND at>=$2 AND at<=$3 AND direction='out' AND author<>'' AND state<>'failed'
		AND kind NOT IN ('edit', 'deletion', 'reaction') ORDER BY at, event_id LIMIT 1`
	questionQuery = `SELECT COALESCE(MIN(at), 0) FROM pu_message WHERE conversation=$1 AND at>$2 AND direction='in' AND kind NOT IN ('edit', 'deletion')`
	responseQuery = `SELECT kind, began_at FROM pu_response WHERE conversation=$1 AND ended_at=$2 AND kind IN ('first_response', 'next_response') ORDER BY began_at LIMIT 1`
	dropResponses = `DELETE FROM pu_response WHERE conversation=$1 AND ended_at=$2 AND kind IN ('first_response', 'next_response')`
)

// said is a row of pu_message.
type said struct {
	conversation, direction, author, kind string
	at                                    time.Time
	state                                 channel.State
}

// answers tells whether it is one of our own people's answers, if it arrives.
func (s said) answers() bool {
	return s.direction == "out" && s.author != "" && isAnswer(channel.Content{Kind: s.kind})
}

// went notes how far a message got. Only a failure, or what comes after one all the same, concerns its conversation.
func (i *Inbox) went(ctx context.Context, evt channel.StatusChanged) error {
	if evt.State != channel.Failed {
		if changed, err := i.store.exec(ctx, "note the state of a message", messageWent, evt.ID, evt.State); err != nil || changed {
			return err
		}
	}
	known, err := i.store.message(ctx, evt.ID)
	if err != nil {
		return orGone(err)
	}
	_, _, err = i.change(ctx, known.conversation, deed{action: "conversation.unanswered", by: audit.Puente, do: func(ctx context.Context, c *Conversation) error {
		msg, err := i.store.message(ctx, evt.ID)
		if err != nil {
			return err
		}
		_, err = i.store.exec(ctx, "note the state of a message", messageState, evt.ID, evt.State)
		failed := evt.State == channel.Failed
		switch {
		case err != nil || !msg.answers() || failed == (msg.state == channel.Failed):
			return err
		case failed:
			return i.unanswered(ctx, c, msg)
		}
		return i.answeredAfterAll(ctx, c, msg)
	}})
	return err
}

// unanswered takes an answer back: the next one that was not lost ends the wait, or nothing does.
func (i *Inbox) unanswered(ctx context.Context, c *Conversation, lost said) error {
	kind, began, err := i.unmeasure(ctx, c, lost.at)
	if err != nil {
		return err
	}
	ended, err := i.store.moment(ctx, workEnded, c.ID, lost.at.UnixMilli())
	if err != nil {
		return err
	}
	next, err := i.store.nextAnswer(ctx, c.ID, lost.at, ended)
	if err != nil {
		return err
	}
	if c.AnsweredAt.Equal(lost.at) {
		c.AnsweredAt = next.at
	}
	switch {
	case began.IsZero(): // nobody waited for it
		return nil
	case !next.at.IsZero():
		if _, _, err = i.unmeasure(ctx, c, next.at); err != nil {
			return err
		}
		return i.measure(ctx, c, kind, began, next.at, next.author)
	case ended.IsZero() && c.Status != Resolved:
		c.WaitingSince = began
	case c.Status == Resolved && ended.Equal(c.ResolvedAt): // by somebody who thought it answered
		c.work(i.Clock.Now())
		c.WaitingSince = began
		return i.returnToQueue(ctx, c)
	}
	return nil
}

// answeredAfterAll counts an answer that was given up, if the customer still waits for one.
func (i *Inbox) answeredAfterAll(ctx context.Context, c *Conversation, msg said) error {
	ended, err := i.store.moment(ctx, workEnded, c.ID, msg.at.UnixMilli())
	if err != nil || !ended.IsZero() || c.Status == Resolved {
		return err
	}
	if !c.WaitingSince.IsZero() && !c.WaitingSince.After(msg.at) {
		if err = i.measureAnswer(ctx, c, msg.at, msg.author); err != nil {
			return err
		}
		if c.WaitingSince, err = i.store.moment(ctx, questionQuery, c.ID, msg.at.UnixMilli()); err != nil {
			return err
		}
	}
	if c.AnsweredAt.IsZero() {
		c.AnsweredAt = msg.at
	}
	return nil
}

// unmeasure takes back what an answer of a moment was measured for, and returns it; a zero time: nothing.
func (i *Inbox) unmeasure(ctx context.Context, c *Conversation, at time.Time) (kind string, began time.Time, err error) {
	var from int64
	err = i.store.db.QueryRow(ctx, responseQuery, c.ID, at.UnixMilli()).Scan(&kind, &from)
	if errors.Is(err, sql.ErrNoRows) {
		return "", time.Time{}, nil
	} else if err != nil {
		return "", time.Time{}, errs.Temporary(fmt.Errorf("find how long an answer took: %w", err), 0)
	}
	_, err = i.store.exec(ctx, "take back how long an answer took", dropResponses, c.ID, at.UnixMilli())
	return kind, time.UnixMilli(from).UTC(), err
}

// message returns a message, or errs.ErrNotFound.
func (s *store) message(ctx context.Context, id string) (found said, err error) {
	var at int64
	err = s.db.QueryRow(ctx, messageQuery, id).Scan(&found.conversation, &found.direction, &found.author, &found.kind, &at, &found.state)
	found.at = time.UnixMilli(at).UTC()
	if errors.Is(err, sql.ErrNoRows) {
		return said{}, fmt.Errorf("message: %w", errs.ErrNotFound)
	} else if err != nil {
		return said{}, errs.Temporary(fmt.Errorf("find a message: %w", err), 0)
	}
	return found, nil
}

// nextAnswer is the first answer between two times that was not lost; the zero one if there is none. A zero until is now.
func (s *store) nextAnswer(ctx context.Context, conversation string, from, until time.Time) (found said, err error) {
	last := int64(math.MaxInt64)
	if !until.IsZero() {
		last = until.UnixMilli()
	}
	var at int64
	err = s.db.QueryRow(ctx, answerQuery, conversation, from.UnixMilli(), last).Scan(&found.author, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return said{}, nil
	} else if err != nil {
		return said{}, errs.Temporary(fmt.Errorf("find the next answer: %w", err), 0)
	}
	found.at = time.UnixMilli(at).UTC()
	return found, nil
}

// moment is a time that a query finds; zero if it finds none.
func (s *store) moment(ctx context.Context, query string, args ...any) (time.Time, error) {
	var at int64
	if err := s.db.QueryRow(ctx, query, args...).Scan(&at); err != nil {
		return time.Time{}, errs.Temporary(fmt.Errorf("find when something was: %w", err), 0)
	} else if at == 0 {
		return time.Time{}, nil
	}
	return time.UnixMilli(at).UTC(), nil
}
