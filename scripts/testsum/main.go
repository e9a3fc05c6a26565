// Command testsum runs the tests and says at the end, alone on a line, how many passed and failed. Its arguments
// are those of `go test`; a further run follows after each "--". A run may begin with variables of its environment:
//
//	testsum -race ./core/... -- ./test/... -- DATABASE=postgres ./test/...
//
// It prints a line per package as it ends, everything that a failed test wrote, and nothing of those that passed.
// It fails if a test failed, if something did not build, and if no test ran.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	total := &summary{out: os.Stdout}
	for _, args := range runs(os.Args[1:]) {
		if err := runTests(ctx, args, total); err != nil {
			fmt.Fprintln(os.Stderr, err)
			total.failed++
		}
	}
	stop()
	fmt.Println(total.line())
	if !total.good() {
		os.Exit(1)
	}
}

// runs splits the arguments at each "--".
func runs(args []string) [][]string {
	split := [][]string{nil}
	for _, arg := range args {
		if arg == "--" {
			split = append(split, nil)
			continue
		}
		split[len(split)-1] = append(split[len(split)-1], arg)
	}
	return slices.DeleteFunc(split, func(run []string) bool { return len(run) == 0 })
}

// variables splits off what stands before the first argument of `go test`.
func variables(args []string) (environment, rest []string) {
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") && strings.Contains(args[0], "=") {
		environment, args = append(environment, args[0]), args[1:]
	}
	return environment, args
}

// runTests runs `go test -json` once and adds what it says to total. The error is about the run itself; that tests
// failed is none.
func runTests(ctx context.Context, args []string, total *summary) error {
	before := total.failed
	environment, args := variables(args)
	if len(environment) > 0 {
		fmt.Fprintln(total.out, "== with", strings.Join(environment, " "))
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...) //nolint:gosec // G204: the caller's own arguments
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), environment...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("run the tests: %w", err)
	}
	if err = cmd.Start(); err != nil {
		return fmt.Errorf("run the tests: %w", err)
	}
	readErr := total.read(out)
	if readErr != nil {
		_, _ = io.Copy(io.Discard, out) // the tests must not block on us
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 && total.failed > before {
		err = nil
	}
	if err = errors.Join(readErr, err); err != nil {
		return fmt.Errorf("run the tests: %w", err)
	}
	return nil
}
