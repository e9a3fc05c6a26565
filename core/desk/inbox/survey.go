package inbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
)

// The survey asks a customer, when the work on a conversation has ended, how it was (CSAT): a number from 1 to 5, and
// words if they like. A number alone opens nothing again.

// surveyPatience is for how long a number is taken for the answer.
const surveyPatience = 3 * 24 * time.Hour

const (
	dueSurveys = `SELECT c.conversation, c.at FROM pu_closing c WHERE c.survey=1 AND c.asked_at IS NULL ORDER BY c.at LIMIT 100`
	askedQuery = `UPDATE pu_closing SET asked_at=$3 WHERE conversation=$1 AND at=$2`
	skipQuery  = `UPDATE pu_closing SET survey=0 WHERE conversation=$1 AND at=$2`
	openSurvey = `SELECT at FROM pu_closing WHERE conversation=$1 AND survey=1 AND score IS NULL AND asked_at>=$2 ORDER BY at DESC LIMIT 1`
	scoreQuery = `UPDATE pu_closing SET score=$3, feedback=$4 WHERE conversation=$1 AND at=$2 AND score IS NULL`
)

// score is a number from 1 to 5, perhaps of 5, and what is said behind it.
var score = regexp.MustCompile(`(?s)^([1-5])(?:\s*/\s*5)?(?:[\s.,:;!-]+(.*))?$`)

// ask sends the questions that are due. One that the network's rules, the customer's will, or a message of the customer since
// forbid is left out, so that the gate need not refuse it in the room.
func (i *Inbox) ask(ctx context.Context) (failed error) {
	if i.Survey == "" {
		return nil
	}
	type closing struct {
		conversation string
		at           int64
	}
	rows, err := i.store.db.Query(ctx, dueSurveys)
	scan := func(row dbutil.Scannable) (c closing, err error) { return c, row.Scan(&c.conversation, &c.at) }
	list, err := dbutil.NewRowIterWithError(rows, scan, err).AsList()
	if err != nil {
		return errs.Temporary(fmt.Errorf("list the surveys that are due: %w", err), 0)
	}
	for _, due := range list { // one that cannot be asked holds up no other
		failed = errors.Join(failed, i.askAbout(ctx, due.conversation, due.at))
	}
	return failed
}

// askAbout sends the question about a conversation that was resolved at a moment, in milliseconds.
func (i *Inbox) askAbout(ctx context.Context, conversation string, at int64) error {
	c, err := i.store.byID(ctx, conversation)
	if err != nil {
		return err
	}
	mayAsk, err := i.mayAsk(ctx, c)
	if err != nil {
		return err
	}
	query, args := skipQuery, []any{c.ID, at}
	if mayAsk {
		key := fmt.Sprintf("survey:%s:%d", c.ID, at)
		_, err = i.Rooms.Send(ctx, c.Ref, channel.Message{Key: key, Purpose: string(consent.Service), Text: i.Survey})
		switch {
		case errors.Is(err, errs.ErrNotFound): // the room is gone
		case err != nil:
			return err
		default:
			query, args = askedQuery, append(args, i.store.now())
		}
	}
	_, err = i.store.exec(ctx, "note a survey", query, args...)
	return err
}

// mayAsk tells whether the customer may be asked now: one whose answer arrived, as far as is known. The question itself answers
// nothing, so it needs what any service message does.
func (i *Inbox) mayAsk(ctx context.Context, c *Conversation) (bool, error) {
	if c.Customer == "" || c.Status != Resolved || c.AnsweredAt.IsZero() || !i.Rooms.Rules(c.Ref).AllowsFreeText(i.Clock.Now(), c.LastIn) {
		return false, nil
	}
	who, err := i.Customers.Get(ctx, c.Customer)
	if err != nil || !who.Blocked.IsZero() {
		return false, err
	}
	decision, err := i.Consent.Allowed(ctx, who.ID, c.Ref.Network, consent.Service)
	return decision.Allowed, err
}

// rated takes a customer's message for the answer to a survey, if it begins like one, and tells whether nothing more is to
// be done about it: whoever adds words to the number may want something.
func (i *Inbox) rated(ctx context.Context, c *Conversation, evt channel.MessageIn) (done bool, err error) {
	found := score.FindStringSubmatch(strings.TrimSpace(evt.Content.Text))
	if c.Status != Resolved || evt.Content.Kind != "text" || found == nil {
		return false, nil
	}
	var at int64
	err = i.store.db.QueryRow(ctx, openSurvey, c.ID, evt.At.Add(-surveyPatience).UnixMilli()).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	} else if err != nil {
		return false, errs.Temporary(fmt.Errorf("look for a survey: %w", err), 0)
	}
	stars, feedback := int(found[1][0]-'0'), strings.TrimSpace(found[2])
	noted, err := i.store.exec(ctx, "note the answer to a survey", scoreQuery, c.ID, at, stars, feedback)
	return noted && feedback == "", err
}
