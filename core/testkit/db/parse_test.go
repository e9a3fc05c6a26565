package db_test

import (
	"bufio"
	"io"
	"net/url"
	"testing"
)

func socketDir(t *testing.T, uri string) string {
	t.Helper()
	address, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	return address.Query().Get("host")
}

func firstLine(t *testing.T, from io.Reader) string {
	t.Helper()
	lines := bufio.NewScanner(from)
	if !lines.Scan() {
		t.Fatalf("the child printed nothing: %v", lines.Err())
	}
	return lines.Text()
}
