package synapse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"puente/core/base/clock"
)

// errLocked: another process, or another caller in this one, holds the lock.
var errLocked = errors.New("in use by another process")

// tryLock takes the lock that the file at path stands for, or returns errLocked. The system frees it when the
// process ends, however it ends.
func tryLock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { _ = file.Close() }, nil
}

// lockFile is tryLock that waits, and calls waiting once if it must.
func lockFile(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	for first := true; ; first = false {
		unlock, err = tryLock(path)
		if !errors.Is(err, errLocked) {
			return unlock, err
		}
		if first {
			waiting()
		}
		if err = clock.Sleep(ctx, clock.System{}, pollInterval); err != nil {
			return nil, err
		}
	}
}
