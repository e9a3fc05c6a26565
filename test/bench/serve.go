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

// serve runs Puente as `puente run` does, and profiles it from the moment when it is ready.
func serve(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet(serveCommand, flag.ContinueOnError)
	path := flags.String("c", "config.yaml", "the config file")
	if err = flags.Parse(args); err != nil {
		return err
	}
	cfg, err := config.Load(*path, nil, schemas())
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
