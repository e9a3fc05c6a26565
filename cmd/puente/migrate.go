package main

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"puente/core/app"
	"puente/core/app/migrate"
	"puente/core/base/errs"
	"puente/core/base/store"
)

// migrator moves a SQLite installation to PostgreSQL.
type migrator struct {
	configPath *string
	load       loader
	to, toFile string
}

func migrateCommand(configPath *string, load loader) *cobra.Command {
	m := &migrator{configPath: configPath, load: load}
	cmd := &cobra.Command{
		Use: "migrate", Short: "Move everything from SQLite to an empty PostgreSQL database", Args: cobra.NoArgs,
		Long: "Copies all that the SQLite database of the config holds into an empty PostgreSQL database, counts both, and says " +
			"what to change in the config. Stop Puente first. Either all is moved or nothing: an interrupted move can be done again. " +
			"The SQLite file stays as it is; once Puente runs on PostgreSQL, do not go back to it.",
		Example: "  puente migrate --to 'postgres://puente:password@localhost/puente?sslmode=disable'",
		RunE:    func(cmd *cobra.Command, _ []string) error { return m.run(cmd) },
	}
	cmd.Flags().StringVar(&m.to, "to", "", "the address of the PostgreSQL database, as database.uri takes it")
	cmd.Flags().StringVar(&m.toFile, "to-file", "", "a file that holds that address: so the password is in no list of processes")
	cmd.MarkFlagsMutuallyExclusive("to", "to-file")
	return cmd
}

func (m *migrator) run(cmd *cobra.Command) error {
	cfg, err := m.load()
	if err != nil {
		return err
	}
	to, err := m.target()
	if err != nil {
		return err
	}
	moved, err := migrate.Run(cmd.Context(), migrate.Options{
		From: app.StoreConfig(cfg), To: to, Progress: newMoving(cmd.OutOrStdout()), Log: zerolog.Nop(),
	})
	if err != nil {
		return fmt.Errorf("nothing was moved: %w", err)
	}
	if err = printMoved(cmd.OutOrStdout(), moved); err != nil {
		return err
	}
	return m.tell(cmd.OutOrStdout(), cfg.Database.URI, to.URI)
}

// target reads the address; errors about it speak of database.uri, which it is going to be.
func (m *migrator) target() (store.Config, error) {
	uri := m.to
	if m.toFile != "" {
		content, err := os.ReadFile(m.toFile)
		if err != nil {
			return store.Config{}, fmt.Errorf("--to-file: %w", err)
		}
		uri = strings.TrimSpace(string(content))
	}
	if uri == "" {
		return store.Config{}, fmt.Errorf("where to is missing: give the address of the PostgreSQL database with --to or --to-file: %w", errs.ErrInvalid)
	}
	return store.Config{Type: store.Postgres, URI: uri}, nil
}

func printMoved(out io.Writer, moved []migrate.Table) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "SQLITE\tPOSTGRESQL\t  TABLE")
	var rows int64
	for _, t := range moved {
		_, _ = fmt.Fprintf(table, "%d\t%d\t  %s\n", t.Read, t.Written, t.Name)
		rows += t.Written
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print what was moved: %w", err)
	}
	if _, err := fmt.Fprintf(out, "All %d rows of %d tables are in PostgreSQL.\n", rows, len(moved)); err != nil {
		return fmt.Errorf("print what was moved: %w", err)
	}
	return nil
}

// tell says what to do next. The password is not repeated: what is printed may be kept.
func (m *migrator) tell(out io.Writer, from, to string) error {
	address, hint := "the address that you gave", ""
	if parsed, err := url.Parse(to); err == nil && parsed.Scheme != "" {
		address = parsed.Redacted()
		if _, secret := parsed.User.Password(); secret {
			hint = "   # with the password in the place of xxxxx"
		}
	}
	_, err := fmt.Fprintf(out, `
Next:
1. In %s, change these lines:
     database:
         type: postgres
         uri: %s%s
   If the environment sets PUENTE_DATABASE_TYPE or PUENTE_DATABASE_URI, change them there.
2. %s
3. %s
4. Keep %s until all is well, then delete it; do not start Puente on it again.
`, *m.configPath, address, hint, command("check", *m.configPath), command("run", *m.configPath), from)
	if err != nil {
		return fmt.Errorf("tell what to do next: %w", err)
	}
	return nil
}
