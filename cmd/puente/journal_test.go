package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/base/store"
	"puente/core/testkit/db"
)

const payload = `{"from":"@ana:example.com","text":"<b>hola</b> & adiós","id":12345678901234567890}`

// filled makes a database with a done, a waiting and two failed entries, in this order.
func filled(t *testing.T, values map[string]string) {
	t.Helper()
	handle := opened(t, values)
	defer func() { _ = handle.Close() }()
	if err := store.Upgrade(t.Context(), handle); err != nil {
		t.Fatal(err)
	}
	j := journal.New(handle, journal.Options{})
	handled := make(chan struct{})
	j.Handle("matrix", func(context.Context, journal.Entry) error {
		close(handled)
		return nil
	})
	j.Start(t.Context())
	entries := []journal.Entry{
		{Source: "matrix", Key: "1", Lane: "!a", Kind: "event", Payload: []byte(payload)},
		{Source: "elsewhere", Key: "2", Lane: "b", Kind: "message", Payload: []byte(payload)}, // nobody handles it
		{Source: "whatsapp", Key: "3", Lane: "c", Kind: "broken", Payload: []byte("\x1b[2Jno JSON"), Reason: "it is\nno JSON\x1b[2J"},
		{Source: "whatsapp", Key: "4", Lane: "c", Kind: "message", Payload: []byte(payload), Reason: "no such number"},
	}
	for _, entry := range entries {
		if err := j.Append(t.Context(), entry); err != nil {
			t.Fatal(err)
		}
	}
	<-handled
	j.Stop()
}

// rowsOf are the number, the source and the state of each listed entry.
func rowsOf(out string) (rows []string) {
	for line := range strings.SplitSeq(out, "\n") {
		if fields := strings.Fields(line); len(fields) > 6 && fields[0] != "NUMBER" && !strings.HasSuffix(fields[0], ":") {
			rows = append(rows, fields[0]+" "+fields[3]+" "+fields[5])
		}
	}
	return rows
}

func TestJournalList(t *testing.T) {
	values := settings(t, "http://127.0.0.1:1")
	filled(t, values)
	path := written(t, values)
	for name, tc := range map[string]struct {
		flags []string
		want  string
	}{
		"All":      {nil, "4 whatsapp failed, 3 whatsapp failed, 2 elsewhere waiting, 1 matrix done"},
		"Failed":   {[]string{"--state", "failed"}, "4 whatsapp failed, 3 whatsapp failed"},
		"Source":   {[]string{"--source", "elsewhere"}, "2 elsewhere waiting"},
		"NextPage": {[]string{"--limit", "1", "--before", "4"}, "3 whatsapp failed"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := puente(t, nobody(t), append([]string{"journal", "list", "-c", path}, tc.flags...)...)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(rowsOf(out), ", "); got != tc.want {
				t.Errorf("got %q\n%s", got, out)
			}
			mentions(t, out, "whatsapp: 2 failed, the oldest from 20", "matrix: 1 done")
			if strings.Contains(out, "\x1b") || strings.Contains(out, "hola") {
				t.Errorf("it prints what it must not: %q", out)
			}
		})
	}
	t.Run("UnknownState", func(t *testing.T) {
		if _, err := puente(t, nobody(t), "journal", "list", "-c", path, "--state", "lost"); !errors.Is(err, errs.ErrInvalid) || !strings.Contains(err.Error(), "waiting, done or failed") {
			t.Errorf("error: %v", err)
		}
	})
}

