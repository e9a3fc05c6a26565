package migrate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
)

// copy sends a table's rows as one COPY in text form: the server itself makes of each text what its column needs. Numbers
// that the server would choose are taken as they are.
// ref: https://www.postgresql.org/docs/current/sql-copy.html
func (to *target) copy(ctx context.Context, from *dbutil.Database, t *table, copied func(int64)) error {
	rows, err := from.Query(ctx, selectRows(t))
	if err != nil {
		return fmt.Errorf("read table %s: %w", t.name, err)
	}
	defer func() { _ = rows.Close() }()
	reader := &rowReader{rows: rows, table: t, copied: copied}
	err = to.conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().PgConn().CopyFrom(ctx, reader, "COPY "+quote(t.name)+" ("+names(t)+") FROM STDIN")
		return err
	})
	if reader.err != nil {
		return reader.err // the server says only that we gave up
	} else if err != nil {
		return refused(ctx, from, t, err)
	}
	return nil
}

// selectRows reads a table in the order of its rows, with SQLite's own number of each row in front.
func selectRows(t *table) string {
	return "SELECT _rowid_, " + names(t) + " FROM " + quote(t.name) + " ORDER BY _rowid_"
}

func names(t *table) string {
	quoted := make([]string, len(t.columns))
	for i, c := range t.columns {
		quoted[i] = quote(c.name)
	}
	return strings.Join(quoted, ", ")
}

// refusedLine is where PostgreSQL says which line of a COPY it does not take, in most of its languages. The rest of that
// text is the value, which is nobody's business.
var refusedLine = regexp.MustCompile(`(?m)^COPY \S+, \S+ (\d+)`)

// refused says which row PostgreSQL did not take, and why.
func refused(ctx context.Context, from *dbutil.Database, t *table, cause error) error {
	var answer *pgconn.PgError
	if !errors.As(cause, &answer) {
		return fmt.Errorf("copy table %s: %w", t.name, cause)
	}
	where := "table " + t.name
	if found := refusedLine.FindStringSubmatch(answer.Where); found != nil {
		line, _ := strconv.Atoi(found[1]) // digits, and no more than there are rows
		var row int64
		query := "SELECT _rowid_ FROM " + quote(t.name) + " ORDER BY _rowid_ LIMIT 1 OFFSET $1"
		if err := from.QueryRow(ctx, query, line-1).Scan(&row); err == nil {
			where = place(t, row, answer.ColumnName)
		}
	}
	return fmt.Errorf("%s: PostgreSQL does not take it (%s, %s): %w", where, answer.Message, answer.Code, errs.ErrInvalid)
}

// place names a row by SQLite's own number for it, since its key may be somebody's phone number.
func place(t *table, row int64, column string) string {
	where := fmt.Sprintf("table %s of the old database, row %d", t.name, row)
	if column != "" {
		where += ", column " + column
	}
	return where + fmt.Sprintf(" (look at it with: SELECT * FROM %s WHERE _rowid_=%d; correct or delete it)", quote(t.name), row)
}

// rowReader is a table's rows as COPY reads them.
type rowReader struct {
	rows    dbutil.Rows
	table   *table
	copied  func(int64)
	pending []byte // encoded and not read yet
	err     error  // other than io.EOF
}

const readAhead = 64 << 10 // bytes

// Read implements io.Reader.
func (r *rowReader) Read(into []byte) (int, error) {
	if len(r.pending) == 0 {
		if err := r.encode(); err != nil {
			if !errors.Is(err, io.EOF) {
				r.err = err
			}
			return 0, err
		}
	}
	n := copy(into, r.pending)
	r.pending = r.pending[n:]
	return n, nil
}

// encode encodes some rows; io.EOF if there are none.
func (r *rowReader) encode() error {
	var encoded []byte
	var done int64
	values := make([]any, len(r.table.columns))
	var row int64
	into := []any{&row}
	for i := range values {
		into = append(into, &values[i])
	}
	for len(encoded) < readAhead && r.rows.Next() {
		if err := r.rows.Scan(into...); err != nil {
			return fmt.Errorf("read table %s: %w", r.table.name, err)
		}
		for i, c := range r.table.columns {
			var err error
			if encoded, err = appendValue(encoded, c.kind, values[i]); err != nil {
				return fmt.Errorf("%s: %w", place(r.table, row, c.name), err)
			}
			encoded = append(encoded, '\t')
		}
		encoded[len(encoded)-1] = '\n'
		done++
	}
	if err := r.rows.Err(); err != nil {
		return fmt.Errorf("read table %s: %w", r.table.name, err)
	} else if done == 0 {
		return io.EOF
	}
	r.copied(done)
	r.pending = encoded
	return nil
}
