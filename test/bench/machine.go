package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"
)

// Machine is where and when a run took place.
type Machine struct {
	Date       string `json:"date"`
	Commit     string `json:"commit"`
	Processor  string `json:"processor"`
	Cores      int    `json:"cores"`
	Go         string `json:"go"`
	Synapse    string `json:"synapse"`
	SQLite     string `json:"sqlite"`
	PostgreSQL string `json:"postgresql"`
}

func describeMachine(ctx context.Context) Machine {
	sqlite, _, _ := sqlite3.Version()
	return Machine{
		Date: time.Now().UTC().Format(time.RFC3339), Commit: commit(ctx), Processor: processor(),
		Cores: runtime.NumCPU(), Go: runtime.Version(), SQLite: sqlite,
	}
}

// commit is the source's, with a mark if it was changed since.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--tags", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
