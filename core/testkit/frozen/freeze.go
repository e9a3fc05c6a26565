package frozen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rs/zerolog"

	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/testkit/db"
	"puente/core/testkit/fulldb"
)

// Folder is where the frozen releases are, Migrations where the migration files are, from the project's folder.
const (
	Folder     = "core/testkit/frozen"
	Migrations = "core/base/store/upgrades"
)

// Freeze writes the databases that this program makes as those of a release, below root, the project's folder. A release
// that is frozen already is an errs.ErrConflict, unless again says that it has not been released yet.
func Freeze(ctx context.Context, root, release string, again bool) error {
	if !regexp.MustCompile(`^v\d+\.\d+\.\d+$`).MatchString(release) {
		return fmt.Errorf("%q is no release: write one like v0.2.0: %w", release, errs.ErrInvalid)
	}
	folder := filepath.Join(root, Folder, release)
	if _, err := os.Stat(folder); err == nil && !again {
		return fmt.Errorf("%s is frozen, and what is released does not change: %w", release, errs.ErrConflict)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for %s: %w", folder, err)
	}
	sqlite, err := freezeSQLite(ctx)
	if err != nil {
		return err
	}
	postgres, err := freezePostgres(ctx)
	if err != nil {
		return err
	}
	sums, err := SumOf(filepath.Join(root, Migrations))
	if err != nil {
		return err
	}
	if err = os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // part of the source, for everybody to read
		return fmt.Errorf("make %s: %w", folder, err)
	}
	for name, text := range map[string]string{sqliteFile: sqlite, postgresFile: postgres, sumsFile: sumsText(sums)} {
		if err = os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil { //nolint:gosec // as above
			return fmt.Errorf("write what is frozen: %w", err)
		}
	}
	return nil
}

// fill makes all tables of a database, and rows in them.
func fill(ctx context.Context, cfg store.Config) error {
	handle, err := store.Open(ctx, cfg, zerolog.Nop())
	if err != nil {
		return err
	}
	if err = fulldb.Make(ctx, handle); err == nil {
		err = fulldb.Fill(ctx, handle)
	}
	if err == nil { // what a running Puente leaves on PostgreSQL
		_, err = handle.Exec(ctx, "INSERT INTO pu_lease (id, holder, taken_at) VALUES (1, 'somebody', 1700000000000)")
	}
	return errors.Join(err, handle.Close())
}

func freezePostgres(ctx context.Context) (text string, err error) {
	fresh, drop, err := db.CreatePostgres()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, drop()) }()
	if err = fill(ctx, fresh.Config); err != nil {
		return "", err
	}
	program, err := db.Binary("pg_dump")
	if err != nil {
		return "", err
	}
	//nolint:gosec // G204: the installed pg_dump
	cmd := exec.CommandContext(ctx, program, "--no-owner", "--no-privileges", "--inserts", "--dbname", fresh.Config.URI)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("dump the PostgreSQL database: %w: %s", err, bytes.TrimSpace(problems.Bytes()))
	}
	return portable(string(out)), nil
}

// settings are lines that one version of pg_dump writes and another server does not know, and psql's own commands.
var settings = regexp.MustCompile(`(?m)^(SET |SELECT pg_catalog\.set_config\(|\\restrict |\\unrestrict |--).*\n`)

func portable(dump string) string {
	text := settings.ReplaceAllString(dump, "")
	return strings.TrimLeft(regexp.MustCompile(`\n{3,}`).ReplaceAllString(text, "\n\n"), "\n")
}
