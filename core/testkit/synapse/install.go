package synapse

import (
	"bufio"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

//go:embed requirements.lock
var requirements string

// stampName is the file in a virtual environment that tells which lock it was made from; it is written last.
const stampName = "puente-requirements.sha256"

// Installation is a Synapse that can be started.
type Installation struct {
	// Python is the interpreter whose environment has Synapse.
	Python string
	// Version is the version of Synapse: "1.160.0".
	Version string
}

// Install makes a Python virtual environment in dir with the pinned Synapse in it, or takes the one that is there
// if it was made from the same pins. Several processes may call it for the same dir at once: one works, the others
// wait. The variable PUENTE_TEST_SYNAPSE_VENV names an environment to take instead. progress, if not nil, gets a line
// for each step of the minute or so that a first install takes.
func Install(ctx context.Context, dir string, progress func(line string)) (Installation, error) {
	if progress == nil {
		progress = func(string) {}
	}
	if given := os.Getenv(VenvVariable); given != "" {
		found, err := describe(ctx, given)
		if err != nil {
			return Installation{}, fmt.Errorf("use the environment that %s names: %w", VenvVariable, err)
		}
		return found, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Installation{}, fmt.Errorf("find the folder for Synapse: %w", err)
	}
	if err = os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		return Installation{}, fmt.Errorf("make the folder for Synapse: %w", err)
	}
	unlock, err := lockFile(ctx, dir+".lock", func() { progress("Waiting for another install of Synapse") })
	if err != nil {
		return Installation{}, fmt.Errorf("lock the folder for Synapse: %w", err)
	}
	defer unlock()
	if !isCurrent(dir) {
		if err = build(ctx, dir, progress); err != nil {
			return Installation{}, fmt.Errorf("install Synapse: %w", err)
		}
	}
	return describe(ctx, dir)
}

// describe looks at a virtual environment.
func describe(ctx context.Context, dir string) (Installation, error) {
	python := venvPython(dir)
	version, err := installedVersion(ctx, python)
	if err != nil {
		return Installation{}, err
	}
	return Installation{Python: python, Version: version}, nil
}

func venvPython(dir string) string { return filepath.Join(dir, "bin", "python") }

// stamp is what the stamp file says of an environment made from today's pins.
func stamp() string {
	sum := sha256.Sum256([]byte(requirements))
	return hex.EncodeToString(sum[:])
}

// isCurrent tells whether dir holds a finished environment with today's pins and an interpreter that still exists.
func isCurrent(dir string) bool {
	got, err := os.ReadFile(filepath.Join(dir, stampName))
	if err != nil || string(got) != stamp() {
		return false
	}
	_, err = os.Stat(venvPython(dir))
	return err == nil
}

// build makes the environment anew.
func build(ctx context.Context, dir string, progress func(string)) error {
	python, err := FindPython(ctx)
	if err != nil {
		return err
	}
	if err = clearVenv(dir); err != nil {
		return err
	}
	progress("Making a Python environment for Synapse")
	if err = runQuietly(ctx, nil, python, "-m", "venv", dir); err != nil {
		return fmt.Errorf("make a Python environment: %w", err)
	}
	lock := filepath.Join(dir, "requirements.lock")
	if err = os.WriteFile(lock, []byte(requirements), 0o600); err != nil {
		return fmt.Errorf("write the list of packages: %w", err)
	}
	err = runQuietly(ctx, pipProgress(progress), venvPython(dir), "-m", "pip", "install", "--no-input",
		"--disable-pip-version-check", "--prefer-binary", "--progress-bar", "off", "-r", lock)
	if err != nil {
		return fmt.Errorf("fetch Synapse's packages: %w", err)
	}
	if err = os.WriteFile(filepath.Join(dir, stampName), []byte(stamp()), 0o600); err != nil {
		return fmt.Errorf("note that Synapse is installed: %w", err)
	}
	progress("Synapse is installed")
	return nil
}

// clearVenv removes an outdated or half-made environment, and nothing that is not one.
func clearVenv(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || (err == nil && len(entries) == 0) {
		return nil
	} else if err != nil {
		return fmt.Errorf("look into the folder for Synapse: %w", err)
	}
	// An environment that was interrupted has at least one of these two: venv makes them first.
	_, cfgErr := os.Stat(filepath.Join(dir, "pyvenv.cfg"))
	_, binErr := os.Lstat(venvPython(dir))
	_, includeErr := os.Stat(filepath.Join(dir, "include"))
	if cfgErr != nil && binErr != nil && includeErr != nil {
		return fmt.Errorf("%s holds something else than a Python environment; name another folder", dir)
	}
	if err = os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the outdated environment: %w", err)
	}
	return nil
}

// runQuietly runs a Python to its end. Its output goes line by line to each, and its last lines into the error.
func runQuietly(ctx context.Context, each func(line string), python string, args ...string) error {
	cmd := pythonCommand(ctx, python, args...)
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	proc, err := startProcess(cmd, func() { _ = writer.Close() })
	if err != nil {
		return err
	}
	var last []string
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(reader)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if each != nil {
				each(lines.Text())
			}
			if last = append(last, lines.Text()); len(last) > 20 {
				last = last[1:]
			}
		}
		_, _ = io.Copy(io.Discard, reader) // after an overlong line: the child must not block
	}()
	<-proc.done
	<-read
	if ctx.Err() != nil {
		return ctx.Err()
	} else if proc.err != nil {
		return fmt.Errorf("%w; its last lines:\n%s", proc.err, strings.Join(last, "\n"))
	}
	return nil
}

// pipProgress turns what pip says into a line per package.
func pipProgress(progress func(string)) func(string) {
	total, seen := 0, 0
	for line := range strings.Lines(requirements) {
		if strings.Contains(line, "==") && !strings.Contains(line, "python_version < ") && !strings.HasPrefix(line, "#") {
			total++
		}
	}
	return func(line string) {
		if rest, ok := strings.CutPrefix(line, "Collecting "); ok {
			seen++
			name, _, _ := strings.Cut(rest, " ")
			progress(fmt.Sprintf("Fetching package %d of %d: %s", min(seen, total), total, strings.TrimSuffix(name, ";")))
		} else if strings.HasPrefix(line, "Installing collected packages") {
			progress("Installing the packages")
		}
	}
}
