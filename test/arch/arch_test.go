// Package arch_test keeps the floors: it reads the imports of every Go file and names the file that looks upwards.
// It parses the files itself: what `go list` reads is unknown to the test cache, and a cached pass would hide an offence.
package arch_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "puente"

// offences returns one line per import of the file that the floors forbid. name is the file's path below the
// module's root, with slashes.
func offences(name string, imports []string) []string {
	folder := path.Dir(name)
	here, ok := ruleFor(folder)
	if !ok {
		return []string{fmt.Sprintf("%s: no rule says what %s may import", name, folder)}
	}
	var found []string
	for _, imported := range imports {
		if why := here.objection(name, imported); why != "" {
			found = append(found, fmt.Sprintf("%s imports %s: %s", name, imported, why))
		}
	}
	return found
}

// ruleFor returns the rule with the longest folder that folder lies in.
func ruleFor(folder string) (rule, bool) {
	var best rule
	for _, candidate := range rules {
		if within(folder, candidate.folder) && len(candidate.folder) > len(best.folder) {
			best = candidate
		}
	}
	if rest, ok := strings.CutPrefix(folder, "bridges/"); ok && best.folder == "" {
		name, _, _ := strings.Cut(rest, "/")
		best = bridgeRule("bridges/" + name)
	}
	return best, best.folder != ""
}

// objection says why a file may not import a package, or "".
func (r rule) objection(name, imported string) string {
	own, isOwn := strings.CutPrefix(imported, module+"/")
	if slices.ContainsFunc(r.never, func(forbidden string) bool { return within(imported, forbidden) || isOwn && within(own, forbidden) }) {
		return r.folder + " never sees it"
	}
	if !isOwn {
		return ""
	}
	isTest := strings.HasSuffix(name, "_test.go")
	if within(own, r.folder) {
		if emulator := r.folder + "/emulator"; strings.HasPrefix(r.folder, "bridges/") && within(own, emulator) &&
			!within(path.Dir(name), emulator) && !isTest {
			return "an emulator is for tests and for cmd"
		}
		return ""
	}
	allowed := r.may
	if isTest {
		allowed = slices.Concat(r.may, r.inTests)
	}
	if slices.ContainsFunc(allowed, func(prefix string) bool { return within(own, prefix) }) {
		return ""
	}
	return r.folder + " may import only " + strings.Join(append([]string{"itself"}, allowed...), ", ")
}

// within tells whether a path is prefix or lies below it.
func within(p, prefix string) bool { return p == prefix || strings.HasPrefix(p, prefix+"/") }

// importsOf parses the import clauses of a file; src as in parser.ParseFile.
func importsOf(name string, src any) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
	if err != nil {
		return nil, fmt.Errorf("read the imports: %w", err)
	}
	var imports []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("read the imports of %s: %w", name, err)
		}
		imports = append(imports, imported)
	}
	return imports, nil
}

// goFiles returns the paths of all Go files below root, relative and with slashes. Folders with a dot, and
// testdata, are none of ours.
func goFiles(root string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(root, func(p string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && p != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin") {
			return filepath.SkipDir
		}
		if entry.Type().IsRegular() && strings.HasSuffix(name, ".go") {
			relative, err := filepath.Rel(root, p)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(relative))
		}
		return nil
	})
	return files, err
}

func TestImportsGoDownOnly(t *testing.T) {
	const root = "../.."
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	files, err := goFiles(root)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(files, "core/base/errs/errs.go") {
		t.Fatalf("the walk missed core/base/errs/errs.go among %d files", len(files))
	}
	for _, name := range files {
		imports, err := importsOf(filepath.Join(root, filepath.FromSlash(name)), nil)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, offence := range offences(name, imports) {
			t.Error(offence)
		}
	}
}

