package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // registers "pgx"
)

// createDatabase makes a database of a random name on the test server, dropped when the test ends,
// and returns its URI.
func createDatabase(t testing.TB) (string, error) {
	admin, err := sharedServer()
	if err != nil {
		return "", err
	}
	name := "test_" + strings.ToLower(rand.Text()[:16])
	if err = execAdmin(admin, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("create test database: %w", err)
	}
	t.Cleanup(func() {
		if err := execAdmin(admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop test database: %v", err)
		}
	})
	address, err := url.Parse(admin)
	if err != nil {
		return "", fmt.Errorf("read %s, which must be a postgres:// URI: %w", ServerVariable, err)
	}
	address.Path = "/" + name
	return address.String(), nil
}

func execAdmin(admin, statement string) error {
	handle, err := sql.Open("pgx", admin)
	if err != nil {
		return err
	}
	_, err = handle.ExecContext(context.Background(), statement)
	return errors.Join(err, handle.Close())
}
