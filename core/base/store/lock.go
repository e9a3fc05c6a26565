package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// lockFile takes the lock on a side file, which the kernel releases when the file is closed or the
// process dies. The file itself stays: removing it would let two processes lock two files of one
// name. It holds the owner's process ID, for the message only.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- beside the operator's database
	if err != nil {
		return nil, fmt.Errorf("create the lock file; let Puente's user write into its folder: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) // #nosec G115 -- a file descriptor fits
	if errors.Is(err, syscall.EWOULDBLOCK) {
		owner := lockOwner(file)
		return nil, errors.Join(fmt.Errorf("%w: another Puente%s has it open: stop that one, or give this one its own file",
			ErrInUse, owner), file.Close())
	}
	if err == nil {
		err = writeOwner(file)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	return file, nil
}

func writeOwner(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// lockOwner reads whose lock it is: " (process 123)", or nothing if that cannot be told.
func lockOwner(file *os.File) string {
	text, err := io.ReadAll(io.LimitReader(file, 20))
	if err != nil {
		return ""
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (process %d)", pid)
}
