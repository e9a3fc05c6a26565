package synapse_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"puente/core/testkit/synapse"
)

// fakePython stands for an interpreter: it notes each environment that it makes in a file "made" beside itself, and
// speaks pip's words. FAIL_PIP makes its pip fail.
const fakePython = `#!/bin/sh
case "$*" in
*ensurepip*) echo 3.12 ;;
*"-m venv"*) for dir; do :; done
	mkdir -p "$dir/bin" && cp "$0" "$dir/bin/python" && touch "$dir/pyvenv.cfg" && echo made >>"$(dirname "$0")/made" ;;
*"-m pip"*) echo "Collecting bcrypt==5.0.0 (from -r list (line 8))"; echo "Installing collected packages: bcrypt"
	if [ -n "$FAIL_PIP" ]; then echo "ERROR: no such package" >&2; exit 1; fi ;;
*importlib*) echo 1.160.0 ;;
esac
`

// onlyPython makes a program named python3, with the given text, the only one that can be found beside the shell's.
func onlyPython(t *testing.T, script string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for _, name := range []string{"sh", "mkdir", "cp", "touch", "dirname"} {
		for _, from := range []string{"/bin", "/usr/bin"} {
			if err := os.Symlink(filepath.Join(from, name), filepath.Join(folder, name)); err == nil {
				break
			}
		}
	}
	if script != "" {
		if err := os.WriteFile(filepath.Join(folder, "python3"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder)
	t.Setenv(synapse.VenvVariable, "")
	return folder
}

// timesMade counts the environments that the fake interpreter made.
func timesMade(t *testing.T, folder string) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "made"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Count(string(data), "made")
}

func TestInstall(t *testing.T) {
	t.Run("SecondInstallDoesNothing", func(t *testing.T) {
		folder := onlyPython(t, fakePython)
		dir := filepath.Join(t.TempDir(), "deep", "venv")
		var lines []string
		note := func(line string) { lines = append(lines, line) }
		first, err := synapse.Install(t.Context(), dir, note)
		if err != nil {
			t.Fatal(err)
		}
		if first.Version != "1.160.0" || first.Python != filepath.Join(dir, "bin", "python") {
			t.Errorf("got %+v", first)
		}
		if all := strings.Join(lines, "\n"); !strings.Contains(all, "Fetching package 1 of ") || !strings.Contains(all, "bcrypt==5.0.0") {
			t.Errorf("the progress is %q", all)
		}
		lines = nil
		second, err := synapse.Install(t.Context(), dir, note)
		if err != nil || second != first || len(lines) != 0 || timesMade(t, folder) != 1 {
			t.Errorf("got %+v, %v, progress %q, made %d times", second, err, lines, timesMade(t, folder))
		}
	})
	t.Run("TwoAtOnceMakeOne", func(t *testing.T) {
		folder := onlyPython(t, fakePython)
		dir := filepath.Join(t.TempDir(), "venv")
		var group sync.WaitGroup
		failures := make(chan error, 4)
		for range cap(failures) {
			group.Go(func() {
				_, err := synapse.Install(t.Context(), dir, nil)
				failures <- err
			})
		}
		group.Wait()
		for range cap(failures) {
			if err := <-failures; err != nil {
				t.Error(err)
			}
		}
		if made := timesMade(t, folder); made != 1 {
			t.Errorf("made %d times", made)
		}
	})
	t.Run("FailedInstallIsToldAndDoneAgain", func(t *testing.T) {
		folder := onlyPython(t, fakePython)
		dir := filepath.Join(t.TempDir(), "venv")
		t.Setenv("FAIL_PIP", "1")
		if _, err := synapse.Install(t.Context(), dir, nil); err == nil || !strings.Contains(err.Error(), "ERROR: no such package") {
			t.Fatalf("got %v", err)
		}
		t.Setenv("FAIL_PIP", "")
		if _, err := synapse.Install(t.Context(), dir, nil); err != nil || timesMade(t, folder) != 2 {
			t.Fatalf("got %v, made %d times", err, timesMade(t, folder))
		}
	})
	t.Run("OutdatedInstallIsReplaced", func(t *testing.T) {
		folder := onlyPython(t, fakePython)
		dir := filepath.Join(t.TempDir(), "venv")
		if _, err := synapse.Install(t.Context(), dir, nil); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, "puente-requirements.sha256"), "an older list")
		if _, err := synapse.Install(t.Context(), dir, nil); err != nil || timesMade(t, folder) != 2 {
			t.Fatalf("got %v, made %d times", err, timesMade(t, folder))
		}
	})
	t.Run("FolderWithOtherThingsIsLeftAlone", func(t *testing.T) {
		onlyPython(t, fakePython)
		dir := t.TempDir()
		precious := filepath.Join(dir, "precious.txt")
		writeFile(t, precious, "keep me")
		if _, err := synapse.Install(t.Context(), dir, nil); err == nil {
			t.Error("the folder was taken")
		}
		if _, err := os.Stat(precious); err != nil {
			t.Error(err)
		}
	})
	t.Run("VariableNamesAnotherEnvironment", func(t *testing.T) {
		folder := onlyPython(t, fakePython)
		given := filepath.Join(t.TempDir(), "given")
		if _, err := synapse.Install(t.Context(), given, nil); err != nil {
			t.Fatal(err)
		}
		t.Setenv(synapse.VenvVariable, given)
		unused := filepath.Join(t.TempDir(), "unused")
		found, err := synapse.Install(t.Context(), unused, nil)
		if err != nil || found.Python != filepath.Join(given, "bin", "python") || timesMade(t, folder) != 1 {
			t.Errorf("got %+v, %v", found, err)
		}
	})
}

func TestMissingPythonGetsOneLine(t *testing.T) {
	tests := map[string]struct{ script, want string }{
		"NoPython":  {"", "there is no python3"},
		"NoVenv":    {"#!/bin/sh\necho \"No module named 'ensurepip'\" >&2\nexit 1\n", "python3 has no venv"},
		"TooOldOne": {"#!/bin/sh\necho 3.9\nexit 1\n", "python3 is version 3.9"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			onlyPython(t, test.script)
			_, err := synapse.FindPython(t.Context())
			if err == nil {
				t.Fatal("a Python was found")
			}
			text := err.Error()
			if !strings.Contains(text, test.want) || !strings.Contains(text, "apt-get install python3-venv") || strings.Contains(text, "\n") {
				t.Errorf("got %q", text)
			}
		})
	}
}
