package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
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
}

// Report is what a run leaves.
type Report struct {
	Machine Machine `json:"machine"`
	Size    string  `json:"size"`
	Rows    []Row   `json:"rows"`
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
