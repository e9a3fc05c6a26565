// Package frozen keeps, for each release, a database as that release left it: all tables, with rows in each, for SQLite
// and for PostgreSQL, and the sums of its migration files. The tests have today's program upgrade each of them.
package frozen

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
)

//go:embed v*
var releases embed.FS

// The files of a release's folder.
const (
	sqliteFile   = "sqlite.sql"
	postgresFile = "postgres.sql"
	sumsFile     = "migrations.sha256"
)

// Releases are the frozen releases, such as "v0.1.0".
func Releases() ([]string, error) {
	folders, err := fs.ReadDir(releases, ".")
	if err != nil {
		return nil, fmt.Errorf("list frozen releases: %w", err)
	}
	names := make([]string, len(folders))
	for i, folder := range folders {
		names[i] = folder.Name()
	}
	return names, nil
}

// Restore fills an empty database with a release's.
func Restore(ctx context.Context, db *dbutil.Database, release string) error {
	file := sqliteFile
	if db.Dialect == dbutil.Postgres {
		file = postgresFile
	}
	script, err := releases.ReadFile(release + "/" + file)
	if err != nil {
		return fmt.Errorf("read the frozen database of %s: %w", release, err)
	}
	conn, err := db.RawDB.Conn(ctx)
	if err != nil {
		return fmt.Errorf("restore %s: %w", release, err)
	}
	if db.Dialect == dbutil.Postgres {
		err = conn.Raw(func(driver any) error { // several statements at once
			_, err := driver.(*stdlib.Conn).Conn().PgConn().Exec(ctx, string(script)).ReadAll()
			return err
		})
	} else {
		_, err = conn.ExecContext(ctx, string(script))
	}
	if err = errors.Join(err, conn.Close()); err != nil {
		return fmt.Errorf("restore %s: %w", release, err)
	}
	return nil
}

// Sums are the SHA-256 sums of a release's migration files, by their names.
func Sums(release string) (map[string]string, error) {
	text, err := releases.ReadFile(release + "/" + sumsFile)
	if err != nil {
		return nil, fmt.Errorf("read the sums of %s: %w", release, err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		sum, name, found := strings.Cut(strings.TrimSpace(line), "  ")
		if !found {
			return nil, fmt.Errorf("the sums of %s have a line that is none: %w", release, errs.ErrInvalid)
		}
		sums[name] = sum
	}
	return sums, nil
}

// SumOf are the sums of the migration files in a folder, by their names.
func SumOf(folder string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("sum up a migration: %w", err)
		}
		sum := sha256.Sum256(content)
		sums[filepath.Base(file)] = hex.EncodeToString(sum[:])
	}
	return sums, nil
}

// sumsText is what `sha256sum` would print.
func sumsText(sums map[string]string) string {
	var lines []string
	for name, sum := range sums {
		lines = append(lines, sum+"  "+name+"\n")
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[64:], b[64:]) })
	return strings.Join(lines, "")
}
