package emulation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"puente/bridges/bridgekit/emulation"
)

// counter is a state that tells when it is being saved.
type counter struct {
	N     int
	saved chan int
}

// MarshalJSON implements json.Marshaler.
func (c *counter) MarshalJSON() ([]byte, error) {
	if c.saved != nil {
		c.saved <- c.N
	}
	return json.Marshal(map[string]int{"N": c.N})
}

// memory is a state with its lock, as an emulator has it.
type memory struct {
	mu      sync.Mutex
	st      counter
	changed emulation.Change
	keeper  emulation.Keeper
	life    emulation.Life
}

func newMemory(dir string, log zerolog.Logger) *memory {
	m := &memory{changed: emulation.NewChange()}
	m.keeper = emulation.Keeper{Dir: dir, Lock: &m.mu, State: &m.st, Changed: &m.changed, Log: log}
	return m
}

func (m *memory) set(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.st.N = n
	m.changed.Tell()
}

func (m *memory) start(t *testing.T, workers ...func(context.Context)) {
	t.Helper()
	err := m.life.Start(t.Context(), func(run *emulation.Run) error {
		for _, work := range workers {
			run.Go(work)
		}
		run.Keep(&m.keeper)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// kept is what the next run finds in a folder.
func kept(t *testing.T, dir string) int {
	t.Helper()
	next := newMemory(dir, zerolog.Nop())
	if err := next.keeper.Load(); err != nil {
		t.Fatal(err)
	}
	return next.st.N
}

func TestKeeperSavesAfterChanges(t *testing.T) {
	dir := t.TempDir()
	m := newMemory(dir, zerolog.Nop())
	m.st.saved = make(chan int, 100)
	m.start(t)
	defer m.life.Stop()
	for n := range 3 {
		if n > 0 {
			m.set(n)
		}
		if got := <-m.st.saved; got != n {
			t.Fatalf("%d was saved instead of %d", got, n)
		}
	}
	if n := kept(t, dir); n < 1 { // while 2 is on its way, 1 has arrived
		t.Errorf("the folder has %d", n)
	}
}

func TestKeeperSavesWhatChangesAtTheEnd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	m := newMemory(dir, zerolog.Nop())
	if err := m.keeper.Load(); err != nil {
		t.Fatal(err)
	}
	m.start(t, func(ctx context.Context) {
		<-ctx.Done()
		m.set(7)
	})
	m.life.Stop()
	if n := kept(t, dir); n != 7 {
		t.Errorf("the folder has %d", n)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("beside the state there are %v, %v", files, err)
	}
}

func TestKeeperTellsWhyItCannotSave(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	var log bytes.Buffer
	m := newMemory(dir, zerolog.New(zerolog.SyncWriter(&log)))
	m.start(t)
	m.life.Stop()
	if !strings.Contains(log.String(), "Emulator state not saved") || !strings.Contains(log.String(), "no such file") {
		t.Errorf("the log says %q", log.String())
	}
}

func TestKeeperLoad(t *testing.T) {
	t.Run("BrokenStateIsAnErrorAndStays", func(t *testing.T) {
		dir := t.TempDir()
		file := filepath.Join(dir, "state.json")
		if err := os.WriteFile(file, []byte(`{"N":`), 0o600); err != nil {
			t.Fatal(err)
		}
		m := newMemory(dir, zerolog.Nop())
		if err := m.keeper.Load(); err == nil {
			t.Error("it was taken")
		}
		if raw, err := os.ReadFile(file); err != nil || string(raw) != `{"N":` {
			t.Errorf("the file is now %q, %v", raw, err)
		}
	})
	t.Run("FileInsteadOfAFolderIsAnError", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := newMemory(file, zerolog.Nop()).keeper.Load(); err == nil {
			t.Error("it was taken")
		}
	})
	t.Run("NothingIsKeptWithoutADir", func(t *testing.T) {
		t.Chdir(t.TempDir())
		m := newMemory("", zerolog.Nop())
		if err := m.keeper.Load(); err != nil {
			t.Fatal(err)
		}
		m.start(t)
		m.set(1)
		m.life.Stop()
		if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
			t.Errorf("there are %v, %v", files, err)
		}
	})
}
