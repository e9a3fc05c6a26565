package load

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report is what a run says in the end, also as JSON. Its times are information: they say more about the machine than about
// Puente, but for the ratios.
type report struct {
	Agents        int            `json:"agents"`
	Conversations int            `json:"conversations"`
	Small         int            `json:"small"`
	Members       int            `json:"members_of_a_room"` // of the agents; 0: all
	Database      string         `json:"database"`
	Seconds       int            `json:"seconds"`
	Costs         []costLine     `json:"costs"`
	Fill          fillReport     `json:"fill"`
	Load          loadReport     `json:"load"`
	Claim         latencies      `json:"claim_until_seen"`
	Answer        latencies      `json:"answer_until_on_the_phone"`
	Heap          int            `json:"heap_megabytes"` // of Puente, the emulators and the agents' clients together
	Homeserver    map[string]int `json:"homeserver_milliseconds_by_request"`
}

// costLine is the cost of one action with few and with many conversations.
type costLine struct {
	Action string           `json:"action"`
	Few    int64            `json:"few"`
	Many   int64            `json:"many"`
	Kinds  map[string]int64 `json:"kinds"`
}

type fillReport struct {
	Conversations int     `json:"conversations"`
	Seconds       int     `json:"seconds"`
	PerSecond     float64 `json:"per_second"`
}

type loadReport struct {
	Seconds   int            `json:"seconds"`
	Deeds     map[string]int `json:"actions"`
	Actions   int            `json:"actions_in_all"`
	Requests  int64          `json:"requests"`
	PerAction float64        `json:"requests_per_action"`
}

// latencies are milliseconds at an idle desk, and while all work at once.
type latencies struct {
	IdleP50 int64   `json:"idle_p50"`
	P50     int64   `json:"p50"`
	P99     int64   `json:"p99"`
	Ratio50 float64 `json:"p50_to_idle"`
	Ratio99 float64 `json:"p99_to_idle"`
}

func compare(idle, busy []time.Duration) latencies {
	l := latencies{IdleP50: share(idle, 0.5).Milliseconds(), P50: share(busy, 0.5).Milliseconds(), P99: share(busy, 0.99).Milliseconds()}
	if l.IdleP50 > 0 {
		l.Ratio50, l.Ratio99 = float64(l.P50)/float64(l.IdleP50), float64(l.P99)/float64(l.IdleP50)
	}
	return l
}

// share is the time within which this share was done.
func share(list []time.Duration, part float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))]
}

func (s *shift) report(many costs, idle *shift) *report {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	r := &report{
		Agents: len(s.agents), Conversations: len(s.customers), Small: s.opts.small, Members: s.opts.members, Database: s.database.Type,
		Seconds: int(time.Since(s.began).Seconds()), Heap: int(memory.HeapInuse >> 20), Homeserver: s.gate.took(),
		Fill:  fillReport{Conversations: s.kept.Filled, Seconds: int(s.kept.FillSeconds), PerSecond: float64(s.kept.Filled) / s.kept.FillSeconds},
		Claim: compare(idle.claims, s.claims), Answer: compare(idle.answers, s.answers),
		Load: loadReport{Seconds: int(s.lasted.Seconds()), Deeds: s.deeds, Actions: s.actions(), Requests: s.requests},
	}
	r.Load.PerAction = float64(s.requests) / float64(r.Load.Actions)
	for _, action := range actions() {
		r.Costs = append(r.Costs, costLine{action, s.kept.Costs[action].Requests, many[action].Requests, many[action].Kinds})
	}
	return r
}

// String is the report as tables.
func (r *report) String() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "\naction\trequests with %d conversations\twith %d\n", r.Small, r.Conversations)
	for _, one := range r.Costs {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\n", one.Action, one.Few, one.Many)
	}
	_, _ = fmt.Fprintf(w, "\nwhile all work at once\ttimes\t\n")
	for _, deed := range slices.Sorted(maps.Keys(r.Load.Deeds)) {
		_, _ = fmt.Fprintf(w, "%s\t%d\t\n", deed, r.Load.Deeds[deed])
	}
	_, _ = fmt.Fprintf(w, "\nmilliseconds\tidle p50\tp50\tp99\tp50 to idle\tp99 to idle\n")
	for name, l := range map[string]latencies{"claim until the agent sees it": r.Claim, "answer until the phone shows it": r.Answer} {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%.1f\t%.1f\n", name, l.IdleP50, l.P50, l.P99, l.Ratio50, l.Ratio99)
	}
	_ = w.Flush() // into memory
	fmt.Fprintf(&text, "\n%d agents, %d conversations, %d of the agents in a room (0: all), %s, %d s\n", r.Agents, r.Conversations, r.Members, r.Database, r.Seconds)
	fmt.Fprintf(&text, "fill: %d conversations in %d s, %.2f a second\n", r.Fill.Conversations, r.Fill.Seconds, r.Fill.PerSecond)
	fmt.Fprintf(&text, "all at once: %d actions, %d requests, %.1f each, %d s; heap of all in one process: %d MB\n",
		r.Load.Actions, r.Load.Requests, r.Load.PerAction, r.Load.Seconds, r.Heap)
	return text.String()
}

// save writes the report for machines.
func (r *report) save(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(path, append(data, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}
