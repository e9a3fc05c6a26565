package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"puente/core/app"
	"puente/core/base/config"
	"puente/core/base/scratch"
	"puente/core/hub/network"
)

func runCommand(load loader) *cobra.Command {
	return &cobra.Command{
		Use: "run", Short: "Run Puente until it is told to stop", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load()
			if err != nil {
				return err
			}
			folder, err := ownTempDir()
			if err != nil {
				return fmt.Errorf("cannot start: %w", err)
			}
			defer func() { _ = folder.Close() }() // the next start removes what is left
			puente, err := app.New(cmd.Context(), cfg, app.Options{Networks: configured(cfg)})
			if err != nil {
				return fmt.Errorf("cannot start: %w", err)
			}
			defer puente.Close()
			return puente.Run(cmd.Context())
		},
	}
}

// ownTempDir makes a folder the one for all temporary files of this process, and of those that it starts.
func ownTempDir() (*scratch.Folder, error) {
	folder, err := scratch.Open()
	if err != nil {
		return nil, err
	}
	return folder, os.Setenv("TMPDIR", folder.Path())
}

// configured are the networks that the config names.
func configured(cfg *config.Config) []network.Network {
	on := map[string]bool{}
	for _, id := range cfg.Networks() {
		on[id] = true
	}
	var list []network.Network
	for _, n := range networks() {
		if on[n.ID] {
			list = append(list, n)
		}
	}
	return list
}
