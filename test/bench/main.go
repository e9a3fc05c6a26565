// Bench measures how fast Puente is, beside what it must be measured against: the bare homeserver and a plain
// bridgev2. Every figure is a ratio between peers that took turns within one run. `make bench` runs it all,
// `make bench BENCH=quick` a short form. ref: docs/benchmarks.md
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends a stop that takes too long
	is, err := child(ctx, os.Args)
	if !is {
		err = measure(ctx, os.Args[1:])
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

const allDatabases = "sqlite,postgres"

// measure runs what the command line asks for, prints the table and writes the results.
func measure(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	size := flags.String("size", "full", "full or quick")
	only := flags.String("only", "", "a regular expression: the scenarios to run; empty: all")
	databases := flags.String("databases", allDatabases, "the databases to run on")
	program := flags.String("puente", "bin/puente", "the program to measure")
	out := flags.String("out", "", "where the results go; empty: bench/results.json, or results-quick.json beside it; those of an earlier run that are not measured now stay")
	install := flags.String("synapse", ".cache/synapse", "where Synapse is, or is to be, installed")
	profile := flags.String("profile", "", "where a processor profile of Puente goes, the last one that was started; empty: none")
	keep := flags.String("dir", "", "where the data goes, to be looked at afterwards; empty: a folder that is removed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	p, known := plans()[*size]
	if !known {
		return fmt.Errorf("-size %q: there are full and quick", *size)
	}
	if *out == "" && *size == "full" {
		*out = "bench/results.json"
	} else if *out == "" {
		*out = "bench/results-" + *size + ".json" // not to be taken for those of a full run
	}
	p.kinds, p.chosen = strings.Split(*databases, ","), chosen
	dir := *keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "puente-bench-"); err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
	}
	command, err := commandOf(*program, *profile)
	if err != nil {
		return err
	}
	b := &bench{plan: p, dir: dir, program: command, synapseDir: *install, progress: newProgress(os.Stderr)}
	runErr := b.run(ctx)
	report := b.report(ctx, *size)
	report.print(os.Stdout)
	if *only != "" || *databases != allDatabases {
		if err = report.keep(*out); err != nil {
			return errors.Join(runErr, err)
		}
	}
	return errors.Join(runErr, report.save(*out))
}

// commandOf is what runs Puente: the program itself, or this one in its place if a profile is wanted.
func commandOf(program, profile string) ([]string, error) {
	if profile == "" {
		path, err := filepath.Abs(program)
		return []string{path, "run"}, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	path, err := filepath.Abs(profile)
	if err != nil {
		return nil, err
	}
	return []string{self, serveCommand}, os.Setenv(profileVariable, path)
}
