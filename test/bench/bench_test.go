package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"puente/core/testkit/db"
	"puente/core/testkit/synapse/synapsetest"
)

// TestMain is also the Puente and the plain bridgev2 that the benchmarks start: the test binary knows the commands.
func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	is, err := child(ctx, os.Args)
	stop()
	switch {
	case err != nil:
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	case !is:
		os.Exit(m.Run())
	}
}

// TestEveryScenarioRuns goes through all of them with a few messages, against a real Synapse. How fast they are is none
// of its business: that every row comes, and that its figures were measured, is.
func TestEveryScenarioRuns(t *testing.T) {
	install, err := synapsetest.Install(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	smoke := plans()["smoke"]
	smoke.kinds = []string{db.Chosen(t).Config.Type}
	b := &bench{plan: smoke, dir: t.TempDir(), program: []string{os.Args[0], serveCommand}, synapse: install, progress: newProgress(t.Output())}
	if err = b.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	report := b.report(t.Context(), "smoke")
	want := []string{
		"latency p50, there and back", "latency p99, webhook → /sync", "latency p99, agent → provider", "first contact",
		"provider → room", "room → provider", "ready after the start", "memory when ready", "provider → room, against 4 in the database",
		"room → provider, against 4 in the database", "memory after that", "webhook intake, Synapse down", "webhook intake, median",
		"webhook intake, over 1 s", "backlog after the outage, against provider → room before it",
		"one core, instant homeserver, provider → room", "one core, instant homeserver, room → provider",
	}
	for _, scenario := range want {
		row := slices.IndexFunc(report.Rows, func(r Row) bool { return r.Scenario == scenario })
		if row < 0 {
			t.Errorf("no row for %q", scenario)
		} else if report.Rows[row].Puente <= 0 && !strings.Contains(scenario, "over 1 s") {
			t.Errorf("%s measured %v", scenario, report.Rows[row].Puente)
		}
	}
	saved(t, report)
}

// saved looks at what is written for others: the table and the file.
func saved(t *testing.T, report *Report) {
	t.Helper()
	var table strings.Builder
	report.print(&table)
	path := filepath.Join(t.TempDir(), "bench", "results.json")
	if err := report.save(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var read Report
	if err = json.Unmarshal(data, &read); err != nil || len(read.Rows) != len(report.Rows) || read.Machine.Synapse == "" {
		t.Errorf("the results are read as %+v: %v", read, err)
	}
	for _, row := range report.Rows {
		if !strings.Contains(table.String(), row.Scenario) {
			t.Errorf("%s is not in the table", row.Scenario)
		}
	}
}

func TestWhatIsNotMeasuredNowStaysAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.json")
	row := func(scenario, database string, figure float64) Row {
		return Row{Scenario: scenario, Database: database, Unit: "ms", Puente: figure}
	}
	now := &Report{Machine: Machine{Commit: "new"}, Size: "full", Rows: []Row{row("a", "sqlite", 9)}}
	if err := now.keep(path); err != nil || len(now.Rows) != 1 {
		t.Errorf("without an earlier run: %v, %v", now.Rows, err)
	}
	earlier := &Report{Machine: Machine{Commit: "old"}, Size: "full", Rows: []Row{row("a", "sqlite", 1), row("a", "postgres", 2), row("b", "sqlite", 3)}}
	if err := earlier.save(path); err != nil {
		t.Fatal(err)
	}
	if err := now.keep(path); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range now.Rows {
		got = append(got, fmt.Sprintf("%s %s %v %s", one.Scenario, one.Database, one.Puente, one.Commit))
	}
	if want := []string{"a postgres 2 old", "b sqlite 3 old", "a sqlite 9 "}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if err := (&Report{Size: "quick"}).keep(path); err == nil || !strings.Contains(err.Error(), "-out") {
		t.Errorf("a run of another size: %v", err)
	}
}

func TestRatioIsTheMedianOfTheRounds(t *testing.T) {
	got := ratioOf([]float64{10, 30, 8}, []float64{10, 10, 10})
	if got != (Ratio{Median: 1, Low: 0.8, High: 3}) {
		t.Errorf("the ratio is %+v", got)
	}
	many, ones := make([]float64, 25), make([]float64, 25)
	for i := range many {
		many[i], ones[i] = float64(i+1), 1
	}
	if got = ratioOf(many, ones); got != (Ratio{Median: 13, Low: 8, High: 18}) { // which hold it with 95.7 %, and 9 to 17 with 89.2 %
		t.Errorf("the ratio is %+v", got)
	}
}

func TestPercentileIsTheNearestRank(t *testing.T) {
	figures := []float64{4, 1, 3, 2}
	for p, want := range map[int]float64{50: 2.5, 99: 4, 100: 4, 25: 1} {
		if got := percentile(figures, p); got != want {
			t.Errorf("p%d is %v, not %v", p, got, want)
		}
	}
	if got := percentile(nil, 99); got != 0 {
		t.Errorf("of nothing it is %v", got)
	}
}
