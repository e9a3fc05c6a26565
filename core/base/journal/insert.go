package journal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"puente/core/base/store"
)

const (
	insertHead = "INSERT INTO pu_journal (source, key, lane, kind, payload, state, next_at, received_at, finished_at, reason) VALUES "
	insertTail = " ON CONFLICT (source, key) DO NOTHING"
	insertCols = 10

	longestName   = 512  // bytes of a key, lane, kind or source; an index row of PostgreSQL holds 2,700
	longestReason = 1000 // bytes
	mostRows      = 256  // of one statement
)

// writeAll does what the calls want in one transaction.
func (j *Journal) writeAll(ctx context.Context, calls ...*call) error {
	var entries []Entry
	for _, c := range calls {
		entries = append(entries, c.entries...)
	}
	return j.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		for _, c := range calls {
			if c.work == nil {
				continue
			}
			if err := c.work(ctx); err != nil {
				return err
			}
		}
		return j.insert(ctx, entries)
	})
}

func (j *Journal) insert(ctx context.Context, entries []Entry) error {
	for len(entries) > 0 {
		n := statementRows(len(entries))
		if _, err := j.db.Exec(ctx, insertHead+placeholders(n, insertCols)+insertTail, insertArgs(entries[:n])...); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// statementRows is the largest power of two that is no more than n and mostRows: so there are only
// nine different statements for the database to prepare.
func statementRows(n int) int {
	rows := 1
	for rows*2 <= min(n, mostRows) {
		rows *= 2
	}
	return rows
}

// placeholders is "($1,$2),($3,$4)" for two rows of two columns.
func placeholders(rows, cols int) string {
	var text strings.Builder
	for i := range rows * cols {
		switch {
		case i == 0:
			text.WriteByte('(')
		case i%cols == 0:
			text.WriteString("),(")
		default:
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "$%d", i+1)
	}
	text.WriteByte(')')
	return text.String()
}

func insertArgs(entries []Entry) []any {
	args := make([]any, 0, len(entries)*insertCols)
	for _, entry := range entries {
		var key, finished any // NULL: unknown, not yet
		if entry.Key != "" {
			key = entry.Key
		}
		state, at := Waiting, entry.ReceivedAt.UnixMilli()
		if entry.Reason != "" {
			state, finished = Failed, at
		}
		args = append(args, entry.Source, key, entry.Lane, entry.Kind, entry.Payload, string(state), at, at, finished, entry.Reason)
	}
	return args
}

// storable makes an entry one that both databases take whatever the sender made of it: what could
// not be stored would be refused, sent again and refused for ever.
func storable(entry Entry, now time.Time) Entry {
	entry.Source, entry.Key = storableName(entry.Source), storableName(entry.Key)
	entry.Lane, entry.Kind = storableName(entry.Lane), storableName(entry.Kind)
	entry.Reason = storableReason(entry.Reason)
	if entry.Payload == nil {
		entry.Payload = []byte{}
	}
	if entry.ReceivedAt.IsZero() {
		entry.ReceivedAt = now
	}
	return entry
}

// storableName replaces what PostgreSQL's text does not hold, and shortens an overlong name by a
// hash of the whole, so that different names stay different and equal ones equal.
func storableName(name string) string {
	clean := cleanText(name)
	if len(clean) <= longestName && clean == name {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	mark := "#" + hex.EncodeToString(sum[:16])
	return cutText(clean, longestName-len(mark)) + mark
}

func storableReason(reason string) string { return cutText(cleanText(reason), longestReason) }

// cleanText has no NUL and is valid UTF-8.
func cleanText(text string) string {
	if utf8.ValidString(text) && !strings.Contains(text, "\x00") {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// cutText returns at most n bytes of text, whole runes.
func cutText(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
