package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is a line of `go test -json`. ref: go doc test2json, and `go help buildjson` for the build's.
type event struct {
	Action      string
	Package     string
	ImportPath  string // instead of Package in what the build says
	Test        string
	Elapsed     float64 // seconds
	Output      string
	FailedBuild string
}

// summary counts tests that have no subtests, and those that fail by themselves although their subtests passed.
type summary struct {
	out                     io.Writer
	passed, failed, skipped int

	packages map[string]*packageRun
	builds   map[string]*strings.Builder // what the build wrote, by import path
}

// packageRun is a package whose tests run.
type packageRun struct {
	tests          map[string]*testRun // "" is the package itself
	counted, fails int
}

// testRun is a test that has not ended, or that has and is still needed to count its parent.
type testRun struct {
	output                strings.Builder
	hasChildren, childBad bool
	ended                 bool
}

// read takes all lines of one run.
func (s *summary) read(from io.Reader) error {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var evt event
			if json.Unmarshal(line, &evt) == nil && evt.Action != "" {
				s.take(evt)
			} else {
				fmt.Fprintf(s.out, "%s", line)
			}
		}
		if err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read the tests' report: %w", err)
		}
	}
}

func (s *summary) take(evt event) {
	switch evt.Action {
	case "build-output":
		s.build(evt.ImportPath).WriteString(evt.Output)
	case "run":
		s.test(evt.Package, evt.Test)
		if parent := parentOf(evt.Test); parent != "" {
			s.test(evt.Package, parent).hasChildren = true
		}
	case "output":
		s.test(evt.Package, evt.Test).output.WriteString(evt.Output)
	case "pass", "fail", "skip":
		if evt.Test == "" {
			s.endPackage(evt)
		} else {
			s.endTest(evt.Package, evt.Test, evt.Action)
		}
	}
}

func (s *summary) build(importPath string) *strings.Builder {
	if s.builds == nil {
		s.builds = map[string]*strings.Builder{}
	}
	if s.builds[importPath] == nil {
		s.builds[importPath] = &strings.Builder{}
	}
	return s.builds[importPath]
}

func (s *summary) pkg(name string) *packageRun {
	if s.packages == nil {
		s.packages = map[string]*packageRun{}
	}
	if s.packages[name] == nil {
		s.packages[name] = &packageRun{tests: map[string]*testRun{}}
	}
	return s.packages[name]
}

func (s *summary) test(pkg, name string) *testRun {
	tests := s.pkg(pkg).tests
	if tests[name] == nil {
		tests[name] = &testRun{}
	}
	return tests[name]
}

// endTest counts a test, and prints what it wrote if it failed.
func (s *summary) endTest(pkg, name, action string) {
	test := s.test(pkg, name)
	test.ended = true
	if action == "fail" {
		fmt.Fprint(s.out, test.output.String())
		if parent := parentOf(name); parent != "" {
			s.test(pkg, parent).childBad = true
		}
	}
	test.output.Reset()
	if test.hasChildren && (action != "fail" || test.childBad) {
		return
	}
	s.pkg(pkg).counted++
	switch action {
	case "pass":
		s.passed++
	case "skip":
		s.skipped++
	default:
		s.failed++
		s.pkg(pkg).fails++
	}
}

// endPackage prints the package's line. What ended without a word, by a panic or a time-out, failed; a package
// that failed without a failed test (it does not build, its TestMain failed) counts as one.
func (s *summary) endPackage(evt event) {
	run := s.pkg(evt.Package)
	delete(s.packages, evt.Package)
	if evt.Action == "skip" {
		return // no test files
	}
	verdict := "ok  "
	if evt.Action == "fail" {
		verdict = "FAIL"
		s.packages[evt.Package] = run
		s.endUnfinished(evt.Package, run)
		delete(s.packages, evt.Package)
		if evt.FailedBuild != "" {
			fmt.Fprint(s.out, s.build(evt.FailedBuild).String())
		}
		if own := run.tests[""]; own != nil {
			fmt.Fprint(s.out, own.output.String())
		}
		if run.fails == 0 {
			s.failed++
		}
	}
	fmt.Fprintf(s.out, "%s %-45s %4d tests %8.2f s\n", verdict, evt.Package, run.counted, evt.Elapsed)
}

// endUnfinished fails the tests that were running when the package ended, subtests before their parents.
func (s *summary) endUnfinished(pkg string, run *packageRun) {
	names := slices.Sorted(maps.Keys(run.tests))
	for _, name := range slices.Backward(names) {
		if name != "" && !run.tests[name].ended {
			s.endTest(pkg, name, "fail")
		}
	}
}

// parentOf returns the test that a subtest belongs to, or "".
func parentOf(name string) string {
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		return name[:i]
	}
	return ""
}

// line is the closing line.
func (s *summary) line() string {
	line := fmt.Sprintf("%d passed, %d failed", s.passed, s.failed)
	if s.skipped > 0 {
		line += fmt.Sprintf(", %d skipped", s.skipped)
	}
	return line
}

// good tells whether something was tested and nothing failed.
func (s *summary) good() bool { return s.failed == 0 && s.passed > 0 }
