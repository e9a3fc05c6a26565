package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

func stateFile(dataDir string) string   { return filepath.Join(dataDir, "state.json") }
func filesFolder(dataDir string) string { return filepath.Join(dataDir, "files") }

func loadState(dataDir string) (*state, error) {
	raw, err := os.ReadFile(stateFile(dataDir))
	if err != nil {
		return nil, fmt.Errorf("read the emulator's state: %w", err)
	}
	st := newState()
	if err = json.Unmarshal(raw, st); err != nil {
		return nil, fmt.Errorf("read the emulator's state: %w", err)
	}
	return st, nil
}

// save writes the state beside the old one and then puts it in its place, so that a crash leaves either whole.
func (e *Emulator) save() error {
	e.mu.Lock()
	raw, err := json.Marshal(e.st)
	e.mu.Unlock()
	if err != nil {
		return fmt.Errorf("write the emulator's state: %w", err)
	}
	file, err := os.CreateTemp(e.opt.DataDir, "state-*.tmp")
	if err != nil {
		return fmt.Errorf("write the emulator's state: %w", err)
	}
	_, err = file.Write(raw)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), stateFile(e.opt.DataDir))
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("write the emulator's state: %w", err)
	}
	return nil
}

// keepSaving writes the state after changes, many at a time, and once more at the end.
func (e *Emulator) keepSaving(ctx context.Context) {
	saved := int64(-1)
	for {
		e.mu.Lock()
		changed, rev := e.changed, e.rev
		e.mu.Unlock()
		if rev != saved {
			if err := e.save(); err != nil {
				e.log.Err(err).Msg("Emulator state not saved")
			}
			saved = rev
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if err := e.save(); err != nil {
				e.log.Err(err).Msg("Emulator state not saved")
			}
			return
		}
	}
}