func TestJournalShow(t *testing.T) {
	values := settings(t, "http://127.0.0.1:1")
	filled(t, values)
	path := written(t, values)
	show := func(t *testing.T, number string) string {
		t.Helper()
		out, err := puente(t, nobody(t), "journal", "show", number, "-c", path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out, "journal is empty") || strings.Contains(out, "\x1b") {
			t.Errorf("output: %q", out)
		}
		return out
	}
	t.Run("JSONAsItArrived", func(t *testing.T) {
		mentions(t, show(t, "4"), "no such number", `"text": "<b>hola</b> & adiós"`, "12345678901234567890")
	})
	t.Run("OtherThingsQuoted", func(t *testing.T) { mentions(t, show(t, "3"), `\x1b[2Jno JSON`, "it is no JSON") })
	t.Run("DoneOnesAreNoLongerKept", func(t *testing.T) { mentions(t, show(t, "1"), "no longer kept") })
	t.Run("Unknown", func(t *testing.T) {
		if _, err := puente(t, nobody(t), "journal", "show", "99", "-c", path); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("error: %v", err)
		}
	})
	t.Run("NoNumber", func(t *testing.T) {
		if _, err := puente(t, nobody(t), "journal", "show", "last", "-c", path); !errors.Is(err, errs.ErrInvalid) || !strings.Contains(err.Error(), "journal list") {
			t.Errorf("error: %v", err)
		}
	})
}

func TestJournalRetryWhileNothingRuns(t *testing.T) {
	values := settings(t, "http://127.0.0.1:1")
	filled(t, values)
	path := written(t, values)
	out, err := puente(t, nobody(t), "journal", "retry", "1", "2", "4", "99", "-c", path)
	if err != nil {
		t.Fatal(err)
	}
	mentions(t, out, "1 of 4 entries")
	out, _ = puente(t, nobody(t), "journal", "list", "-c", path, "--state", "waiting")
	if got := strings.Join(rowsOf(out), ", "); got != "4 whatsapp waiting, 2 elsewhere waiting" {
		t.Errorf("waiting: %s", got)
	}
}

func TestJournalBesideARunningPuente(t *testing.T) {
	values := settings(t, newHomeserver(t).URL)
	filled(t, values)
	p, path := running(t, values)
	t.Run("ListLooks", func(t *testing.T) {
		out, err := puente(t, nobody(t), "journal", "list", "-c", path)
		if err != nil || len(rowsOf(out)) != 4 {
			t.Errorf("%v\n%s", err, out)
		}
	})
	t.Run("RetryWithAnotherTokenIsRefused", func(t *testing.T) {
		other := elsewhere(t, values)
		other["appservice.listen"] = values["appservice.listen"]
		other["appservice.as_token"] = "another-token-altogether"
		_, err := puente(t, nobody(t), "journal", "retry", "4", "-c", written(t, other))
		if !errors.Is(err, errs.ErrForbidden) || !strings.Contains(err.Error(), "appservice.as_token") {
			t.Errorf("error: %v", err)
		}
	})
	t.Run("RetryAtAnotherAddressNamesTheOwnerOfAFile", func(t *testing.T) {
		out, err := puente(t, nobody(t), "journal", "retry", "1", "-c", written(t, elsewhere(t, values)))
		if values["database.type"] == store.Postgres { // which the running one looks into for what others retried
			mentions(t, out, "0 of 1 entries")
		} else if !errors.Is(err, store.ErrInUse) {
			t.Errorf("error: %v", err)
		}
	})
	t.Run("RetryAsksIt", func(t *testing.T) {
		out, err := puente(t, nobody(t), "journal", "retry", "3", "4", "-c", path)
		if err != nil {
			t.Fatal(err)
		}
		mentions(t, out, "2 of 2 entries")
	})
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestJournalWithoutADatabase(t *testing.T) {
	for _, args := range [][]string{{"list"}, {"show", "1"}, {"retry", "1"}} {
		t.Run(args[0], func(t *testing.T) {
			values := settingsOn(t, db.SQLite(t), "http://127.0.0.1:1")
			_, err := puente(t, nobody(t), append([]string{"journal", "-c", written(t, values)}, args...)...)
			if !errors.Is(err, errs.ErrNotFound) || !strings.Contains(err.Error(), "does not exist yet") {
				t.Errorf("error: %v", err)
			}
			leaves(t, filepath.Dir(values["database.uri"]))
		})
	}
}
