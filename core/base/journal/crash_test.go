package journal

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"puente/core/base/store"
	"puente/core/testkit/db"
)

// crashVariable makes the test binary a process that appends until it is killed; its value is
// "type uri" of the database.
const crashVariable = "PUENTE_TEST_JOURNAL_CRASH"

// TestKillLosesNothingThatAppendConfirmed kills a process in the middle of a stream of Appends
// while it dispatches too: all that it was told is committed must be there, and nothing that is
// done may be unhandled.
func TestKillLosesNothingThatAppendConfirmed(t *testing.T) {
	if config := os.Getenv(crashVariable); config != "" {
		appendUntilKilled(t, config)
	}
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		fresh.Open(t).Close() //nolint:errcheck // the table is what matters
		confirmed, handled := map[string]bool{}, map[string]bool{}
		for range 2 { // the second process opens what the first one left, its lock included
			killAfter(t, fresh.Config, 300, confirmed, handled)
		}
		handle, err := store.Open(context.Background(), fresh.Config, zerolog.Nop())
		if err != nil {
			t.Fatalf("open after kill: %v", err)
		}
		defer func() { _ = handle.Close() }()
		j := begin(t, handle, Options{})
		found := map[string]State{}
		for before := int64(0); ; {
			page, err := j.List(context.Background(), Filter{Before: before, Limit: mostListed})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, r := range page {
				found[r.Key] = r.State
			}
			before = page[len(page)-1].ID
		}
		for key := range confirmed {
			if found[key] == "" {
				t.Errorf("%s was confirmed and is lost", key)
			}
		}
		for key, state := range found {
			if state == Done && !handled[key] {
				t.Errorf("%s is done and was not handled", key)
			}
		}
	})
}

// killAfter runs the child until it has confirmed n more Appends, kills it, and notes all that it said.
func killAfter(t *testing.T, cfg store.Config, n int, confirmed, handled map[string]bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKillLosesNothingThatAppendConfirmed$") // #nosec G204 -- ourselves
	cmd.Env = append(os.Environ(), crashVariable+"="+cfg.Type+" "+cfg.URI)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for seen := 0; lines.Scan(); {
		what, key, _ := strings.Cut(lines.Text(), " ")
		switch what {
		case "confirmed":
			confirmed[key] = true
			if seen++; seen == n {
				if err = cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
			}
		case "handled":
			handled[key] = true
		default:
			t.Errorf("the child says %q", lines.Text())
		}
	}
	_ = cmd.Wait() // it was killed
}

func appendUntilKilled(t *testing.T, config string) {
	kind, uri, _ := strings.Cut(config, " ")
	handle, err := store.Open(context.Background(), store.Config{Type: kind, URI: uri}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	say := func(what, key string) { // one write each, so that a kill does not tear a line
		mu.Lock()
		defer mu.Unlock()
		if _, err := os.Stdout.WriteString(what + " " + key + "\n"); err != nil {
			os.Exit(1)
		}
	}
	j := New(handle, Options{})
	j.Handle("net", func(_ context.Context, entry Entry) error { say("handled", entry.Key); return nil })
	j.Start(context.Background())
	for caller := range 16 {
		go func() {
			for n := 0; ; n++ {
				key := strconv.Itoa(os.Getpid()) + fmt.Sprintf("-%d-%d", caller, n)
				if j.Append(context.Background(), Entry{Source: "net", Key: key, Lane: strconv.Itoa(caller)}) == nil {
					say("confirmed", key)
				}
			}
		}()
	}
	select {} // until killed
}
