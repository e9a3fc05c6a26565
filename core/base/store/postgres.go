package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
)

const (
	postgresConns  = 20
	connectTimeout = 10 * time.Second
)

func openPostgres(ctx context.Context, cfg Config, readOnly bool) (*dbutil.Database, error) {
	settings, err := postgresSettings(cfg)
	if err != nil {
		return nil, err
	}
	if settings.RuntimeParams["application_name"] == "" {
		settings.RuntimeParams["application_name"] = "puente"
	}
	if readOnly {
		settings.RuntimeParams["default_transaction_read_only"] = "on"
	}
	db, err := dbutil.NewWithDB(stdlib.OpenDB(*settings), "pgx")
	if err != nil {
		return nil, err
	}
	most := cfg.MaxOpenConns
	if most <= 0 {
		most = postgresConns
	}
	setPool(db, most)
	pingCtx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err = db.RawDB.PingContext(pingCtx); err != nil {
		return nil, errors.Join(explainPostgres(err, settings), db.Close())
	}
	return db, nil
}

// postgresSettings reads the URI; what is wrong with it is an errs.ErrInvalid without the password.
func postgresSettings(cfg Config) (*pgx.ConnConfig, error) {
	if err := checkPostgresURI(cfg.URI); err != nil {
		return nil, err
	}
	settings, err := pgx.ParseConfig(cfg.URI)
	if err != nil {
		// The parser's own text quotes the URI, and a password may be in it.
		return nil, fmt.Errorf("database.uri cannot be read: write postgres://user:password@host:5432/database?sslmode=…, with special characters of the password %%-escaped: %w", errs.ErrInvalid)
	}
	if settings.ConnectTimeout == 0 {
		settings.ConnectTimeout = connectTimeout
	}
	return settings, nil
}

func checkPostgresURI(uri string) error {
	scheme, _, hasScheme := strings.Cut(uri, "://")
	switch {
	case hasScheme && (scheme == "postgres" || scheme == "postgresql"):
		return nil
	case !hasScheme && strings.Contains(uri, "=") && !strings.HasPrefix(uri, "file:"):
		return nil // key=value settings
	}
	return fmt.Errorf("database.uri is no PostgreSQL address, but database.type is %s: write postgres://user:password@host:5432/database, or set database.type to %s: %w",
		Postgres, SQLite, errs.ErrInvalid)
}

// explainPostgres says what is wrong and what to do, without the password.
// ref: https://www.postgresql.org/docs/current/errcodes-appendix.html
func explainPostgres(err error, settings *pgx.ConnConfig) error {
	where := fmt.Sprintf("%s as user %s, database %s", address(settings), settings.User, settings.Database)
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "28P01", "28000": // invalid_password, invalid_authorization_specification
			return fmt.Errorf("database.uri: PostgreSQL at %s refuses the user or the password: correct them, or pg_hba.conf (%s): %w", where, refused.Code, errs.ErrForbidden)
		case "3D000": // invalid_catalog_name
			return fmt.Errorf("database.uri: PostgreSQL at %s has no such database: create it (createdb --encoding=UTF8): %w", where, errs.ErrNotFound)
		}
		return fmt.Errorf("database.uri: PostgreSQL at %s answers %q (%s): %w", where, refused.Message, refused.Code, refused)
	}
	cause := err
	var dial *net.OpError
	if errors.As(err, &dial) {
		cause = dial
	}
	return fmt.Errorf("database.uri: PostgreSQL at %s cannot be reached; is it running, and are host, port and sslmode right: %w", where, cause)
}

func address(settings *pgx.ConnConfig) string {
	if strings.HasPrefix(settings.Host, "/") {
		return settings.Host
	}
	return net.JoinHostPort(settings.Host, fmt.Sprint(settings.Port))
}
