package synapse

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// stampName is the file in a virtual environment that tells which lock it was made from; it is written last.
const stampName = "puente-requirements.sha256"

// Environment is a Python virtual environment with pinned packages, as Synapse needs one.
type Environment struct {
	Name         string // what it is for, as people read it: "Synapse"
	Requirements string // the pins, a pip requirements file
	// Then, if not nil, installs into dir what does not come from Python, by the pins in ThenPins.
	Then     func(ctx context.Context, dir string, progress func(line string)) error
	ThenPins string
}

// Make makes the environment in dir, or takes the one that is there if it was made from the same pins. Several
// processes may call it for the same dir at once: one works, the others wait. progress, if not nil, gets a line for
// each step. It returns the path of the environment's interpreter.
func (e Environment) Make(ctx context.Context, dir string, progress func(line string)) (python string, err error) {
	if progress == nil {
		progress = func(string) {}
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", fmt.Errorf("find the folder for %s: %w", e.Name, err)
	}
	if err = os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		return "", fmt.Errorf("make the folder for %s: %w", e.Name, err)
	}
	unlock, err := lockFile(ctx, dir+".lock", func() { progress("Waiting for another install of " + e.Name) })
	if err != nil {
		return "", fmt.Errorf("lock the folder for %s: %w", e.Name, err)
	}
	defer unlock()
	if !e.isCurrent(dir) {
		if err = e.build(ctx, dir, progress); err != nil {
			return "", fmt.Errorf("install %s: %w", e.Name, err)
		}
	}
	return venvPython(dir), nil
}

func venvPython(dir string) string { return filepath.Join(dir, "bin", "python") }

// stamp is what the stamp file says of an environment made from today's pins.
func (e Environment) stamp() string {
	sum := sha256.Sum256([]byte(e.Requirements + e.ThenPins))
	return hex.EncodeToString(sum[:])
}

// isCurrent tells whether dir holds a finished environment with today's pins and an interpreter that still exists.
func (e Environment) isCurrent(dir string) bool {
	got, err := os.ReadFile(filepath.Join(dir, stampName))
	if err != nil || string(got) != e.stamp() {
		return false
	}
	_, err = os.Stat(venvPython(dir))
	return err == nil
}

// build makes the environment anew.
func (e Environment) build(ctx context.Context, dir string, progress func(string)) error {
	python, err := FindPython(ctx)
	if err != nil {
		return err
	}
	if err = e.clear(dir); err != nil {
		return err
	}
	progress("Making a Python environment for " + e.Name)
	if err = runQuietly(ctx, nil, python, "-m", "venv", dir); err != nil {
		return fmt.Errorf("make a Python environment: %w", err)
	}
	lock := filepath.Join(dir, "requirements.lock")
	if err = os.WriteFile(lock, []byte(e.Requirements), 0o600); err != nil {
		return fmt.Errorf("write the list of packages: %w", err)
	}
	err = runQuietly(ctx, e.pipProgress(progress), venvPython(dir), "-m", "pip", "install", "--no-input",
		"--disable-pip-version-check", "--prefer-binary", "--progress-bar", "off", "-r", lock)
	if err != nil {
		return fmt.Errorf("fetch the packages: %w", err)
	}
	if e.Then != nil {
		if err = e.Then(ctx, dir, progress); err != nil {
			return err
		}
	}
	if err = os.WriteFile(filepath.Join(dir, stampName), []byte(e.stamp()), 0o600); err != nil {
		return fmt.Errorf("note that it is installed: %w", err)
	}
	progress(e.Name + " is installed")
	return nil
}

// clear removes an outdated or half-made environment, and nothing that is not one.
func (e Environment) clear(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || (err == nil && len(entries) == 0) {
		return nil
	} else if err != nil {
		return fmt.Errorf("look into the folder for %s: %w", e.Name, err)
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
func (e Environment) pipProgress(progress func(string)) func(string) {
	total, seen := 0, 0
	for line := range strings.Lines(e.Requirements) {
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
