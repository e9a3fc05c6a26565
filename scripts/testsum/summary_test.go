package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestRealRuns runs `go test` on small modules, so that the report's form is the tool's own.
func TestRealRuns(t *testing.T) {
	tests := map[string]struct {
		source string // of thing_test.go
		line   string
		good   bool
		shows  []string
		hides  string
	}{
		"AllPass": {
			source: `func TestA(t *testing.T) { t.Log("chatter"); t.Run("One", func(t *testing.T) {}); t.Run("Two", func(t *testing.T) {}) }
				func TestB(t *testing.T) {}`,
			line: "3 passed, 0 failed", good: true, shows: []string{"ok   example.test/thing"}, hides: "chatter",
		},
		"SubtestFails": {
			source: `func TestA(t *testing.T) { t.Run("One", func(t *testing.T) { t.Error("reason one") }); t.Run("Two", func(t *testing.T) {}) }`,
			line:   "1 passed, 1 failed", shows: []string{"reason one", "FAIL example.test/thing"},
		},
		"ParentFailsByItself": {
			source: `func TestA(t *testing.T) { t.Run("One", func(t *testing.T) {}); t.Error("reason of the parent") }`,
			line:   "1 passed, 1 failed", shows: []string{"reason of the parent"},
		},
		"Skipped": {
			source: `func TestA(t *testing.T) {}; func TestB(t *testing.T) { t.SkipNow() }`,
			line:   "1 passed, 0 failed, 1 skipped", good: true,
		},
		"Panic": {
			source: `func TestA(t *testing.T) {}; func TestB(t *testing.T) { panic("out of order") }`,
			line:   "1 passed, 1 failed", shows: []string{"panic: out of order"},
		},
		"EndsWithoutAWord": {
			source: `func TestA(t *testing.T) {}; func TestB(t *testing.T) { println("last words"); os.Exit(3) }; var _ = os.Exit`,
			line:   "1 passed, 1 failed",
		},
		"DoesNotBuild": {
			source: `func TestA(t *testing.T) { undefinedThing() }`,
			line:   "0 passed, 1 failed", shows: []string{"undefined: undefinedThing"},
		},
		"SetUpFails": {
			source: `func TestMain(m *testing.M) { println("no set-up"); os.Exit(1) }; func TestA(t *testing.T) {}`,
			line:   "0 passed, 1 failed", shows: []string{"no set-up"},
		},
		"NothingToTest": {source: `func helper() {}`, line: "0 passed, 0 failed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			total, out := run(t, test.source)
			if total.line() != test.line || total.good() != test.good {
				t.Errorf("got %q, good %v", total.line(), total.good())
			}
			for _, part := range test.shows {
				if strings.Count(out, part) != 1 {
					t.Errorf("want %q once", part)
				}
			}
			if test.hides != "" && strings.Contains(out, test.hides) {
				t.Errorf("%q is shown", test.hides)
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

func run(t *testing.T, source string) (*summary, string) {
	t.Helper()
	dir := t.TempDir()
	header := "package thing\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nvar _ = os.Args\nvar _ testing.TB\n\n"
	for name, text := range map[string]string{"go.mod": "module example.test/thing\n\ngo 1.26\n", "thing_test.go": header + source + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out bytes.Buffer
	total := &summary{out: &out}
	if err := runTests(context.Background(), []string{"./..."}, total); err != nil {
		t.Fatal(err)
	}
	return total, out.String()
}

func TestBadArgumentsAreAnError(t *testing.T) {
	t.Chdir(t.TempDir())
	var out bytes.Buffer
	total := &summary{out: &out}
	if err := runTests(context.Background(), []string{"-no-such-flag", "./..."}, total); err == nil && total.good() {
		t.Fatalf("it passed: %s", total.line())
	}
}

func TestRunsAreSplit(t *testing.T) {
	got := runs([]string{"-race", "./a", "--", "./b", "--"})
	if want := [][]string{{"-race", "./a"}, {"./b"}}; !reflect.DeepEqual(got, want) {
		t.Fatalf("got %q", got)
	}
}

func TestRunsMayHaveAnEnvironment(t *testing.T) {
	split := runs([]string{"-race", "./a", "--", "A=1", "B=x=y", "-run=C=D", "./b"})
	if len(split) != 2 {
		t.Fatalf("runs: %v", split)
	}
	if environment, args := variables(split[0]); len(environment) != 0 || len(args) != 2 {
		t.Errorf("the first run: %v, %v", environment, args)
	}
	environment, args := variables(split[1])
	if !reflect.DeepEqual(environment, []string{"A=1", "B=x=y"}) || !reflect.DeepEqual(args, []string{"-run=C=D", "./b"}) {
		t.Errorf("the second run: %v, %v", environment, args)
	}
}
