package synapse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// VenvVariable is the environment variable that names a virtual environment with Synapse in it, which Install
// then takes as it is.
const VenvVariable = "PUENTE_TEST_SYNAPSE_VENV"

// probe prints the version, and fails if the interpreter cannot make virtual environments. Debian splits
// ensurepip off into python3-venv.
const probe = `import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 10))`

// FindPython returns the path of a Python from 3.10 on that can make virtual environments. The error is one line
// that says how to install one.
func FindPython(ctx context.Context) (string, error) {
	candidates := []string{"python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"}
	var found string
	for _, name := range candidates {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := pythonCommand(ctx, path, "-c", probe).Output()
		if err == nil {
			return path, nil
		} else if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if found == "" {
			found = unusable(name, strings.TrimSpace(string(out)))
		}
	}
	if found == "" {
		found = "there is no python3"
	}
	return "", errors.New(found + "; Synapse needs Python 3.10 or newer with venv: apt-get install python3-venv")
}

// unusable says why the probe of an interpreter failed; it prints its version only if venv is there.
func unusable(name, version string) string {
	if version == "" {
		return name + " has no venv"
	}
	return name + " is version " + version
}

// pythonCommand makes a command for a Python that looks at nothing but its own environment.
func pythonCommand(ctx context.Context, python string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, python, args...) //nolint:gosec // G204: the interpreter is the one that FindPython or Install chose
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "PYTHONPATH=") && !strings.HasPrefix(pair, "PYTHONHOME=") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	return cmd
}

// installedVersion asks a virtual environment for the version of its Synapse.
func installedVersion(ctx context.Context, python string) (string, error) {
	const question = `from importlib.metadata import version; print(version("matrix-synapse"))`
	out, err := pythonCommand(ctx, python, "-c", question).Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its Synapse: %w", python, err)
	}
	return strings.TrimSpace(string(out)), nil
}