func TestOffencesAreNamed(t *testing.T) {
	tests := map[string]struct{ file, imported, want string }{
		"BaseLooksUp":              {"core/base/store/store.go", "puente/core/desk/channel", "core/base may import only itself"},
		"DeskLooksRight":           {"core/desk/inbox/assign.go", "puente/core/desk/campaign", "core/desk/inbox may import only"},
		"DeskSeesHub":              {"core/desk/rule/rule.go", "puente/core/hub/network", "core/desk/rule may import only"},
		"DeskSeesMautrix":          {"core/desk/audit/audit.go", "maunium.net/go/mautrix/id", "never sees it"},
		"DeskTestSeesMautrix":      {"core/desk/audit/audit_test.go", "maunium.net/go/mautrix", "never sees it"},
		"WebSeesHub":               {"core/web/api/api.go", "puente/core/hub", "core/web may import only"},
		"WebSeesMautrix":           {"core/web/api/api.go", "maunium.net/go/mautrix/event", "never sees it"},
		"HubSeesMoreOfTheDesk":     {"core/hub/router.go", "puente/core/desk/inbox", "core/hub may import only"},
		"AppKnowsABridge":          {"core/app/app.go", "puente/bridges/whatsapp", "core/app may import only"},
		"AppTestKnowsABridge":      {"core/app/app_test.go", "puente/bridges/whatsapp", "core/app may import only"},
		"BridgeSeesAnother":        {"bridges/telegram/client.go", "puente/bridges/signal/wire", "bridges/telegram may import only"},
		"BridgeSeesTheHub":         {"bridges/telegram/client.go", "puente/core/hub", "bridges/telegram may import only"},
		"BridgeSeesTheStore":       {"bridges/telegram/client.go", "puente/core/base/store", "bridges/telegram may import only"},
		"BridgeTestSeesAnother":    {"bridges/telegram/client_test.go", "puente/bridges/signal", "bridges/telegram may import only"},
		"BridgeNeedsItsEmulator":   {"bridges/telegram/client.go", "puente/bridges/telegram/emulator", "for tests and for cmd"},
		"ProductSeesTestkit":       {"core/hub/hub.go", "puente/core/testkit/clock", "core/hub may import only"},
		"UnknownDeskPackage":       {"core/desk/loyalty/points.go", "fmt", "no rule says"},
		"UnknownFloor":             {"pkg/thing.go", "fmt", "no rule says"},
		"PrefixIsNotAFolder":       {"core/hub/hub.go", "puente/core/basement", "core/hub may import only"},
		"BridgeKitSeesABridge":     {"bridges/bridgekit/html.go", "puente/bridges/whatsapp", "bridges/bridgekit may import only"},
		"SubfolderOfBridgeStrays":  {"bridges/whatsapp/graph/client.go", "puente/core/base/journal", "bridges/whatsapp may import only"},
		"EmulatorSeesOtherBridges": {"bridges/whatsapp/emulator/page.go", "puente/bridges/signal", "bridges/whatsapp may import only"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			found := offencesOf(t, test.file, test.imported)
			if len(found) != 1 || !strings.HasPrefix(found[0], test.file) || !strings.Contains(found[0], test.want) {
				t.Errorf("want one offence with %q, got %q", test.want, found)
			}
		})
	}
}

func TestAllowedImportsPass(t *testing.T) {
	tests := map[string]struct{ file, imported string }{
		"DeskLooksLeft":           {"core/desk/campaign/send.go", "puente/core/desk/consent"},
		"DeskSeesBase":            {"core/desk/campaign/store.go", "puente/core/base/store"},
		"WebSeesTheDesk":          {"core/web/api/api.go", "puente/core/desk/metric"},
		"HubSeesItself":           {"core/hub/hub.go", "puente/core/hub/network"},
		"HubSeesMautrix":          {"core/hub/hub.go", "maunium.net/go/mautrix/bridgev2"},
		"BridgeSeesWhatItNeeds":   {"bridges/whatsapp/client.go", "puente/core/hub/network"},
		"BridgeSeesItsParts":      {"bridges/whatsapp/client.go", "puente/bridges/whatsapp/graph"},
		"BridgeTestUsesEmulator":  {"bridges/whatsapp/client_test.go", "puente/bridges/whatsapp/emulator"},
		"EmulatorSeesItsBridge":   {"bridges/whatsapp/emulator/send.go", "puente/bridges/whatsapp/graph"},
		"BridgePassesConformance": {"bridges/whatsapp/conformance_test.go", "puente/bridges/bridgetest"},
		"CmdKnowsTheBridges":      {"cmd/puente/networks.go", "puente/bridges/whatsapp"},
		"CmdStartsTheTestkit":     {"cmd/puente/demo.go", "puente/core/testkit/synapse"},
		"EndToEndKnowsAll":        {"test/e2e/whatsapp_test.go", "puente/bridges/whatsapp/emulator"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if found := offencesOf(t, test.file, test.imported); len(found) != 0 {
				t.Errorf("got %q", found)
			}
		})
	}
}

// offencesOf checks a file that exists in memory only, with one import.
func offencesOf(t *testing.T, name, imported string) []string {
	t.Helper()
	imports, err := importsOf(name, fmt.Sprintf("package p\n\nimport _ %q\n", imported))
	if err != nil {
		t.Fatal(err)
	}
	return offences(name, imports)
}
