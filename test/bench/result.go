package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Row is one line of the table: what was measured of Puente, and of its peers in the same rounds.
type Row struct {
	Scenario   string   `json:"scenario"`
	Chats      int      `json:"chats,omitempty"`
	Database   string   `json:"database"`
	Unit       string   `json:"unit"`
	Puente     float64  `json:"puente"`
	Raw        *float64 `json:"raw,omitempty"`
	RawRatio   *Ratio   `json:"ratio_to_raw,omitempty"`
	Plain      *float64 `json:"plain_bridgev2,omitempty"`
	PlainRatio *Ratio   `json:"ratio_to_plain_bridgev2,omitempty"`
	Target     string   `json:"target,omitempty"`
	Reached    *bool    `json:"reached,omitempty"` // nil: there is no target
	Note       string   `json:"note,omitempty"`
	Commit     string   `json:"commit,omitempty"` // what was measured, if not the report's
}

// Report is what a run leaves.
type Report struct {
	Machine Machine `json:"machine"`
	Size    string  `json:"size"`
	Rows    []Row   `json:"rows"`
}

// keep takes over what another run left at path, of the same size, and this one did not measure.
func (r *Report) keep(path string) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("read the earlier results: %w", err)
	}
	var earlier Report
	if err = json.Unmarshal(data, &earlier); err != nil {
		return fmt.Errorf("read the earlier results in %s: %w", path, err)
	} else if earlier.Size != r.Size {
		return fmt.Errorf("the earlier results in %s are of size %s: name another file with -out", path, earlier.Size)
	}
	measured := r.Rows
	r.Rows = nil
	for _, row := range earlier.Rows {
		if !slices.ContainsFunc(measured, row.isOfTheSame) {
			row.Commit = cmp.Or(row.Commit, earlier.Machine.Commit)
			r.Rows = append(r.Rows, row)
		}
	}
	r.Rows = append(r.Rows, measured...)
	return nil
}

func (r Row) isOfTheSame(other Row) bool {
	return r.Scenario == other.Scenario && r.Chats == other.Chats && r.Database == other.Database && r.Unit == other.Unit
}

func (r *Report) save(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	if err = os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	if err = os.WriteFile(path, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}

// against fills in a row's peers, all from the same rounds.
func (r *Row) against(puente, raw, plain []float64) {
	r.Puente = median(puente)
	if raw != nil {
		figure, ratio := median(raw), ratioOf(puente, raw)
		r.Raw, r.RawRatio = &figure, &ratio
	}
	if plain != nil {
		figure, ratio := median(plain), ratioOf(puente, plain)
		r.Plain, r.PlainRatio = &figure, &ratio
	}
}

// goal sets the target and whether it was reached.
func (r *Row) goal(target string, reached bool) { r.Target, r.Reached = target, &reached }
