package scratch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// parent is a folder for temporary files of the test's own.
func parent(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return dir
}

func open(t *testing.T) *Folder {
	t.Helper()
	folder, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	return folder
}

// left is a folder with a customer's file in it, as a killed process leaves it.
func left(t *testing.T, path string) string {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(path, "mautrix-upload-1")
	if err := os.WriteFile(file, []byte("a customer's"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func exists(t *testing.T, path string, want bool) {
	t.Helper()
	_, err := os.Lstat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if got := err == nil; got != want {
		t.Errorf("%s is there: %t", filepath.Base(path), got)
	}
}

func TestAFolderIsOfOneProcessAlone(t *testing.T) {
	dir := parent(t)
	folder := open(t)
	info, err := os.Stat(folder.Path())
	if err != nil || info.Mode() != fs.ModeDir|0o700 || filepath.Dir(folder.Path()) != dir {
		t.Errorf("%s: %v, %v", folder.Path(), info, err)
	}
	if other := open(t); other.Path() == folder.Path() {
		t.Error("two have one folder")
	}
	exists(t, folder.Path(), true)
	if err = folder.Close(); err != nil {
		t.Error(err)
	}
	exists(t, folder.Path(), false)
}

func TestWhatKilledProcessesLeftIsRemoved(t *testing.T) {
	dir := parent(t)
	dead := left(t, filepath.Join(dir, prefix+"dead"))
	elses := left(t, filepath.Join(dir, "else"))
	target := left(t, filepath.Join(dir, "target"))
	link := filepath.Join(dir, prefix+"link")
	if err := os.Symlink(filepath.Dir(target), link); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, prefix+"file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	open(t)
	exists(t, filepath.Dir(dead), false)
	for _, stays := range []string{elses, target, link, file} {
		exists(t, stays, true)
	}
}

func TestWhatIsAnothersStays(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	file := left(t, filepath.Join(parent(t), prefix+"other"))
	if err := os.Chown(filepath.Dir(file), 1, 1); err != nil {
		t.Fatal(err)
	}
	open(t)
	exists(t, file, true)
}

func TestManyThatStartAtOnce(t *testing.T) {
	parent(t)
	var running sync.WaitGroup
	for range 20 {
		running.Go(func() {
			folder, err := Open()
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = folder.Close() }()
			for n := range 20 {
				if err = os.WriteFile(filepath.Join(folder.Path(), "file"), []byte{byte(n)}, 0o600); err != nil {
					t.Error(err)
					return
				}
				removeDead(filepath.Dir(folder.Path()))
			}
		})
	}
	running.Wait()
}

func TestAFolderThatCannotBeMade(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(parent(t), "nowhere"))
	if _, err := Open(); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "TMPDIR") {
		t.Errorf("%v", err)
	}
}
