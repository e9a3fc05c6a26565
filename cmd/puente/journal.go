package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

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
	cmd.AddCommand(journalList(load), journalShow(load), journalRetry(load))
	return cmd
}

// openJournal opens the journal for looking, beside a running Puente too.
func openJournal(ctx context.Context, load loader) (*journal.Journal, *dbutil.Database, error) {
	cfg, err := load()
	if err != nil {
		return nil, nil, err
	}
	db, err := store.OpenReadOnly(ctx, storeConfig(cfg), zerolog.Nop())
	if err != nil {
		return nil, nil, err
	}
	if err = store.CheckSchema(ctx, db); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return journal.New(db, journal.Options{}), db, nil
}

func storeConfig(cfg *config.Config) store.Config {
	return store.Config{Type: cfg.Database.Type, URI: cfg.Database.URI, MaxOpenConns: cfg.Database.MaxOpenConns}
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
			return printJournal(cmd.OutOrStdout(), records, counts)
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only these: waiting, done or failed")
	cmd.Flags().StringVar(&source, "source", "", "only what came from there: matrix, or a network's ID")
	cmd.Flags().IntVar(&limit, "limit", 50, "how many at most")
	cmd.Flags().Int64Var(&before, "before", 0, "only entries with a smaller number: the next page")
	return cmd
}

func printJournal(out io.Writer, records []journal.Record, counts []journal.Count) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if len(records) > 0 {
		_, _ = fmt.Fprintln(table, "NUMBER\tRECEIVED\tSOURCE\tKIND\tSTATE\tATTEMPTS\tREASON")
	}
	for _, r := range records {
		_, _ = fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%d\t%s\n",
			r.ID, r.ReceivedAt.Local().Format(time.DateTime), r.Source, r.Kind, r.State, r.Attempts, r.Reason)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the journal: %w", err)
	}
	for _, c := range counts {
		if _, err := fmt.Fprintf(out, "%s: %d %s, the oldest from %s\n", c.Source, c.Entries, c.State, c.Oldest.Local().Format(time.DateTime)); err != nil {
			return fmt.Errorf("print the journal: %w", err)
		}
	}
	if len(counts) == 0 {
		_, err := fmt.Fprintln(out, "The journal is empty.")
		return err
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
			if err = printJournal(cmd.OutOrStdout(), []journal.Record{record}, []journal.Count{}); err != nil {
				return err
			}
			payload := record.Payload
			var pretty json.RawMessage
			if json.Unmarshal(payload, &pretty) == nil {
				payload, _ = json.MarshalIndent(pretty, "", "  ")
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), string(payload))
			return err
		},
	}
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
	db, err := store.Open(ctx, storeConfig(cfg), zerolog.Nop())
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	if err = store.CheckSchema(ctx, db); err != nil {
		return 0, err
	}
	return journal.New(db, journal.Options{}).Retry(ctx, ids...)
}
