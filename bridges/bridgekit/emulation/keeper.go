package emulation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/rs/zerolog"
)

// Keeper keeps a state over a restart, as JSON in a folder. All its fields are set before it is used.
type Keeper struct {
	Dir     string      // empty: nothing is kept
	Lock    sync.Locker // guards State and Changed
	State   any         // a pointer, always to the same
	Changed *Change     // tells that the state is another than before
	Log     zerolog.Logger
}

func (k *Keeper) file() string { return filepath.Join(k.Dir, "state.json") }

// Load makes the folder and reads into State what an earlier run kept there, if anything.
func (k *Keeper) Load() error {
	if k.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		return fmt.Errorf("make the emulator's data folder: %w", err)
	}
	raw, err := os.ReadFile(k.file())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("read the emulator's state: %w", err)
	}
	if err = json.Unmarshal(raw, k.State); err != nil {
		return fmt.Errorf("read the emulator's state: %w", err)
	}
	return nil
}

// save writes the state beside the old one and then puts it in its place, so that a crash leaves either whole. next
// tells of the first change that is not in it.
func (k *Keeper) save() (next Change, err error) {
	k.Lock.Lock()
	raw, err := json.Marshal(k.State)
	next = *k.Changed
	k.Lock.Unlock()
	if err == nil {
		err = replace(k.file(), raw)
	}
	if err != nil {
		return next, fmt.Errorf("write the emulator's state: %w", err)
	}
	return next, nil
}

func (k *Keeper) saveOrTell() Change {
	next, err := k.save()
	if err != nil {
		k.Log.Err(err).Msg("Emulator state not saved")
	}
	return next
}

// keep saves after changes, many at a time. The last are saved by Life.Stop.
func (k *Keeper) keep(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-k.saveOrTell():
		case <-ctx.Done():
		}
	}
}

// replace writes a whole file at once, as far as others can see.
func replace(path string, raw []byte) error {
	fresh, err := os.CreateTemp(filepath.Dir(path), "state-*.tmp")
	if err != nil {
		return err
	}
	_, err = fresh.Write(raw)
	if err == nil {
		err = fresh.Sync()
	}
	if closeErr := fresh.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(fresh.Name(), path)
	}
	if err != nil {
		_ = os.Remove(fresh.Name())
	}
	return err
}
