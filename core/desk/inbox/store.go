package inbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/ident"
	basestore "puente/core/base/store"
	"puente/core/desk/channel"
)

// store keeps conversations (table pu_conversation) and what is measured of them.
type store struct {
	db    *dbutil.Database
	clock clock.Clock
}

const (
	columns = `id, network, account, chat, room_id, customer, name, status, COALESCE(snoozed_until, 0), assignee, COALESCE(assigned_at, 0), team,
		priority, labels, COALESCE(waiting_since, 0), opened_at, COALESCE(answered_at, 0), COALESCE(resolved_at, 0), COALESCE(last_in_at, 0),
		COALESCE(last_out_at, 0), created_at, version, changed_at`
	selectConversation = `SELECT ` + columns + ` FROM pu_conversation `
	byIDQuery          = selectConversation + `WHERE id=$1`
	byRoomQuery        = selectConversation + `WHERE room_id=$1`
	byCustomerQuery    = selectConversation + `WHERE customer=$1 ORDER BY COALESCE(last_in_at, 0) DESC, id`
	ofAgentQuery       = selectConversation + `WHERE assignee=$1 AND status IN ('open', 'pending') ORDER BY opened_at, id`
	queueQuery         = selectConversation + `WHERE assignee='' AND status='open' ORDER BY COALESCE(waiting_since, opened_at), id LIMIT $1`
	teamQueueQuery     = selectConversation + `WHERE assignee='' AND status='open' AND team=$2 ORDER BY COALESCE(waiting_since, opened_at), id LIMIT $1`
	unshownQuery       = selectConversation + `WHERE shown<version ORDER BY changed_at, id LIMIT $1`
	dueSnoozesQuery    = selectConversation + `WHERE status='snoozed' AND snoozed_until<=$1 ORDER BY snoozed_until LIMIT 100`
	insertQuery        = `INSERT INTO pu_conversation (id, network, account, chat, room_id, customer, name, status, team, opened_at, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11) ON CONFLICT DO NOTHING`
	// lockQuery keeps others from changing the row until the transaction ends, on either database.
	lockQuery   = `UPDATE pu_conversation SET room_id=room_id WHERE id=$1`
	updateQuery = `UPDATE pu_conversation SET name=$2, status=$3, snoozed_until=$4, assignee=$5, assigned_at=$6, team=$7, priority=$8, labels=$9,
		waiting_since=$10, opened_at=$11, answered_at=$12, resolved_at=$13, last_in_at=$14, last_out_at=$15, version=$16, changed_at=$17, room_id=$18 WHERE id=$1`
	shownQuery      = `UPDATE pu_conversation SET shown=$2 WHERE id=$1 AND shown<$2`
	touchQuery      = `UPDATE pu_conversation SET version=version+1, changed_at=$2 WHERE id=$1`
	touchOfCustomer = `UPDATE pu_conversation SET version=version+1, changed_at=$2 WHERE customer=$1`
	touchOfAgent    = `UPDATE pu_conversation SET version=version+1, changed_at=$2 WHERE assignee=$1 AND status IN ('open', 'pending')`
	insertMessage   = `INSERT INTO pu_message (event_id, conversation, direction, author, kind, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (event_id) DO NOTHING`
	messageState    = `UPDATE pu_message SET state=$2 WHERE event_id=$1`
	loadQuery       = `SELECT assignee, COUNT(*) FROM pu_conversation WHERE assignee<>'' AND status IN ('open', 'pending') GROUP BY assignee`
	participate     = `INSERT INTO pu_participant (conversation, customer, last_in_at) VALUES ($1, $2, $3)
		ON CONFLICT (conversation, customer) DO UPDATE SET last_in_at=excluded.last_in_at`
)

func (s *store) byID(ctx context.Context, id string) (*Conversation, error) {
	return one(s.db.QueryRow(ctx, byIDQuery, id))
}

// byRoom returns the conversation of a room, or errs.ErrNotFound.
func (s *store) byRoom(ctx context.Context, room string) (*Conversation, error) {
	return one(s.db.QueryRow(ctx, byRoomQuery, room))
}

