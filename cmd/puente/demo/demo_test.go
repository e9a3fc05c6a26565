package demo

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"puente/core/base/errs"
)

func TestTable(t *testing.T) {
	var printed bytes.Buffer
	table := newTable(&printed)
	table.head(stepLimit)
	for _, a := range acts() {
		table.row(a, 12_345*time.Millisecond, nil)
	}
	table.row(act{name: strings.Repeat("long ", 30), dir: out, kind: strings.Repeat("kind ", 30)}, 0,
		errors.New(strings.Repeat("wörds ", 40)+strings.Repeat("x", 300)))
	failed := table.foot()
	t.Run("FitsHundredColumns", func(t *testing.T) {
		for line := range strings.Lines(printed.String()) {
			if letters := utf8.RuneCountInString(strings.TrimRight(line, "\n")); letters > tableWidth {
				t.Errorf("%d letters: %s", letters, line)
			}
		}
	})
	t.Run("NoNameIsCut", func(t *testing.T) {
		for _, a := range acts() {
			if !strings.Contains(printed.String(), "  "+a.name+" ") || !strings.Contains(printed.String(), "  "+a.kind+" ") {
				t.Errorf("%q or %q is cut", a.name, a.kind)
			}
		}
	})
	t.Run("CountsFailures", func(t *testing.T) {
		if failed != 1 || !strings.Contains(printed.String(), "1 failed") {
			t.Errorf("counted %d", failed)
		}
	})
	t.Run("TellsWhy", func(t *testing.T) {
		if !strings.Contains(printed.String(), "FAILED") || !strings.Contains(printed.String(), "wörds wörds") {
			t.Error("the reason is missing")
		}
	})
}

func TestPorts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	busy := taken.Addr().(*net.TCPAddr).Port
	apart := func(t *testing.T, p ports) {
		t.Helper()
		if p.Homeserver == p.Phone || p.Phone == p.Puente || p.Homeserver == p.Puente || slices.Contains([]int{p.Homeserver, p.Phone, p.Puente}, 0) {
			t.Errorf("not three ports: %+v", p)
		}
	}
	last, err := freePorts()
	if err != nil {
		t.Fatal(err)
	}
	apart(t, last)
	t.Run("ThoseOfTheLastRunAreTakenAgain", func(t *testing.T) {
		got, err := choosePorts(0, last)
		if err != nil || got != last {
			t.Errorf("got %+v, %v, want %+v", got, err, last)
		}
	})
	t.Run("OneThatIsTakenIsReplaced", func(t *testing.T) {
		wish := last
		wish.Phone = busy
		got, err := choosePorts(0, wish)
		if err != nil || got.Phone == busy || got.Homeserver != last.Homeserver || got.Puente != last.Puente {
			t.Errorf("got %+v, %v", got, err)
		}
		apart(t, got)
	})
	t.Run("ABaseComesFirst", func(t *testing.T) {
		got, err := choosePorts(busy, last)
		if err != nil || got.Homeserver != last.Homeserver {
			t.Errorf("got %+v, %v; the base itself is taken, so the last run's stays", got, err)
		}
		apart(t, got)
	})
}

func TestReset(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"demo.json", "puente.db", "puente.db-wal", "synapse/homeserver.db", "emulator/state.json", "synapse-venv/bin/python", "notes.txt"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := reset(dir); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if want := []string{"notes.txt", "synapse-venv"}; !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q", left, want)
	}
}

func TestKept(t *testing.T) {
	dir := t.TempDir()
	first, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	first.Ports.Phone = 8009
	if err = first.save(dir); err != nil {
		t.Fatal(err)
	}
	t.Run("SecretsStay", func(t *testing.T) {
		if again, err := load(dir); err != nil || again != first {
			t.Errorf("got %v", err)
		}
	})
	t.Run("OthersHaveOtherSecrets", func(t *testing.T) {
		if other, err := load(t.TempDir()); err != nil || other.ASToken == first.ASToken || other.ASToken == other.HSToken {
			t.Errorf("got the same secrets, %v", err)
		}
	})
	t.Run("DamageNamesTheFileAndTheMend", func(t *testing.T) {
		if err := os.WriteFile(keptPath(dir), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := load(dir); err == nil || !strings.Contains(err.Error(), keptPath(dir)) || !strings.Contains(err.Error(), "--reset") {
			t.Errorf("got %v", err)
		}
	})
}

func TestRunRefuses(t *testing.T) {
	t.Run("ASecondDemoInTheFolder", func(t *testing.T) {
		dir := t.TempDir()
		unlock, err := lock(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		if err = Run(context.Background(), Options{Dir: dir, Reset: true, Out: &bytes.Buffer{}}); !errors.Is(err, errs.ErrConflict) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("APortBaseThatLeavesNoRoom", func(t *testing.T) {
		if err := Run(context.Background(), Options{Dir: t.TempDir(), PortBase: 65534, Out: &bytes.Buffer{}}); !errors.Is(err, errs.ErrInvalid) {
			t.Errorf("got %v", err)
		}
	})
}

func TestProgressTellsStepsAndDetails(t *testing.T) {
	var printed bytes.Buffer
	p := newProgress(&printed, 2)
	_ = p.step("First", func() error { p.detail("half of it"); return nil })
	_ = p.step("Second", func() error { return errors.New("no") })
	for _, want := range []string{"[1/2] First\n", "half of it (", "done (", "[2/2] Second\n", "failed ("} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, printed.String())
		}
	}
}

func TestProgressMovesAtATerminal(t *testing.T) {
	var printed bytes.Buffer
	p := newProgress(&printed, 1)
	p.live = true
	if err := p.step("First", func() error { p.detail("half of it"); return context.Canceled }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if text := printed.String(); !strings.HasPrefix(text, "\r\x1b[K[1/1] First …") || !strings.Contains(text, "First: stopped (") || strings.Count(text, "\n") != 1 {
		t.Errorf("got %q", text)
	}
}
