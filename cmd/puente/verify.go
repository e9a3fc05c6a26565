package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"puente/core/app"
	"puente/core/base/errs"
	"puente/core/hub"
)

// errNotWhole ends `puente journal verify` with 1 when something is lost or doubled.
var errNotWhole = errors.New("something is lost or doubled")

func journalVerify(load loader) *cobra.Command {
	var hours int
	cmd := &cobra.Command{
		Use: "verify", Short: "Compare the rooms with the journal: what is lost, late or doubled", Args: cobra.NoArgs,
		Long: `Compare the rooms with the journal: what is lost, late or doubled

The running Puente asks the homeserver what is in the rooms in which something happened, and compares it with what
arrived. What the homeserver had not handed over is taken in at once. It ends with 1 if something is lost or doubled.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if hours < 1 {
				return fmt.Errorf("--hours must be 1 or more: %w", errs.ErrInvalid)
			}
			cfg, err := load()
			if err != nil {
				return err
			}
			result, err := app.VerifyAt(cmd.Context(), cfg, hours, func(done, of int) {
				_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "\r%d of %d rooms", done, of)
				if done == of {
					_, _ = fmt.Fprintln(cmd.ErrOrStderr())
				}
			})
			if errors.Is(err, errs.ErrNotFound) {
				return fmt.Errorf("%w: start it (puente run), since it is the one who may ask the homeserver", err)
			} else if err != nil {
				return err
			}
			if err = printVerification(cmd.OutOrStdout(), result); err != nil {
				return err
			} else if !result.Whole() {
				return errNotWhole
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&hours, "hours", 24, "how far back to look")
	return cmd
}

func printVerification(out io.Writer, v hub.Verification) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "NETWORK\tDIRECTION\tSEEN\tWAITING\tFAILED\tLATE\tLOST\tDOUBLED")
	for _, t := range v.Tallies {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\n", t.Network, t.Direction, t.Seen, t.Waiting, t.Failed, t.Late, t.Lost, t.Doubled)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the verification: %w", err)
	}
	for _, e := range v.Examples {
		_, _ = fmt.Fprintf(out, "%s: %s %s %s in %s\n", e.What, e.Network, e.Direction, e.Event, e.Room)
	}
	_, err := fmt.Fprintf(out, "%d rooms since %s; %d events that the homeserver had not handed over were taken in.\n",
		v.Rooms, v.Since.Local().Format(time.DateTime), v.TakenIn)
	if err != nil {
		return fmt.Errorf("print the verification: %w", err)
	}
	return nil
}
