package customer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"puente/core/base/errs"
	"puente/core/base/store"
)

const (
	// A transaction is short enough for messages to be handled in between, and long enough for its commit not to matter.
	batchLines = 200
	batchBytes = 1 << 20
	// Lines that are wrong are kept until the import ends.
	mostRejected      = 10_000
	mostRejectedBytes = 16 << 20
)

// Import reads what Export writes, or a spreadsheet's like, and adds and changes customers as by. A line is matched by
// its ID, else by its contacts, else it is a new customer. An empty cell leaves a field as it is, a - clears it; labels
// are replaced, contacts are added. Columns may be left out; an unknown one is an errs.ErrInvalid whose errs.Message
// names it, and nothing is changed. A line that is wrong is rejected, and the others go on. progress, if it is not nil,
// is told how many lines and bytes are dealt with. With an error the Report tells what is done; the same file may be
// imported once more.
func (s *Customers) Import(ctx context.Context, r io.Reader, by string, progress func(done int, bytes int64)) (Report, error) {
	var report Report
	if by == "" {
		return report, fmt.Errorf("import by nobody: %w", errs.ErrInvalid)
	}
	file, err := openTable(r)
	if err != nil && !errors.Is(err, io.EOF) {
		return report, fmt.Errorf("read customers: %w", err)
	}
	if report.columns, err = readHeader(file); err != nil {
		return report, err
	}
	for done, last := 0, false; !last; {
		var batch []record
		if batch, last, err = readBatch(file); err != nil {
			return report, err
		}
		part, err := s.importBatch(ctx, report.columns, batch, by)
		if err != nil {
			return report, err
		}
		report.add(part)
		if done += len(batch); progress != nil {
			progress(done, file.bytes)
		}
		if report.full() {
			return report, errs.Tell(fmt.Errorf("import stopped: too many lines are wrong: %w", errs.ErrInvalid),
				"Too many lines are wrong, so the import stopped; mend those that were rejected and import the file again.")
		}
	}
	return report, nil
}

// readBatch reads the records of a transaction; last tells that there are no more. It reads before the transaction
// begins, since the file may come slowly.
func readBatch(file *table) (batch []record, last bool, err error) {
	from := file.bytes
	for len(batch) < batchLines && file.bytes-from < batchBytes {
		one, err := file.next()
		if errors.Is(err, io.EOF) {
			return batch, true, nil
		} else if err != nil {
			return nil, false, fmt.Errorf("read customers behind line %d: %w", file.line, err)
		}
		batch = append(batch, one)
	}
	return batch, false, nil
}

func (s *Customers) importBatch(ctx context.Context, columns []string, batch []record, by string) (part Report, err error) {
	err = s.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		for _, one := range batch {
			done, err := s.importRecord(ctx, columns, one, by)
			var why *wrong
			switch {
			case errors.As(err, &why):
				part.reject(one, why)
			case err != nil:
				return fmt.Errorf("import line %d: %w", one.line, err)
			default:
				part.count(done)
			}
		}
		return nil
	})
	return part, err
}

// importRecord is all or nothing: a line that is wrong takes back what it has done.
func (s *Customers) importRecord(ctx context.Context, columns []string, one record, by string) (fate, error) {
	if one.wrong != "" {
		return nothing, &wrong{reason: one.wrong}
	}
	w, any, err := readWish(columns, one.cells)
	if err != nil || !any {
		return nothing, err
	}
	if _, err = s.db.Exec(ctx, `SAVEPOINT customer_import`); err != nil {
		return nothing, fmt.Errorf("begin line: %w", err)
	}
	done, err := s.grant(ctx, w, by)
	if why := (*wrong)(nil); errors.As(err, &why) {
		if _, undone := s.db.Exec(ctx, `ROLLBACK TO SAVEPOINT customer_import`); undone != nil {
			return nothing, fmt.Errorf("take line back: %w", undone)
		}
	} else if err != nil {
		return nothing, err
	}
	if _, released := s.db.Exec(ctx, `RELEASE SAVEPOINT customer_import`); released != nil {
		return nothing, fmt.Errorf("end line: %w", released)
	}
	return done, err
}
