package crash

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report is what a run says in the end, also as JSON.
type report struct {
	Database string         `json:"database"`
	Seed     uint64         `json:"seed"`
	Messages int            `json:"messages"`
	Kills    int            `json:"kills"`
	Points   map[string]int `json:"kills_by_point"`
	Sums     []*sum         `json:"sums"`
	Orphans  []orphan       `json:"orphan_rooms"`
	Waiting  int            `json:"waiting_in_the_journal"`
	Silent   int            `json:"without_a_final_status"`
	Failed   []string       `json:"set_aside"`
	Rooms    int            `json:"rooms"`
	Seconds  int            `json:"seconds"`
}

func (l *load) report(a *audit, began time.Time) *report {
	r := &report{
		Database: l.w.database.Type, Seed: l.w.opts.seed, Points: map[string]int{}, Sums: a.sums, Orphans: a.orphans,
		Waiting: a.waiting, Silent: a.silent, Failed: a.failed, Rooms: len(l.all()), Seconds: int(time.Since(began).Seconds()),
	}
	for _, s := range a.sums {
		r.Messages += s.Sent
	}
	for _, k := range l.w.puente.killed() {
		r.Kills++
		r.Points[k.Point]++
	}
	return r
}

// String is the report as a table.
func (r *report) String() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "channel\tdirection\tsent\tarrived\tchanges\tlost\tdoubled\tout of order\ttold as failed\tunavoidable doubles\tnever handed over\t")
	for _, s := range r.Sums {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n",
			s.Channel, s.Direction, s.Sent, s.Arrived, s.Changes, s.Lost, s.Doubled, s.Swapped, s.Told, s.Unavoidable, s.Fallen)
	}
	_ = w.Flush() // into memory
	fmt.Fprintf(&text, "\n%d messages in %d rooms, %d kills, %d orphan rooms, %d waiting, %d without a final status, %d set aside; %s, seed %d, %s\n",
		r.Messages, r.Rooms, r.Kills, len(r.Orphans), r.Waiting, r.Silent, len(r.Failed), r.Database, r.Seed, time.Duration(r.Seconds)*time.Second)
	for _, point := range slices.Sorted(maps.Keys(r.Points)) {
		fmt.Fprintf(&text, "%5d  %s\n", r.Points[point], point)
	}
	return text.String()
}

// save writes the report for machines.
func (r *report) save(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	if err = os.WriteFile(path, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}

// complain fails the test for what is wrong, each with its way.
func (w *world) complain(a *audit) {
	w.tb.Helper()
	const most = 40
	for i, f := range a.findings {
		if i == most {
			w.tb.Errorf("… and %d more", len(a.findings)-most)
			break
		}
		w.tb.Errorf("%s\n    %s", f.what, strings.Join(f.way, "\n    "))
	}
	for _, f := range a.excused {
		w.tb.Logf("excused: %s\n    %s", f.what, strings.Join(f.way, "\n    "))
	}
	for _, o := range a.orphans {
		w.tb.Errorf("orphan room %s %q of %s with %d members", o.Room, o.Name, o.Creator, o.Members)
	}
	if a.waiting > 0 {
		w.tb.Errorf("%d journal entries wait", a.waiting)
	}
	if a.silent > 0 {
		w.tb.Errorf("%d agents' messages have no final status", a.silent)
	}
	for _, line := range a.others {
		w.tb.Error(line)
	}
	for _, line := range a.failed {
		w.tb.Errorf("set aside: %s", line)
	}
	for _, end := range w.puente.endings() {
		w.tb.Errorf("Puente ended by itself at %s", end)
	}
}
