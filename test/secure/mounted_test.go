package secure

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mountedIn lists what the files under a folder mount on an HTTP server: "core/hub: GET /healthz". Emulators and the
// phone page have servers of their own, which are for tests and for the demonstration.
func mountedIn(t *testing.T, root, folder string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{"emulator", "emulation", "phone", "bridgetest", "testkit", "testdata"}, entry.Name()):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		patterns, err := mountedBy(path)
		for _, pattern := range patterns {
			relative, _ := filepath.Rel(root, filepath.Dir(path))
			found = append(found, filepath.ToSlash(relative)+": "+pattern)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// mountedBy lists the patterns of a file's calls of Handle and HandleFunc, as they are written there.
func mountedBy(path string) (patterns []string, err error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		return nil, fmt.Errorf("read a file's paths: %w", err)
	}
	ast.Inspect(file, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		called, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || called.Sel.Name != "HandleFunc" && (called.Sel.Name != "Handle" || !isMux(called.X)) {
			return true
		}
		var text bytes.Buffer
		err = printer.Fprint(&text, files, call.Args[0])
		patterns = append(patterns, strings.ReplaceAll(text.String(), `"`, ""))
		return true
	})
	return patterns, err
}

// isMux tells a server's Handle from the journal's.
func isMux(x ast.Expr) bool {
	name, ok := x.(*ast.Ident)
	return ok && strings.Contains(strings.ToLower(name.Name), "mux")
}

// TestTheTableOfPathsIsComplete fails when a path is mounted that the table does not have, or no longer is.
func TestTheTableOfPathsIsComplete(t *testing.T) {
	var known []string
	for _, p := range paths(&world{tb: t}) {
		known = append(known, p.mounted)
	}
	var mounted []string
	for _, folder := range []string{"core", "bridges", "cmd"} {
		mounted = append(mounted, mountedIn(t, "../..", folder)...)
	}
	for _, one := range mounted {
		if !slices.Contains(known, one) && !slices.Contains(prefixes, one) {
			t.Errorf("%s is mounted: give it a row in paths", one)
		}
	}
	for _, one := range slices.Concat(known, prefixes) {
		if !slices.Contains(mounted, one) {
			t.Errorf("%s is no longer mounted", one)
		}
	}
}

// prefixes are no paths: a bridge's own stand behind them.
var prefixes = []string{"core/hub: prefix + /"}
