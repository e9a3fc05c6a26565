package hub

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The metrics of the hub. Lost, late and doubled are what the last verification found.
var (
	metricLost    = prometheus.NewDesc("puente_hub_messages_lost", "Messages that the last verification found lost.", []string{"network", "direction"}, nil)
	metricLate    = prometheus.NewDesc("puente_hub_messages_late", "Messages that arrived more than a minute after they came, in the last verification.", []string{"network", "direction"}, nil)
	metricDoubled = prometheus.NewDesc("puente_hub_messages_doubled", "Messages that the last verification found twice.", []string{"network", "direction"}, nil)
	metricChecked = prometheus.NewDesc("puente_hub_verification_timestamp_seconds", "From when on the last verification looked.", nil, nil)
	metricTakenIn = prometheus.NewDesc("puente_hub_events_taken_in_total", "Events that the homeserver did not hand over, and that were asked for.", nil, nil)
	metricAsked   = prometheus.NewDesc("puente_hub_homeserver_requests_total", "Requests to the homeserver.", nil, nil)
	metricEntries = prometheus.NewDesc("puente_journal_entries", "Entries of the journal that wait or failed.", []string{"source", "state"}, nil)
)

var _ prometheus.Collector = (*Hub)(nil)

// metrics answers Prometheus with what the program tells of itself.
func (h *Hub) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(h, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// Describe implements prometheus.Collector.
func (h *Hub) Describe(into chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{metricLost, metricLate, metricDoubled, metricChecked, metricTakenIn, metricAsked, metricEntries} {
		into <- desc
	}
}

// Collect implements prometheus.Collector.
func (h *Hub) Collect(into chan<- prometheus.Metric) {
	into <- prometheus.MustNewConstMetric(metricTakenIn, prometheus.CounterValue, float64(h.reconciler.late.Load()))
	into <- prometheus.MustNewConstMetric(metricAsked, prometheus.CounterValue, float64(h.requests.Load()))
	if verified := h.verified.Load(); verified != nil {
		into <- prometheus.MustNewConstMetric(metricChecked, prometheus.GaugeValue, float64(verified.Since.Unix()))
		for _, t := range verified.Tallies {
			for desc, value := range map[*prometheus.Desc]int{metricLost: t.Lost, metricLate: t.Late, metricDoubled: t.Doubled} {
				into <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), t.Network, string(t.Direction))
			}
		}
	}
	counts, err := h.Journal.Open(context.Background())
	if err != nil {
		into <- prometheus.NewInvalidMetric(metricEntries, err)
		return
	}
	for _, c := range counts {
		into <- prometheus.MustNewConstMetric(metricEntries, prometheus.GaugeValue, float64(c.Entries), c.Source, string(c.State))
	}
}
