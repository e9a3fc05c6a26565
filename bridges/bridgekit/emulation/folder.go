package emulation

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"puente/core/base/errs"
)

// Folder keeps files under names that the emulator chose: letters and digits. Its exported fields are set before it is
// used.
type Folder struct {
	// Lasting is where the files stay over a restart. Empty: they are in a temporary folder until Clear.
	Lasting string
	// Prefix begins the name of that temporary folder.
	Prefix string

	mu   sync.Mutex
	path string // empty until it is needed
}

// Path returns where the folder is, and makes it if it is not there yet.
func (f *Folder) Path() (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.path != "" {
		return f.path, nil
	}
	var err error
	if f.path = f.Lasting; f.path != "" {
		err = os.MkdirAll(f.path, 0o700)
	} else {
		f.path, err = os.MkdirTemp("", f.Prefix)
	}
	if err != nil {
		f.path = ""
		return "", fmt.Errorf("make the folder of the emulator's files: %w", err)
	}
	return f.path, nil
}

// Store writes a new file and returns its size in bytes. More than limit bytes are an errs.ErrTooLarge, and then, as
// after any other error, nothing is kept.
func (f *Folder) Store(name string, content io.Reader, limit int64) (size int64, err error) {
	dir, err := f.Path()
	if err != nil {
		return 0, err
	}
	path := filepath.Join(dir, filepath.Base(name))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, fmt.Errorf("store a file of the emulator: %w", err)
	}
	size, err = io.Copy(file, io.LimitReader(content, limit+1))
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil && size > limit {
		err = fmt.Errorf("more than %d bytes: %w", limit, errs.ErrTooLarge)
	}
	if err != nil {
		_ = os.Remove(path)
		return 0, fmt.Errorf("store a file of the emulator: %w", err)
	}
	return size, nil
}

// Open opens a file; errs.ErrNotFound if there is none of that name.
func (f *Folder) Open(name string) (*os.File, error) {
	dir, err := f.Path()
	if err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(dir, filepath.Base(name)))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open a file of the emulator: %w", errs.ErrNotFound)
	} else if err != nil {
		return nil, fmt.Errorf("open a file of the emulator: %w", err)
	}
	return file, nil
}

// Remove forgets files that became no part of anything.
func (f *Folder) Remove(names ...string) {
	dir, err := f.Path()
	if err != nil {
		return // nothing was ever stored
	}
	for _, name := range names {
		_ = os.Remove(filepath.Join(dir, filepath.Base(name)))
	}
}

// Clear removes the folder if it is a temporary one. It can be used again afterwards.
func (f *Folder) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Lasting == "" && f.path != "" {
		_ = os.RemoveAll(f.path)
		f.path = ""
	}
}
