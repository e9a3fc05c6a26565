// Puente makes the Matrix protocol the hub between a business and its customers.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"puente/core/base/config"
)

// version is set by the build.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends a stop that takes too long
	err := rootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "puente:", err)
		os.Exit(1)
	}
}

// defaultConfig is where the config is looked for when nobody says.
const defaultConfig = "config.yaml"

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "puente", Short: "Matrix as the hub through which a business talks to its customers",
		SilenceUsage: true, SilenceErrors: true, Version: version,
	}
	var path string
	root.PersistentFlags().StringVarP(&path, "config", "c", defaultConfig, "the config file")
	load := func() (*config.Config, error) { return config.Load(path, os.Environ(), schemas()) }
	root.AddCommand(
		initCommand(&path), runCommand(load), checkCommand(load), journalCommand(load), migrateCommand(&path, load), customersCommand(load), demoCommand(),
		generateCommand(), versionCommand(),
	)
	return root
}

// loader reads the config that --config names.
type loader func() (*config.Config, error)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "puente", version)
			return err
		},
	}
}
