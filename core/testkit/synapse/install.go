package synapse

import (
	"context"
	_ "embed"
	"fmt"
	"os"
)

//go:embed requirements.lock
var requirements string

// Installation is a Synapse that can be started.
type Installation struct {
	// Python is the interpreter whose environment has Synapse.
	Python string
	// Version is the version of Synapse: "1.160.0".
	Version string
}

// Install makes a Python virtual environment in dir with the pinned Synapse in it, or takes the one that is there
// if it was made from the same pins. Several processes may call it for the same dir at once: one works, the others
// wait. The variable PUENTE_TEST_SYNAPSE_VENV names an environment to take instead. progress, if not nil, gets a line
// for each step of the minute or so that a first install takes.
func Install(ctx context.Context, dir string, progress func(line string)) (Installation, error) {
	if given := os.Getenv(VenvVariable); given != "" {
		found, err := describe(ctx, venvPython(given))
		if err != nil {
			return Installation{}, fmt.Errorf("use the environment that %s names: %w", VenvVariable, err)
		}
		return found, nil
	}
	python, err := Environment{Name: "Synapse", Requirements: requirements}.Make(ctx, dir, progress)
	if err != nil {
		return Installation{}, err
	}
	return describe(ctx, python)
}

// describe looks at the virtual environment of an interpreter.
func describe(ctx context.Context, python string) (Installation, error) {
	version, err := installedVersion(ctx, python)
	if err != nil {
		return Installation{}, err
	}
	return Installation{Python: python, Version: version}, nil
}
