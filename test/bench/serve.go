package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/pprof"

	"puente/bridges/whatsapp"
	"puente/core/app"
	"puente/core/base/config"
	"puente/core/hub/network"
)

// serveCommand makes this program a Puente, for being looked at more closely than the real one lets itself be.
const serveCommand = "serve"

// profileVariable names the file that gets the processor profile.
const profileVariable = "PUENTE_BENCH_PROFILE"

// configOf reads the config file that a command line names.
func configOf(command string, args []string) (*config.Config, error) {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	path := flags.String("c", "config.yaml", "the config file")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	return config.Load(*path, nil, schemas())
}

// child runs what this program is to be in the process of a bench, by the command line's first word; false if nothing.
func child(ctx context.Context, args []string) (is bool, err error) {
	if len(args) < 2 {
		return false, nil
	}
	switch args[1] {
	case serveCommand:
		return true, serve(ctx, args[2:])
	case plainCommand:
		return true, servePlain(ctx, args[2:])
	}
	return false, nil
}

// serve runs Puente as `puente run` does, and profiles it from the moment when it is ready.
func serve(ctx context.Context, args []string) (err error) {
	cfg, err := configOf(serveCommand, args)
	if err != nil {
		return err
	}
	running, err := app.New(ctx, cfg, app.Options{Networks: []network.Network{whatsapp.Network()}})
	if err != nil {
		return err
	}
	defer running.Close()
	if err = running.Start(ctx); err != nil {
		return err
	}
	defer running.Hub.Stop()
	if profile := os.Getenv(profileVariable); profile != "" {
		file, err := os.Create(profile) //nolint:gosec // G703: whoever runs the benchmarks names the file
		if err != nil {
			return fmt.Errorf("write the profile: %w", err)
		}
		if err = pprof.StartCPUProfile(file); err != nil {
			return errors.Join(fmt.Errorf("write the profile: %w", err), file.Close())
		}
		defer func() { pprof.StopCPUProfile(); err = errors.Join(err, file.Close()) }()
	}
	<-ctx.Done()
	return nil
}
