// Command vulncheck looks for known vulnerabilities in what Puente is built of: vulncheck GOVULNCHECK VERSION PACKAGE…
//
// The database is the module golang.org/x/vulndb of that version, from which the one on the web is made: so it comes from
// where all modules come from, it is pinned, and after the first run no network is needed. It fails if code of ours calls
// something vulnerable of a module, unless accepted says why that is all right. What the standard library lacks the
// project cannot mend: that is told, with the Go version to take.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/module"
)

// accepted are vulnerabilities that are called and do no harm, with the reason.
func accepted() map[string]string { return map[string]string{} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "vulncheck:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 3 {
		return errors.New("usage: vulncheck GOVULNCHECK VERSION PACKAGE…")
	}
	program, version, packages := args[0], args[1], args[2:]
	written, err := module.PseudoVersionTime(version)
	if err != nil {
		return fmt.Errorf("version of the database: %w", err)
	}
	database, err := fetch(ctx, version)
	if err != nil {
		return err
	}
	report, err := scan(ctx, program, database, packages)
	if err != nil {
		return err
	}
	fmt.Printf("database of %s (%d days old): %s\n", written.Format(time.DateOnly), int(time.Since(written).Hours()/24), report.summary())
	for _, line := range report.lines() {
		fmt.Println(line)
	}
	if bad := report.bad(); len(bad) > 0 {
		return fmt.Errorf("%s: take the fixed version, or say in scripts/vulncheck why it does no harm", strings.Join(bad, ", "))
	}
	return nil
}

// fetch has Go fetch the database's module, unless it is there, and returns the folder of its entries.
func fetch(ctx context.Context, version string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", "golang.org/x/vulndb@"+version) //nolint:gosec // G204: a version of the Makefile's
	cmd.Dir = os.TempDir()                                                                            // it is no module of ours
	out, err := cmd.Output()
	var got struct{ Dir, Error string }
	if decoded := json.Unmarshal(out, &got); err != nil || decoded != nil || got.Dir == "" {
		return "", fmt.Errorf("fetch the database (it needs the network once): %w %s", errors.Join(err, decoded), got.Error)
	}
	return filepath.Join(got.Dir, "data", "osv"), nil
}

// scan runs govulncheck, which takes a folder of entries as a database.
func scan(ctx context.Context, program, database string, packages []string) (*report, error) {
	args := append([]string{"-tags", "goolm", "-format", "json", "-db", "file://" + filepath.ToSlash(database)}, packages...)
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // G204: the Makefile's own program
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("run govulncheck: %w", err)
	}
	found, err := read(out)
	_, _ = io.Copy(io.Discard, out) // or it would wait for us if reading failed
	if err = errors.Join(err, cmd.Wait()); err != nil {
		return nil, fmt.Errorf("run govulncheck: %w", err)
	}
	return found, nil
}
