package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"puente/core/base/config"
	"puente/core/hub"
)

// generateCommand rewrites the files that are made from the code; CI refuses them if they are out of step.
func generateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "generate", Short: "Rewrite the generated files of the source tree", Args: cobra.NoArgs, Hidden: true,
		RunE: func(*cobra.Command, []string) error {
			registration, err := exampleRegistration()
			if err != nil {
				return err
			}
			for path, text := range map[string]string{
				"config.example.yaml": config.Example(schemas()), "registration.yaml.example": registration,
				"docs/capabilities.md": capabilityPage(networks()),
			} {
				if err = os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // documentation is for everybody to read
					return fmt.Errorf("make the folder of %s: %w", path, err)
				}
				if err = os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // examples are for everybody to read
					return fmt.Errorf("write %s: %w", path, err)
				}
			}
			return nil
		},
	}
}

const registrationHead = `# Puente's registration: the homeserver's admin names this file under app_service_config_files in homeserver.yaml and
# restarts the homeserver. One registration serves all channels. ` + "`puente init`" + ` writes it, with tokens of its own;
# this is what it looks like.
`

func exampleRegistration() (string, error) {
	identity := hub.Identity{ //nolint:gosec // words in the place of tokens, which every installation makes for itself
		Names: hub.Names{Domain: "example.com", Bot: "puente", Prefix: "puente_"},
		ID:    "puente", Address: "http://localhost:29330",
		ASToken: "the same as appservice.as_token in config.yaml", HSToken: "the same as appservice.hs_token in config.yaml",
	}
	text, err := identity.Registration().YAML()
	if err != nil {
		return "", fmt.Errorf("write the example registration: %w", err)
	}
	return registrationHead + strings.TrimLeft(text, "\n"), nil
}
