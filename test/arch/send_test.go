package arch_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// use is a place in the source where something is called, or handed on to be called, by its name.
type use struct{ file, function, name string }

func (u use) String() string { return u.file + " " + u.function + " " + u.name }

// usesIn finds in a Go file where the names are used: x.Name, whatever x is, but for a package. It goes by names alone: what
// is called alike must be listed, and nothing is missed because of its type.
func usesIn(name string, src any, wanted func(string) bool) ([]use, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("read the uses: %w", err)
	}
	var found []use
	for _, declared := range file.Decls {
		function := "" // of the file itself: a variable that holds it
		if f, ok := declared.(*ast.FuncDecl); ok {
			function = f.Name.Name
		}
		ast.Inspect(declared, func(node ast.Node) bool {
			selected, ok := node.(*ast.SelectorExpr)
			if ok && wanted(selected.Sel.Name) && !isPackage(file, selected.X) {
				found = append(found, use{filepath.ToSlash(name), function, selected.Sel.Name})
			}
			return true
		})
	}
	return found, nil
}

// isPackage tells whether an expression is the name under which a file imports a package.
func isPackage(file *ast.File, of ast.Expr) bool {
	name, ok := of.(*ast.Ident)
	return ok && slices.ContainsFunc(file.Imports, func(spec *ast.ImportSpec) bool {
		if spec.Name != nil {
			return spec.Name.Name == name.Name
		}
		return path.Base(strings.Trim(spec.Path.Value, `"`)) == name.Name
	})
}

// usesUnder finds the uses in the product's files of some folders, without what lies below them.
func usesUnder(t *testing.T, wanted func(string) bool, folders ...string) (found []use) {
	t.Helper()
	files, err := goFiles("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !slices.Contains(folders, path.Dir(name)) || strings.HasSuffix(name, "_test.go") {
			continue
		}
		uses, err := usesIn("../../"+name, nil, wanted)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range uses {
			one.file = name
			found = append(found, one)
		}
	}
	return found
}

// compare tells of each use that is not listed, and of each that is listed and not there.
func compare(t *testing.T, found []use, listed map[string]string, mend string) {
	t.Helper()
	seen := map[string]bool{}
	for _, one := range found {
		seen[one.String()] = true
		if listed[one.String()] == "" {
			t.Errorf("%s: %s uses %s. %s", one.file, one.function, one.name, mend)
		}
	}
	for one := range listed {
		if !seen[one] {
			t.Errorf("%s is listed, and is not there any more: take it off the list", one)
		}
	}
}

// isHandler tells whether a method is one by which bridgev2 gives a bridge what is to be sent.
func isHandler(name string) bool {
	return strings.HasPrefix(strings.TrimPrefix(name, "Pre"), "HandleMatrix")
}

func named(names ...string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}

// TestOnlyTheGateLeadsToABridge: what the hub gives to a bridge it gives at one place, behind the gate.
func TestOnlyTheGateLeadsToABridge(t *testing.T) {
	const mend = "What leaves for a customer must pass hosted.mayLeave: let it be an event in the room, which hosted.send hands over."
	core := foldersUnder(t, "core")
	compare(t, usesUnder(t, named("QueueMatrixEvent"), core...), map[string]string{
		"core/hub/handlematrix.go hand QueueMatrixEvent":     "behind mayLeave: see the next ones",
		"core/hub/router.go routeEphemeral QueueMatrixEvent": "receipts and typing; ownReceipts drops those of the team's threads",
	}, mend)
	compare(t, usesUnder(t, named("hand"), "core/hub"), map[string]string{"core/hub/handlematrix.go send hand": "after mayLeave"}, mend)
	compare(t, usesUnder(t, named("send"), "core/hub"), map[string]string{
		"core/hub/handlematrix.go handleMatrix send": "after staysInTeam",
		"core/hub/copy.go say send":                  "copying.send: an event in the room",
		"core/hub/copy.go sayMessage send":           "copying.send: an event in the room",
		"core/hub/copy.go sign send":                 "copying.send: an event in the room",
	}, mend)
	compare(t, usesUnder(t, named("mayLeave"), "core/hub"), map[string]string{"core/hub/handlematrix.go send mayLeave": "before hand"}, mend)
	compare(t, usesUnder(t, func(name string) bool {
		return strings.HasPrefix(name, "HandleMatrix") || name == "PreHandleMatrixReaction"
	}, core...), nil, mend)
	// bridgev2's own loop would hand over whatever the appservice's channel has.
	compare(t, usesUnder(t, named("EventProcessor"), "core/hub"), nil, mend)
}

// TestTheGateStandsBeforeTheBridge: the order within the functions that TestOnlyTheGateLeadsToABridge lists.
func TestTheGateStandsBeforeTheBridge(t *testing.T) {
	for _, order := range []struct {
		file, function string
		names          []string
	}{
		{"core/hub/handlematrix.go", "handleMatrix", []string{"staysInTeam", "send"}},
		{"core/hub/handlematrix.go", "send", []string{"mayLeave", "hand"}},
		{"core/hub/router.go", "routeEphemeral", []string{"ownReceipts", "QueueMatrixEvent"}},
		{"core/hub/copy.go", "send", []string{"writeEvent"}},
	} {
		uses, err := usesIn("../../"+order.file, nil, named(order.names...))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, one := range uses {
			if one.function == order.function {
				got = append(got, one.name)
			}
		}
		if !slices.Equal(got, order.names) {
			t.Errorf("%s: %s uses %v, and not %v, in this order and each once", order.file, order.function, got, order.names)
		}
	}
}

// foldersUnder lists the folders of Go files below one.
func foldersUnder(t *testing.T, top string) (folders []string) {
	t.Helper()
	files, err := goFiles("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if folder := path.Dir(name); within(folder, top) && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	return folders
}
