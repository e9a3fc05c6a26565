package main

import (
	"context"
	"fmt"
	"slices"
)

// peer is one of those who take turns. round does the round's work once and returns what was measured.
type peer struct {
	name  string
	round func(ctx context.Context, round int) (float64, error)
}

// Ratio compares two peers round by round: the median of the rounds' ratios, the lowest and the highest.
type Ratio struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// compare lets peers take turns and returns each one's figures by round. The first round warms up and does not count;
// in every round another peer begins.
func (b *bench) compare(ctx context.Context, rounds int, what string, peers ...peer) ([][]float64, error) {
	figures := make([][]float64, len(peers))
	for round := range rounds + 1 {
		line := ""
		for turn := range peers {
			at := (round + turn) % len(peers)
			figure, err := peers[at].round(ctx, round)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", what, peers[at].name, err)
			}
			line += fmt.Sprintf("  %s %.1f", peers[at].name, figure)
			if round > 0 {
				figures[at] = append(figures[at], figure)
			}
		}
		b.progress.say("%s, round %d of %d:%s", what, round, rounds, line)
	}
	return figures, nil
}

func ratioOf(figures, peers []float64) Ratio {
	ratios := make([]float64, len(figures))
	for i := range figures {
		ratios[i] = figures[i] / peers[i]
	}
	return Ratio{Median: median(ratios), Low: slices.Min(ratios), High: slices.Max(ratios)}
}

func median(figures []float64) float64 { return percentile(figures, 50) }

// percentile is the nearest rank; 0 of nothing.
func percentile(figures []float64, p int) float64 {
	if len(figures) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(figures))
	if p == 50 && len(sorted)%2 == 0 {
		return (sorted[len(sorted)/2-1] + sorted[len(sorted)/2]) / 2
	}
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}
