package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"puente/core/app"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

func checkCommand(load loader) *cobra.Command {
	var health bool
	cmd := &cobra.Command{
		Use: "check", Short: "Say what works and what does not, with the mend", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load()
			if health {
				if err != nil {
					return err
				}
				return app.Healthy(cmd.Context(), cfg)
			}
			findings := []network.Finding{{OK: true, About: "config: all keys are known"}}
			if err != nil {
				findings = []network.Finding{{About: "config", Mend: err.Error()}}
			} else {
				findings = append(findings, app.Check(cmd.Context(), cfg, configured(cfg))...)
			}
			return printFindings(cmd, findings)
		},
	}
	cmd.Flags().BoolVar(&health, "health", false, "only ask the running Puente whether it is well")
	return cmd
}

func printFindings(cmd *cobra.Command, findings []network.Finding) error {
	bad := 0
	for _, f := range findings {
		line := "ok    " + f.About
		if !f.OK {
			bad++
			line = "FAIL  " + f.About + "\n      → " + strings.ReplaceAll(strings.TrimSpace(f.Mend), "\n", "\n        ")
		}
		if _, err := fmt.Fprintln(cmd.OutOrStdout(), line); err != nil {
			return fmt.Errorf("print the findings: %w", err)
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d checks failed: %w", bad, len(findings), errs.ErrInvalid)
	}
	return nil
}
