package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"go.mau.fi/util/dbutil"

	"puente/core/app"
	"puente/core/base/clock"
	"puente/core/base/store"
	"puente/core/desk/audit"
	"puente/core/desk/customer"
)

func customersCommand(load loader) *cobra.Command {
	cmd := &cobra.Command{Use: "customers", Short: "Export and import customers as CSV"}
	cmd.AddCommand(exportCustomers(load), importCustomers(load))
	return cmd
}

// excel begins a file whose letters Excel would otherwise misread.
const excel = "\uFEFF"

func exportCustomers(load loader) *cobra.Command {
	return &cobra.Command{
		Use: "export <file.csv>", Short: "Write all customers to a file", Args: cobra.ExactArgs(1),
		Long: "Writes all customers with what is known of them to a CSV file: their names, languages, labels, attributes and contacts. " +
			"It may be done while Puente runs. The file holds personal data: keep it where nobody else reads it.",
		RunE: func(cmd *cobra.Command, args []string) error {
			customers, db, err := openCustomers(cmd, load, store.OpenReadOnly)
			if err != nil {
				return err
			}
			defer func() { _ = db.Close() }()
			file, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return fmt.Errorf("write the customers: %w", err)
			}
			bar := newCounting(cmd.ErrOrStderr(), "customers")
			_, err = io.WriteString(file, excel)
			if err == nil {
				err = customers.Export(cmd.Context(), file, func(done, total int) { bar.show(int64(done), int64(total)) })
			}
			bar.end()
			if err = errors.Join(err, file.Close()); err != nil {
				_ = os.Remove(args[0]) // half of it would pass for the whole
				return fmt.Errorf("export the customers: %w", err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d customers are in %s.\n", bar.done, args[0])
			return err
		},
	}
}

func importCustomers(load loader) *cobra.Command {
	var rejected string
	cmd := &cobra.Command{
		Use: "import <file.csv>", Short: "Read customers from a file", Args: cobra.ExactArgs(1),
		Long: "Reads customers from a CSV file with the columns that `puente customers export` writes. A line finds its customer by id, else by " +
			"contacts; one without either makes a new customer each time. An empty cell leaves what is known as it is, a - clears it. " +
			"Lines that are wrong are left out and told, and kept with --rejected, to be mended and read again. On SQLite stop Puente first.",
		RunE: func(cmd *cobra.Command, args []string) error {
			customers, db, err := openCustomers(cmd, load, store.Open)
			if err != nil {
				return err
			}
			defer func() { _ = db.Close() }()
			return readCustomers(cmd, customers, args[0], rejected)
		},
	}
	cmd.Flags().StringVar(&rejected, "rejected", "", "a file to which the lines that were left out are written, each with its reason")
	return cmd
}

// mostTold is how many lines that were left out are told one by one.
const mostTold = 20

func readCustomers(cmd *cobra.Command, customers *customer.Customers, path, rejected string) error {
	file, err := os.Open(path) // #nosec G304 -- the user names the file
	if err != nil {
		return fmt.Errorf("read customers: %w", err)
	}
	defer func() { _ = file.Close() }()
	about, err := file.Stat()
	if err != nil {
		return fmt.Errorf("read customers: %w", err)
	}
	bar := newCounting(cmd.ErrOrStderr(), "bytes")
	report, stopped := customers.Import(cmd.Context(), file, whoever(), func(_ int, bytes int64) { bar.show(bytes, about.Size()) })
	bar.end()
	err = tellImport(cmd.OutOrStdout(), report, rejected)
	if stopped != nil { // what was read until then is told all the same
		return errors.Join(fmt.Errorf("import customers: %w", stopped), err)
	}
	return err
}

// tellImport tells what became of the lines, and writes those that were left out.
func tellImport(out io.Writer, report customer.Report, rejected string) error {
	fmt.Fprintf(out, "New: %d, changed: %d, unchanged: %d, left out: %d.\n", report.Created, report.Changed, report.Unchanged, len(report.Rejected))
	for _, one := range report.Rejected[:min(len(report.Rejected), mostTold)] {
		where := ""
		if one.Column != "" {
			where = ", column " + one.Column
		}
		fmt.Fprintf(out, "  line %d%s: %s\n", one.Line, where, one.Reason)
	}
	if rejected == "" || len(report.Rejected) == 0 {
		return nil
	}
	return writeRejected(out, report, rejected)
}

func writeRejected(out io.Writer, report customer.Report, path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the lines that were left out: %w", err)
	}
	if err = errors.Join(report.WriteRejected(file), file.Close()); err != nil {
		return fmt.Errorf("write the lines that were left out: %w", err)
	}
	_, err = fmt.Fprintf(out, "They are in %s; mend them there and import that file.\n", path)
	return err
}

// whoever is who did it, for the audit log.
func whoever() string {
	if who, err := user.Current(); err == nil && who.Username != "" {
		return "command line: " + who.Username
	}
	return "command line"
}

// openCustomers opens the customers of the config's database, whose tables must be this program's.
func openCustomers(cmd *cobra.Command, load loader, open opener) (*customer.Customers, *dbutil.Database, error) {
	cfg, err := load()
	if err != nil {
		return nil, nil, err
	}
	db, err := open(cmd.Context(), app.StoreConfig(cfg), zerolog.Nop())
	if err != nil {
		return nil, nil, fmt.Errorf("database: %w", err)
	}
	if err = store.CheckSchema(cmd.Context(), db); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return customer.New(db, audit.New(db), clock.System{}), db, nil
}
