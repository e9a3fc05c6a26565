package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// shown is how many costs are named.
const shown = 3

// part is one thing that processor time goes to. A sample belongs to the first part, from the innermost call outwards,
// one of whose marks is in a call's name.
type part struct {
	name  string
	marks []string
}

// parts are what time can go to; what stands further up counts first within one call.
func parts() []part {
	return []part{
		{"SQLite", []string{"mattn/go-sqlite3"}},
		{"PostgreSQL client", []string{"jackc/pgx"}},
		{"database/sql and dbutil", []string{"database/sql", "go.mau.fi/util/dbutil"}},
		{"log", []string{"rs/zerolog"}},
		{"JSON", []string{"encoding/json", "go-json-experiment", "tidwall/"}},
		{"HTTP client", []string{"net/http.(*Transport)", "net/http.(*persistConn)", "net/http.(*Client)", "net/http.(*Request).write", "maunium.net/go/mautrix.(*Client)"}},
		{"HTTP server", []string{"net/http.(*conn)", "net/http.(*Server)"}},
		{"garbage collection", []string{"runtime.gcBgMarkWorker", "runtime.bgsweep", "runtime.bgscavenge", "runtime.gcAssist"}},
		{"Go's scheduler", []string{"runtime.schedule", "runtime.findRunnable", "runtime.mcall", "runtime.mstart", "runtime.sysmon"}},
		{"bridgev2", []string{"mautrix/bridgev2"}},
		{"Puente", []string{"puente/"}},
	}
}

// costsOf names the parts that a processor profile's time goes to, the largest first.
func costsOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the profile: %w", err)
	}
	defer func() { _ = file.Close() }()
	parsed, err := profile.Parse(file)
	if err != nil {
		return "", fmt.Errorf("read the profile: %w", err)
	}
	times, all := map[string]int64{}, int64(0)
	for _, sample := range parsed.Sample {
		spent := sample.Value[len(sample.Value)-1] // nanoseconds; before it stands the number of samples
		times[partOf(sample)] += spent
		all += spent
	}
	names := make([]string, 0, len(times))
	for name := range times {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return int(times[b] - times[a]) })
	var list []string
	for _, name := range names[:min(shown, len(names))] {
		list = append(list, fmt.Sprintf("%s %.0f %%", name, 100*float64(times[name])/float64(all)))
	}
	return strings.Join(list, ", "), nil
}

func partOf(sample *profile.Sample) string {
	known := parts()
	for _, location := range sample.Location { // innermost first
		for _, line := range location.Line {
			for _, one := range known {
				if slices.ContainsFunc(one.marks, func(mark string) bool { return strings.Contains(line.Function.Name, mark) }) {
					return one.name
				}
			}
		}
	}
	return "other"
}
