package main

import (
	"context"
	"fmt"
	"strings"

	"go.mau.fi/util/dbutil"
)

// multiplied is a table whose rows of one real conversation are repeated for made-up ones. Where a column differs from
// the real row, {conversation} and {message} stand for their numbers.
type multiplied struct {
	table  string
	rows   string // which rows are repeated: {person} and {room} are the conversation's
	differ map[string]string
	times  int // rows of each conversation, if more than the real one has
}

// roomExpr and the like are the made-up conversation's names.
const (
	personExpr       = `'filler' || {conversation}`
	roomExpr         = `'!filler' || {conversation} || ':localhost'`
	ghostExpr        = `'@puente_whatsapp_filler' || {conversation} || ':localhost'`
	customerExpr     = `'customer' || {conversation}`
	conversationExpr = `'conversation' || {conversation}`
	// memberExpr leaves the agents and the bots who they are.
	memberExpr = `CASE WHEN real.user_id LIKE '@puente_whatsapp\_%' ESCAPE '\' THEN ` + ghostExpr + ` ELSE real.user_id END`
)

// Where the real conversation's IDs are that the desk gave.
const (
	customerQuery     = "(SELECT customer FROM pu_contact WHERE person={person})"
	conversationQuery = "(SELECT id FROM pu_conversation WHERE room_id={room})"
)

// messagesEach is how many messages a made-up conversation has, and how much of the journal still remembers it.
const messagesEach = 5

// conversation is what Puente and bridgev2 keep of one, table by table.
func conversation() []multiplied {
	return []multiplied{
		{table: "ghost", rows: "id={person}", differ: map[string]string{"id": personExpr}},
		{table: "portal", rows: "mxid={room}", differ: map[string]string{"id": personExpr, "mxid": roomExpr, "other_user_id": personExpr}},
		{table: "user_portal", rows: "portal_id={person}", differ: map[string]string{"portal_id": personExpr}},
		{table: "message", rows: "room_id={person}", times: messagesEach, differ: map[string]string{
			"id": `'wamid.filler' || {conversation} || '-' || {message}`, "mxid": `'$filler' || {conversation} || '-' || {message}`,
			"room_id": personExpr, "sender_id": personExpr, "sender_mxid": ghostExpr,
		}},
		{table: "pu_handle", rows: "person={person}", differ: map[string]string{"value": `'filler' || {conversation}`, "person": personExpr}},
		{table: "pu_journal", rows: "source='whatsapp' AND state='done'", times: messagesEach, differ: map[string]string{
			"key": `'filler' || {conversation} || '-' || {message}`, "lane": `'filler' || {conversation}`,
		}},
		{table: "pu_customer", rows: "id=" + customerQuery, differ: map[string]string{"id": customerExpr}},
		{table: "pu_contact", rows: "person={person}", differ: map[string]string{"person": personExpr, "customer": customerExpr}},
		{table: "pu_customer_key", rows: "customer=" + customerQuery, differ: map[string]string{"customer": customerExpr, "value": personExpr}},
		{table: "pu_conversation", rows: "room_id={room}", differ: map[string]string{
			"id": conversationExpr, "chat": personExpr, "room_id": roomExpr, "customer": customerExpr,
		}},
		{table: "pu_message", rows: "conversation=" + conversationQuery, times: messagesEach, differ: map[string]string{
			"event_id": `'$filler' || {conversation} || '-' || {message}`, "conversation": conversationExpr, "author": customerExpr,
		}},
		{table: "pu_face", rows: "room_id={room}", differ: map[string]string{"room_id": roomExpr, "card_event": `'$card' || {conversation}`, "pinned": `'$card' || {conversation}`}},
		{table: "pu_view_room", rows: "room_id={room}", differ: map[string]string{"room_id": roomExpr}},
		{table: "mx_registrations", rows: "user_id='@puente_whatsapp_' || {person} || ':localhost'", differ: map[string]string{"user_id": ghostExpr}},
		{table: "mx_room_state", rows: "room_id={room}", differ: map[string]string{"room_id": roomExpr}},
		{table: "mx_user_profile", rows: "room_id={room}", differ: map[string]string{"room_id": roomExpr, "user_id": memberExpr}},
	}
}

// multiply repeats one real conversation n times.
func multiply(ctx context.Context, db *dbutil.Database, n int) error {
	if n <= 0 {
		return nil
	}
	var person, room string
	err := db.QueryRow(ctx, "SELECT id, mxid FROM portal WHERE mxid<>'' LIMIT 1").Scan(&person, &room)
	if err != nil {
		return fmt.Errorf("find a real conversation: %w", err)
	}
	err = db.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, one := range conversation() {
			if err := one.repeat(ctx, db, n, person, room); err != nil {
				return fmt.Errorf("fill %s: %w", one.table, err)
			}
		}
		return nil
	})
	if err == nil {
		_, err = db.Exec(ctx, "ANALYZE") // as the database does by itself in time
	}
	return err
}

func (m multiplied) repeat(ctx context.Context, db *dbutil.Database, n int, person, room string) error {
	columns, err := columnsOf(ctx, db, m.table)
	if err != nil {
		return err
	}
	values := make([]string, len(columns))
	for i, column := range columns {
		values[i] = "real." + column
		if expression, differs := m.differ[column]; differs {
			values[i] = strings.NewReplacer("{conversation}", "k.n", "{message}", "t.n").Replace(expression)
		}
	}
	rows := strings.NewReplacer("{person}", quoteText(person), "{room}", quoteText(room)).Replace(m.rows)
	only := ""
	if m.times > 0 {
		only = " LIMIT 1" // one row, as often as it takes
	}
	query := fmt.Sprintf(`WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<$1),
		t(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM t WHERE n<%d)
		INSERT INTO %s (%s) SELECT %s FROM k, t, (SELECT * FROM %s WHERE %s%s) AS real`,
		max(m.times, 1), m.table, strings.Join(columns, ", "), strings.Join(values, ", "), m.table, rows, only)
	_, err = db.Exec(ctx, query, n)
	return err
}

// quoteText makes an SQL text of a name of ours.
func quoteText(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

// columnsOf are a table's columns, but for the one that the database counts by itself.
func columnsOf(ctx context.Context, db *dbutil.Database, table string) ([]string, error) {
	rows, err := db.Query(ctx, "SELECT * FROM "+table+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var columns []string
	for _, column := range all {
		counted := column == "rowid" || (column == "id" && table == "pu_journal")
		if !counted {
			columns = append(columns, column)
		}
	}
	return columns, rows.Err()
}