func one(row dbutil.Scannable) (*Conversation, error) {
	found, err := scan(row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("conversation: %w", errs.ErrNotFound)
	} else if err != nil {
		return nil, errs.Temporary(fmt.Errorf("find a conversation: %w", err), 0)
	}
	return found, nil
}

func (s *store) list(ctx context.Context, query string, args ...any) ([]*Conversation, error) {
	rows, err := s.db.Query(ctx, query, args...)
	list, err := dbutil.NewRowIterWithError(rows, scan, err).AsList()
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("list conversations: %w", err), 0)
	}
	return list, nil
}

func scan(row dbutil.Scannable) (*Conversation, error) {
	c := &Conversation{}
	var labels string
	var snoozed, assigned, waiting, opened, answered, resolved, lastIn, lastOut, created, changed int64
	err := row.Scan(&c.ID, &c.Ref.Network, &c.Ref.Account, &c.Ref.Chat, &c.Ref.Room, &c.Customer, &c.Name, &c.Status, &snoozed, &c.Assignee,
		&assigned, &c.Team, &c.Priority, &labels, &waiting, &opened, &answered, &resolved, &lastIn, &lastOut, &created, &c.version, &changed)
	c.Labels = strings.Fields(labels)
	for at, into := range map[*int64]*time.Time{
		&snoozed: &c.SnoozedUntil, &assigned: &c.AssignedAt, &waiting: &c.WaitingSince, &opened: &c.OpenedAt, &answered: &c.AnsweredAt,
		&resolved: &c.ResolvedAt, &lastIn: &c.LastIn, &lastOut: &c.LastOut, &created: &c.CreatedAt, &changed: &c.changedAt,
	} {
		if *at != 0 {
			*into = time.UnixMilli(*at).UTC()
		}
	}
	return c, err
}

// insert makes a conversation unless it is there already, whose room may have changed since.
func (s *store) insert(ctx context.Context, ref channel.Ref, customer, name, team string, at time.Time) error {
	_, err := s.db.Exec(ctx, insertQuery, ident.New("con"), ref.Network, ref.Account, ref.Chat, ref.Room, customer, name, Open, team, at.UnixMilli(), s.now())
	if err != nil {
		return errs.Temporary(fmt.Errorf("note a new conversation: %w", err), 0)
	}
	return nil
}

// locked returns the conversation for changing it, within the transaction of ctx.
func (s *store) locked(ctx context.Context, id string) (*Conversation, error) {
	if _, err := s.db.Exec(ctx, lockQuery, id); err != nil {
		return nil, errs.Temporary(fmt.Errorf("lock conversation %s: %w", id, err), 0)
	}
	return s.byID(ctx, id)
}

func (s *store) save(ctx context.Context, c *Conversation) error {
	_, err := s.db.Exec(ctx, updateQuery, c.ID, c.Name, c.Status, stamp(c.SnoozedUntil), c.Assignee, stamp(c.AssignedAt), c.Team, c.Priority,
		joinLabels(c.Labels), stamp(c.WaitingSince), stamp(c.OpenedAt), stamp(c.AnsweredAt), stamp(c.ResolvedAt), stamp(c.LastIn), stamp(c.LastOut),
		c.version, s.now(), c.Ref.Room)
	if err != nil {
		return errs.Temporary(fmt.Errorf("change conversation %s: %w", c.ID, err), 0)
	}
	return nil
}

// txn does several things as one. If the database does not begin or end it, that is worth another try.
func (s *store) txn(ctx context.Context, do func(ctx context.Context) error) error {
	err := s.db.DoTxn(ctx, basestore.Txn(), do)
	if errors.Is(err, dbutil.ErrTxnBegin) || errors.Is(err, dbutil.ErrTxnCommit) {
		return errs.Temporary(err, 0)
	}
	return err
}

// exec makes one change of which the caller says what it is.
func (s *store) exec(ctx context.Context, what, query string, args ...any) (changed bool, err error) {
	done, err := s.db.Exec(ctx, query, args...)
	if err != nil {
		return false, errs.Temporary(fmt.Errorf("%s: %w", what, err), 0)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

func (s *store) now() int64 { return s.clock.Now().UnixMilli() }

// stamp is a time as the database has it; nil for none.
func stamp(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UnixMilli()
}
