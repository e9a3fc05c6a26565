package main

import (
	"github.com/spf13/cobra"

	"puente/cmd/puente/demo"
)

// demoCommand is `puente demo`; package demo does the work.
func demoCommand() *cobra.Command {
	opts := demo.Options{Networks: networks()}
	cmd := &cobra.Command{
		Use: "demo", Short: "Try Puente on this machine: Synapse, Puente and emulated networks", Args: cobra.NoArgs,
		Long: "Starts a Synapse, Puente and an emulator of each network that know only each other, and tells what to open. " +
			"All of it ends with Ctrl-C; the next start goes on from there. With --script a conversation plays by itself, " +
			"in a world of its own that is thrown away.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts.Out = cmd.OutOrStdout()
			return demo.Run(cmd.Context(), opts)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Dir, "dir", ".demo", "the folder for all that the demo installs and keeps")
	flags.BoolVar(&opts.Script, "script", false, "play a conversation with every type of message, and tell what arrived")
	flags.BoolVar(&opts.Reset, "reset", false, "throw away what the demo kept, but not the installed Synapse")
	flags.IntVar(&opts.PortBase, "port-base", 0, "the first of three ports in a row; without it 8008, or those of the last run")
	cmd.MarkFlagsMutuallyExclusive("script", "reset")
	return cmd
}
