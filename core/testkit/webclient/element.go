package webclient

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed element
var element embed.FS

// Element is Element Web's user interface, ready for a browser: what agents see. It is that of October 2024, with the
// matrix-js-sdk of that time: the newest that is in a registry, as matrix-react-sdk.
type Element struct {
	folder string
}

// InstallElement puts the interface's pinned packages and what is bundled of them into dir, beside the web client that
// Install puts there, or takes what is there if it is of the same sources. It may be called as Install may.
func InstallElement(ctx context.Context, dir string, progress func(line string)) (Element, error) {
	install, err := Install(ctx, dir, progress)
	if err != nil {
		return Element{}, err
	}
	if progress == nil {
		progress = func(string) {}
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return Element{}, fmt.Errorf("find the folder for Element: %w", err)
	}
	pins, sources := []string{"element/package.json", "element/package-lock.json"}, []string{"element/build.mjs", "element/index.html", "element/main.jsx", "element/node.mjs"}
	packages, err := once(dir, "element", element, pins, func(made string) error {
		progress("Fetching Element")
		return install.ci(ctx, made, "--legacy-peer-deps") // as the lock was made: Element does without some peers
	})
	if err != nil {
		return Element{}, fmt.Errorf("install Element: %w", err)
	}
	page, err := once(packages, "page", element, sources, func(made string) error {
		progress("Bundling Element")
		return install.run(ctx, made, filepath.Join(made, "build.mjs"), filepath.Join(made, "out"))
	})
	if err != nil {
		return Element{}, fmt.Errorf("bundle Element: %w", err)
	}
	return Element{folder: filepath.Join(page, "out")}, nil
}

// Serve serves the interface on a port of this machine, for users of a homeserver, until stop is called.
func (e Element) Serve(ctx context.Context, homeserver, serverName string) (url string, stop func(), err error) {
	config, err := json.Marshal(map[string]any{
		"default_server_config": map[string]any{"m.homeserver": map[string]string{"base_url": homeserver, "server_name": serverName}},
		"disable_guests":        true,
	})
	if err != nil {
		return "", nil, fmt.Errorf("configure Element: %w", err)
	}
	pages := http.NewServeMux()
	pages.Handle("/", http.FileServer(http.Dir(e.folder)))
	pages.HandleFunc("/config.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(config)
	})
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("serve Element: %w", err)
	}
	server := &http.Server{Handler: pages, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Close
	}()
	return "http://" + listener.Addr().String() + "/", func() {
		_ = server.Close()
		<-done
	}, nil
}

// ci has npm install what the lock file in a folder names, checked by its hashes, and run none of their scripts.
func (i Installation) ci(ctx context.Context, dir string, options ...string) error {
	npm := filepath.Join(filepath.Dir(filepath.Dir(i.node)), "lib", "node_modules", "npm", "bin", "npm-cli.js")
	return i.run(ctx, dir, append([]string{npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"}, options...)...)
}

// run runs Node in a folder to its end.
func (i Installation) run(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, i.node, args...) //nolint:gosec // G204: the interpreter is the one just installed
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// once lays files out in a folder of dir that is named after what is in them, and has complete do the rest, unless the
// folder is there. Of several processes that do it at once one wins.
func once(dir, name string, from embed.FS, files []string, complete func(folder string) error) (folder string, err error) {
	hash, contents := sha256.New(), map[string][]byte{}
	for _, file := range files {
		content, err := from.ReadFile(file)
		if err != nil {
			return "", err
		}
		contents[filepath.Base(file)] = content
		_, _ = hash.Write(content)
	}
	folder = filepath.Join(dir, name+"-"+hex.EncodeToString(hash.Sum(nil)[:8]))
	if _, err = os.Stat(folder); err == nil {
		return folder, nil
	}
	made, err := os.MkdirTemp(dir, name+"-new-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(made) }() // nothing is left of it, or it was in vain
	for file, content := range contents {
		if err = os.WriteFile(filepath.Join(made, file), content, 0o600); err != nil {
			return "", err
		}
	}
	if err = complete(made); err != nil {
		return "", err
	}
	if err = os.Rename(made, folder); errors.Is(err, fs.ErrExist) { // another process was quicker
		err = nil
	}
	return folder, err
}
