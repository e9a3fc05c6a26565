// Package scratch is the folder for a process's temporary files. Those of a process that was killed are removed by the
// next one: customers' files must not stay, nor fill the disk.
package scratch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	prefix   = "puente-run-"
	attempts = 10 // another process that starts at the same moment may take a folder for a dead one's
)

// Folder is for this process alone. Its lock tells others that the process lives; the kernel releases it.
type Folder struct {
	path string
	lock *os.File
}

// Open removes what dead processes left in the system's folder for temporary files ($TMPDIR, else /tmp), and makes a
// new folder there. Nothing of another user is touched, and nothing that is in use.
func Open() (*Folder, error) {
	parent := os.TempDir()
	removeDead(parent)
	for range attempts {
		path, err := os.MkdirTemp(parent, prefix)
		if err != nil {
			return nil, fmt.Errorf("make a folder for temporary files; let Puente's user write there, or name another in TMPDIR: %w", err)
		}
		lock, err := take(path)
		if err != nil {
			return nil, fmt.Errorf("lock the folder for temporary files: %w", err)
		} else if lock != nil {
			return &Folder{path: path, lock: lock}, nil
		}
	}
	return nil, fmt.Errorf("make a folder for temporary files: another process removed %d of them", attempts)
}

// Path is where the folder is.
func (f *Folder) Path() string { return f.path }

// Close removes the folder with all that is in it.
func (f *Folder) Close() error { return errors.Join(os.RemoveAll(f.path), f.lock.Close()) }

// removeDead removes the folders that nobody holds. What cannot be removed stays for the next start.
func removeDead(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return // MkdirTemp says what is wrong with it
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), prefix) || !isOurs(entry) {
			continue
		}
		path := filepath.Join(parent, entry.Name())
		if lock, err := take(path); err == nil && lock != nil {
			_ = os.RemoveAll(path)
			_ = lock.Close()
		}
	}
}

// isOurs tells whether it is a folder, and of this process's user.
func isOurs(entry fs.DirEntry) bool {
	info, err := entry.Info() // does not follow a link
	if err != nil || !info.IsDir() {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) == os.Geteuid()
}

// take locks a folder; nil if somebody else holds it, or it is gone.
func take(path string) (*os.File, error) {
	folder, err := os.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0) // #nosec G304 -- a folder of this package
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) // #nosec G115 -- a file descriptor fits
	if err == nil {
		_, err = os.Stat(path) // its remover holds the lock until it is gone
	}
	if err == nil {
		return folder, nil
	}
	closing := folder.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, fs.ErrNotExist) {
		return nil, closing
	}
	return nil, errors.Join(err, closing)
}
