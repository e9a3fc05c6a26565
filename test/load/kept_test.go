package load

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
)

// kept is what a run with a lasting folder leaves for the next one, beside the homeserver and the database.
type kept struct {
	Costs       costs   `json:"costs"`        // at the small size
	Filled      int     `json:"filled"`       // conversations
	FillSeconds float64 `json:"fill_seconds"` // that it took to open them
}

func (o *office) keptPath() string { return filepath.Join(o.dir, "kept.json") }

// recall reads what an earlier run left, if there is anything.
func (o *office) recall() {
	o.Helper()
	data, err := os.ReadFile(o.keptPath())
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	o.must(err)
	o.must(json.Unmarshal(data, &o.kept))
}

// remember leaves for the next run what is known by now.
func (o *office) remember() {
	o.Helper()
	data, err := json.MarshalIndent(o.kept, "", "  ")
	o.must(err)
	o.must(os.WriteFile(o.keptPath(), data, 0o600))
}
