package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// report is what govulncheck found.
type report struct {
	summaries map[string]string // by ID
	calls     map[string]string // a place of ours that calls it, by ID and module
	fixed     map[string]string // in which version, by ID and module
	passive   map[string]bool   // what is there and is not called, by ID and module
}

const stdlib = "stdlib"

// message is one of the objects that govulncheck writes.
type message struct {
	OSV *struct {
		ID      string `json:"id"`
		Summary string `json:"summary"`
	} `json:"osv"`
	Finding *finding `json:"finding"`
}

type finding struct {
	OSV   string `json:"osv"`
	Fixed string `json:"fixed_version"`
	Trace []struct {
		Module   string `json:"module"`
		Package  string `json:"package"`
		Function string `json:"function"`
		Position *struct {
			Filename string `json:"filename"`
			Line     int    `json:"line"`
		} `json:"position"`
	} `json:"trace"`
}

func read(from io.Reader) (*report, error) {
	r := &report{summaries: map[string]string{}, calls: map[string]string{}, fixed: map[string]string{}, passive: map[string]bool{}}
	decoder := json.NewDecoder(from)
	for {
		var m message
		if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
			return r, nil
		} else if err != nil {
			return nil, fmt.Errorf("read what it found: %w", err)
		}
		if m.OSV != nil {
			r.summaries[m.OSV.ID] = m.OSV.Summary
		} else if m.Finding != nil && len(m.Finding.Trace) > 0 {
			r.add(m.Finding)
		}
	}
}

func (r *report) add(f *finding) {
	key := f.OSV + " in " + f.Trace[0].Module
	r.fixed[key] = f.Fixed
	if f.Trace[0].Function == "" {
		r.passive[key] = true
		return
	}
	if at := f.Trace[len(f.Trace)-1].Position; at != nil && r.calls[key] == "" {
		r.calls[key] = fmt.Sprintf("%s:%d", at.Filename, at.Line)
	}
}

// called lists what is called of modules, or of the standard library.
func (r *report) called(ofStdlib bool) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(r.calls)) {
		if strings.HasSuffix(key, " in "+stdlib) == ofStdlib {
			keys = append(keys, key)
		}
	}
	return keys
}

// bad lists what is called of modules and not accepted.
func (r *report) bad() []string {
	return slices.DeleteFunc(r.called(false), func(key string) bool {
		id, _, _ := strings.Cut(key, " ")
		return accepted()[id] != ""
	})
}

func (r *report) summary() string {
	uncalled := 0
	for key := range r.passive {
		if r.calls[key] == "" {
			uncalled++
		}
	}
	return fmt.Sprintf("%d vulnerabilities of modules are called, %d of the standard library; %d are there and not called",
		len(r.called(false)), len(r.called(true)), uncalled)
}

// lines tell of each vulnerability that is called.
func (r *report) lines() []string {
	var lines []string
	for _, key := range r.called(false) {
		id, _, _ := strings.Cut(key, " ")
		line := fmt.Sprintf("%s, fixed in %s, called from %s: %s", key, either(r.fixed[key], "no version yet"), r.calls[key], r.summaries[id])
		if why := accepted()[id]; why != "" {
			line += "; accepted: " + why
		}
		lines = append(lines, line)
	}
	newest := ""
	for _, key := range r.called(true) {
		if semver.Compare(r.fixed[key], newest) > 0 {
			newest = r.fixed[key]
		}
	}
	if newest != "" {
		lines = append(lines, "Build releases with Go "+strings.TrimPrefix(newest, "v")+" or newer: the standard library of this Go has what that one mended")
	}
	return lines
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
