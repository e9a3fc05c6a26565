package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"go.mau.fi/util/dbutil"

	"puente/core/app"
	"puente/core/base/config"
	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/base/store"
)

func journalCommand(load loader) *cobra.Command {
	cmd := &cobra.Command{Use: "journal", Short: "Look at what arrived and what became of it"}
	cmd.AddCommand(journalList(load), journalShow(load), journalRetry(load), journalVerify(load))
	return cmd
}

// openJournal opens the journal for looking, beside a running Puente too.
func openJournal(ctx context.Context, load loader) (*journal.Journal, *dbutil.Database, error) {
	cfg, err := load()
	if err != nil {
		return nil, nil, err
	}
	db, err := store.OpenReadOnly(ctx, app.StoreConfig(cfg), zerolog.Nop())
	if err != nil {
		return nil, nil, err
	}
	if err = store.CheckSchema(ctx, db); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return journal.New(db, journal.Options{}), db, nil
}

func journalList(load loader) *cobra.Command {
	var state, source string
	var limit int
	var before int64
	cmd := &cobra.Command{
		Use: "list", Short: "List entries, newest first, and count them all", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch journal.State(state) {
			case "", journal.Waiting, journal.Done, journal.Failed:
			default:
				return fmt.Errorf("--state must be waiting, done or failed: %w", errs.ErrInvalid)
			}
			j, db, err := openJournal(cmd.Context(), load)
			if err != nil {
				return err
			}
			defer func() { _ = db.Close() }()
			records, err := j.List(cmd.Context(), journal.Filter{State: journal.State(state), Source: source, Limit: limit, Before: before})
			if err != nil {
				return err
			}
			counts, err := j.Counts(cmd.Context())
			if err != nil {
				return err
			}
			if err = printRecords(cmd.OutOrStdout(), records); err != nil {
				return err
			}
			return printCounts(cmd.OutOrStdout(), counts)
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only these: waiting, done or failed")
	cmd.Flags().StringVar(&source, "source", "", "only what came from there: matrix, or a network's ID")
	cmd.Flags().IntVar(&limit, "limit", 50, "how many at most")
	cmd.Flags().Int64Var(&before, "before", 0, "only entries with a smaller number: the next page")
	return cmd
}

func printRecords(out io.Writer, records []journal.Record) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if len(records) > 0 {
		_, _ = fmt.Fprintln(table, "NUMBER\tRECEIVED\tSOURCE\tKIND\tSTATE\tATTEMPTS\tREASON")
	}
	for _, r := range records {
		_, _ = fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%d\t%s\n", r.ID, r.ReceivedAt.Local().Format(time.DateTime),
			printable(r.Source), printable(r.Kind), r.State, r.Attempts, printable(r.Reason))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the journal: %w", err)
	}
	return nil
}

// printable keeps what stands in a table on its line, and control characters away from the terminal.
func printable(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
}

func printCounts(out io.Writer, counts []journal.Count) error {
	for _, c := range counts {
		if _, err := fmt.Fprintf(out, "%s: %d %s, the oldest from %s\n", c.Source, c.Entries, c.State, c.Oldest.Local().Format(time.DateTime)); err != nil {
			return fmt.Errorf("print the journal: %w", err)
		}
	}
	if len(counts) > 0 {
		return nil
	}
	if _, err := fmt.Fprintln(out, "The journal is empty."); err != nil {
		return fmt.Errorf("print the journal: %w", err)
	}
	return nil
}

func journalShow(load loader) *cobra.Command {
	return &cobra.Command{
		Use: "show <number>", Short: "Print one entry as it arrived (it holds what people wrote)", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := entryNumbers(args)
			if err != nil {
				return err
			}
			j, db, err := openJournal(cmd.Context(), load)
			if err != nil {
				return err
			}
			defer func() { _ = db.Close() }()
			record, err := j.Get(cmd.Context(), ids[0])
			if err != nil {
				return err
			}
			if err = printRecords(cmd.OutOrStdout(), []journal.Record{record}); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), payloadText(record))
			return err
		},
	}
}

// payloadText is what arrived, on several lines if it is JSON, quoted if it may hold what a terminal obeys.
func payloadText(record journal.Record) string {
	var pretty bytes.Buffer
	switch {
	case record.State == journal.Done && len(record.Payload) == 0:
		return "What arrived is no longer kept, since it was dealt with."
	case json.Indent(&pretty, record.Payload, "", "  ") == nil:
		return strings.Map(func(r rune) rune {
			if r != '\n' && unicode.IsControl(r) {
				return unicode.ReplacementChar
			}
			return r
		}, pretty.String())
	}
	return strconv.Quote(string(record.Payload))
}

func entryNumbers(args []string) ([]int64, error) {
	ids := make([]int64, len(args))
	for i, arg := range args {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no entry's number; `puente journal list` shows them: %w", arg, errs.ErrInvalid)
		}
		ids[i] = id
	}
	return ids, nil
}

func journalRetry(load loader) *cobra.Command {
	return &cobra.Command{
		Use: "retry <number>…", Short: "Try again what was set aside as failed", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := entryNumbers(args)
			if err != nil {
				return err
			}
			cfg, err := load()
			if err != nil {
				return err
			}
			retried, err := retry(cmd.Context(), cfg, ids)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d of %d entries will be tried again.\n", retried, len(ids))
			return err
		},
	}
}

// retry asks the running Puente, which has the database to itself if it is SQLite; if none runs, the entries wait for
// the next start.
func retry(ctx context.Context, cfg *config.Config, ids []int64) (int, error) {
	retried, err := app.RetryAt(ctx, cfg, ids)
	if err == nil || !errors.Is(err, errs.ErrNotFound) {
		return retried, err
	}
	// Looking first: opening for writing would make a database where there is none.
	_, look, err := openJournal(ctx, func() (*config.Config, error) { return cfg, nil })
	if err != nil {
		return 0, err
	} else if err = look.Close(); err != nil {
		return 0, fmt.Errorf("close the database: %w", err)
	}
	db, err := store.Open(ctx, app.StoreConfig(cfg), zerolog.Nop())
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	return journal.New(db, journal.Options{}).Retry(ctx, ids...)
}
