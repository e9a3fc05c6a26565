package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// peer is one of those who take turns. round does the round's work once and returns what was measured.
type peer struct {
	name  string
	round func(ctx context.Context, round int) (float64, error)
}

// Ratio compares two peers round by round: the median of the rounds' ratios, and between which two of them the true
// median is with a confidence of 95 %.
type Ratio struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// compare lets peers take turns and returns each one's figures by round. The first round warms up and does not count.
// Their order is another one by chance in every round, the same in every run: what one leaves for the homeserver to do
// falls on each of the others.
func (b *bench) compare(ctx context.Context, rounds int, what string, peers ...peer) ([][]float64, error) {
	figures := make([][]float64, len(peers))
	chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // G404: an order, no secret
	for round := range rounds + 1 {
		line := ""
		for _, at := range chance.Perm(len(peers)) {
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
	slices.Sort(ratios)
	outside := outsideOf(len(ratios))
	return Ratio{Median: median(ratios), Low: ratios[outside], High: ratios[len(ratios)-1-outside]}
}

// outsideOf is how many of n figures lie below the 95 % interval of their median, and as many above; with few figures
// none. ref: the sign test's interval
func outsideOf(n int) (outside int) {
	term := math.Pow(0.5, float64(n)) // how likely it is that just k of n figures are below the median
	for k, below := 0, term; below <= 0.025; below += term {
		outside = k
		term *= float64(n-k) / float64(k+1)
		k++
	}
	return outside
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
