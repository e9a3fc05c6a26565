package store

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
)

// versionTable holds the version of Puente's own schema; bridgev2 keeps its own in "version".
const versionTable = "pu_version"

//go:embed upgrades/*.sql
var upgrades embed.FS

// Upgrade brings Puente's own tables up to what this program knows. A database that a newer Puente
// wrote is refused: the error wraps dbutil.ErrUnsupportedDatabaseVersion, names both versions and the mend.
func Upgrade(ctx context.Context, db *dbutil.Database) error {
	table := dbutil.BuildUpgradeTable().WithFSPath(upgrades, "upgrades").Finish()
	child := db.Child(versionTable, table, nil)
	err := child.Upgrade(ctx)
	if errors.Is(err, dbutil.ErrUnsupportedDatabaseVersion) {
		return newerDatabase(ctx, child)
	} else if err != nil {
		return fmt.Errorf("upgrade database schema: %w", err)
	}
	return nil
}

// newerDatabase says in one line which version the database has, which one this program knows, and what to do.
func newerDatabase(ctx context.Context, child *dbutil.Database) error {
	var version int
	if err := child.QueryRow(ctx, "SELECT version FROM "+versionTable).Scan(&version); err != nil {
		return fmt.Errorf("read database schema version: %w", err)
	}
	return fmt.Errorf("the database has schema version %d, this Puente knows up to %d: install the newer Puente that wrote it, or restore a backup from before its upgrade: %w",
		version, len(child.UpgradeTable), dbutil.ErrUnsupportedDatabaseVersion)
}

// CheckSchema tells, without changing anything, whether the tables are there and of a version that
// this program can read; for those who opened the database read-only.
func CheckSchema(ctx context.Context, db *dbutil.Database) error {
	table := dbutil.BuildUpgradeTable().WithFSPath(upgrades, "upgrades").Finish()
	child := db.Child(versionTable, table, nil)
	exists, err := child.TableExists(ctx, versionTable)
	if err != nil {
		return fmt.Errorf("look for database schema: %w", err)
	} else if !exists {
		return fmt.Errorf("the database has no tables yet: they are created by the first start: %w", errs.ErrNotFound)
	}
	var version, readableFrom int
	err = child.QueryRow(ctx, "SELECT version, COALESCE(compat, version) FROM "+versionTable).Scan(&version, &readableFrom)
	if err != nil {
		return fmt.Errorf("read database schema version: %w", err)
	}
	switch {
	case readableFrom > len(table):
		return newerDatabase(ctx, child)
	case version < len(table):
		return fmt.Errorf("the database has schema version %d, this Puente needs %d: start Puente once, it upgrades the database: %w",
			version, len(table), errs.ErrConflict)
	}
	return nil
}
