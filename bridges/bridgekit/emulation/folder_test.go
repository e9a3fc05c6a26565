package emulation_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/errs"
)

// content is what a folder has under a name.
func content(t *testing.T, folder *emulation.Folder, name string) (string, error) {
	t.Helper()
	file, err := folder.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(file)
	return string(raw), err
}

func TestFolderTemporary(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	folder := &emulation.Folder{Prefix: "puente-test-"}
	if size, err := folder.Store("one", strings.NewReader("12345"), 5); size != 5 || err != nil {
		t.Fatalf("stored %d bytes, %v", size, err)
	}
	if got, err := content(t, folder, "one"); got != "12345" || err != nil {
		t.Errorf("it has %q, %v", got, err)
	}
	path, err := folder.Path()
	if err != nil || !strings.HasPrefix(filepath.Base(path), "puente-test-") {
		t.Errorf("it is at %s, %v", path, err)
	}
	folder.Clear()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Clear it is there: %v", err)
	}
	if _, err := folder.Store("one", strings.NewReader("again"), 5); err != nil {
		t.Errorf("after Clear it cannot be used: %v", err)
	}
	folder.Clear()
	folder.Clear()
}

func TestFolderLasting(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	folder := &emulation.Folder{Lasting: dir}
	if _, err := folder.Store("one", strings.NewReader("12345"), 5); err != nil {
		t.Fatal(err)
	}
	folder.Clear()
	if got, err := content(t, &emulation.Folder{Lasting: dir}, "one"); got != "12345" || err != nil {
		t.Errorf("the next run finds %q, %v", got, err)
	}
}

func TestFolderRefuses(t *testing.T) {
	broken := errors.New("broken")
	tests := map[string]struct {
		content io.Reader
		want    error
	}{
		"TooLarge":  {strings.NewReader("123456"), errs.ErrTooLarge},
		"HalfAFile": {io.MultiReader(strings.NewReader("123"), iotest.ErrReader(broken)), broken},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder := &emulation.Folder{Lasting: t.TempDir()}
			if _, err := folder.Store("one", test.content, 5); !errors.Is(err, test.want) {
				t.Errorf("got %v", err)
			}
			if _, err := folder.Open("one"); !errors.Is(err, errs.ErrNotFound) {
				t.Errorf("a part of it was kept: %v", err)
			}
		})
	}
	t.Run("NameThatIsTaken", func(t *testing.T) {
		folder := &emulation.Folder{Lasting: t.TempDir()}
		_, _ = folder.Store("one", strings.NewReader("first"), 9)
		if _, err := folder.Store("one", strings.NewReader("second"), 9); err == nil {
			t.Error("it was taken")
		}
		if got, err := content(t, folder, "one"); got != "first" || err != nil {
			t.Errorf("the first is now %q, %v", got, err)
		}
	})
	t.Run("NamesOfOtherPlaces", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		folder := &emulation.Folder{Lasting: filepath.Join(dir, "files")}
		if got, err := content(t, folder, "../secret"); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("it was read: %q, %v", got, err)
		}
		folder.Remove("../secret")
		if _, err := os.Stat(filepath.Join(dir, "secret")); err != nil {
			t.Errorf("it was removed: %v", err)
		}
	})
	t.Run("PlaceThatIsNoFolder", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := (&emulation.Folder{Lasting: file}).Path(); err == nil {
			t.Error("it was taken")
		}
	})
}

func TestFolderRemove(t *testing.T) {
	folder := &emulation.Folder{Lasting: t.TempDir()}
	for _, name := range []string{"one", "two", "three"} {
		if _, err := folder.Store(name, strings.NewReader(name), 9); err != nil {
			t.Fatal(err)
		}
	}
	folder.Remove("one", "missing", "two")
	for name, want := range map[string]error{"one": errs.ErrNotFound, "two": errs.ErrNotFound, "three": nil} {
		if _, err := content(t, folder, name); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
