package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/clock"
)

// What Meta asks of a callback. ref: reference/whatsapp-cloud.md §2
const (
	medianLimit = 250 * time.Millisecond
	slowLimit   = time.Second
	slowShare   = 0.01
)

// connections is how many the load comes by: what waits for an answer does not hold up what comes next.
const connections = 256

// intake measures what Puente takes in while the homeserver is down, and then how fast it makes up for it.
func (s *site) intake(ctx context.Context) error {
	most := s.sizes[len(s.sizes)-1]
	if _, err := s.need(ctx, most); err != nil {
		return err
	}
	if err := s.restart(ctx, func() error { return nil }); err != nil {
		return err
	}
	s.front.to(s.puente.handler)
	n := s.messages(most)
	before, err := s.inward(bridge{s.puente.handler, s.puente.messages}, most, n)(ctx, 0)
	if err != nil {
		return err
	} else if err = s.server.Stop(); err != nil {
		return err
	}
	idle, err := s.puente.processor()
	if err != nil {
		return err
	}
	took, elapsed, err := s.flood(ctx)
	if err != nil {
		return errors.Join(err, s.server.Restart(ctx))
	}
	busy, err := s.puente.processor()
	if err != nil {
		return err
	}
	s.addIntake(took, elapsed, busy-idle)
	if err = s.server.Restart(ctx); err != nil {
		return err
	}
	return s.drain(ctx, before)
}

// flood posts updates at a fixed rate, whether or not earlier ones have been answered, and returns how many
// milliseconds after its time each was answered.
func (s *site) flood(ctx context.Context) (took []float64, elapsed time.Duration, err error) {
	n := int(float64(s.intakeRate) * s.intakeTime.Seconds())
	s.progress.say("%s: %d updates, %d a second, while Synapse is down", s.databases.kind, n, s.intakeRate)
	took = make([]float64, n)
	began := time.Now()
	var done atomic.Int64
	stopTelling := s.tell(n, &done)
	defer stopTelling()
	var next atomic.Int64
	var running sync.WaitGroup
	failures := make(chan error, connections)
	for range connections {
		running.Go(func() {
			failures <- s.pour(ctx, func() (int, time.Time, bool) {
				i := int(next.Add(1)) - 1
				return i, began.Add(time.Duration(i) * time.Second / time.Duration(s.intakeRate)), i < n
			}, func(i int, due time.Time) {
				took[i] = milliseconds(time.Since(due))
				done.Add(1)
			})
		})
	}
	running.Wait()
	elapsed = time.Since(began)
	close(failures)
	for failure := range failures {
		err = errors.Join(err, failure)
	}
	return took, elapsed, err
}

// tell says every few seconds how far it is.
func (s *site) tell(n int, done *atomic.Int64) (stop func()) {
	ended := make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() {
		for {
			select {
			case <-ended:
				return
			case <-time.After(5 * time.Second):
				s.progress.say("%s: %d of %d updates are taken", s.databases.kind, done.Load(), n)
			}
		}
	})
	return func() { close(ended); telling.Wait() }
}

// pour posts updates over one connection, straight to Puente.
func (s *site) pour(ctx context.Context, next func() (i int, due time.Time, more bool), answered func(i int, due time.Time)) error {
	address, err := url.Parse(s.puente.address)
	if err != nil {
		return err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address.Host)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	reader := bufio.NewReader(conn)
	for {
		i, due, more := next()
		if !more {
			return nil
		}
		if err = clock.Sleep(ctx, clock.System{}, time.Until(due)); err != nil {
			return err
		}
		if err = postOn(conn, reader, s.provider.update(s.chats[i%len(s.chats)].Customer, words)); err != nil {
			return fmt.Errorf("update %d: %w", i, err)
		}
		answered(i, due)
	}
}

// postOn writes one request and reads its answer: what a load costs that comes from the same machine counts.
func postOn(conn net.Conn, reader *bufio.Reader, body []byte) error {
	var request strings.Builder
	fmt.Fprintf(&request, "POST /whatsapp/webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s: %s\r\n\r\n",
		len(body), graph.SignatureHeader, graph.Sign(appSecret, body))
	request.Write(body)
	if _, err := io.WriteString(conn, request.String()); err != nil {
		return err
	}
	resp, err := http.ReadResponse(reader, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", resp.Status)
	}
	return nil
}

func (s *site) addIntake(took []float64, elapsed, processor time.Duration) {
	slow := 0
	for _, one := range took {
		if one > milliseconds(slowLimit) {
			slow++
		}
	}
	share := float64(slow) / float64(len(took))
	rate := Row{Scenario: "webhook intake, Synapse down", Chats: len(s.chats), Database: s.databases.kind, Unit: "updates/s", Puente: float64(len(took)) / elapsed.Seconds()}
	rate.goal(fmt.Sprintf("≥ %d, to 1 %%", s.intakeRate), rate.Puente >= 0.99*float64(s.intakeRate))
	median := Row{
		Scenario: "webhook intake, median", Chats: len(s.chats), Database: s.databases.kind, Unit: "ms", Puente: percentile(took, 50),
		Note: fmt.Sprintf("p90 %.1f ms, p99 %.1f ms, slowest %.1f ms, over 1 s %.3f %%; %.0f µs of Puente's processor time each", percentile(took, 90), percentile(took, 99), percentile(took, 100), 100*share,
			float64(processor.Microseconds())/float64(len(took))),
	}
	median.goal("≤ 250 ms", median.Puente <= milliseconds(medianLimit))
	over := Row{Scenario: "webhook intake, over 1 s", Chats: len(s.chats), Database: s.databases.kind, Unit: "%", Puente: 100 * share}
	over.goal("< 1 %", share < slowShare)
	s.add(rate)
	s.add(median)
	s.add(over)
}

// drain measures how fast the backlog becomes smaller, from the first message that arrives.
func (s *site) drain(ctx context.Context, before float64) error {
	waits, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	start, err := s.puente.messages(ctx)
	if err != nil {
		return err
	}
	s.progress.say("%s: Synapse is back, the backlog drains", s.databases.kind)
	if err = until(waits, "messages in rooms", start+1, s.puente.messages); err != nil {
		return err
	}
	began := time.Now()
	if start, err = s.puente.messages(ctx); err != nil {
		return err
	}
	for end := began.Add(s.drainTime); time.Now().Before(end); {
		if err = clock.Sleep(ctx, clock.System{}, min(10*time.Second, time.Until(end))); err != nil {
			return err
		}
		now, err := s.puente.messages(ctx)
		if err != nil {
			return err
		}
		s.progress.say("%s: %d messages after %.0f s", s.databases.kind, now-start, time.Since(began).Seconds())
	}
	end, err := s.puente.messages(ctx)
	if err != nil {
		return err
	}
	rate := float64(end-start) / time.Since(began).Seconds()
	ratio := Ratio{Median: rate / before, Low: rate / before, High: rate / before}
	row := Row{
		Scenario: "backlog after the outage, against provider → room before it", Chats: len(s.chats), Database: s.databases.kind,
		Unit: "messages/s", Puente: rate, Raw: &before, RawRatio: &ratio,
	}
	row.goal("≥ 0.95 of that before", ratio.Median >= 0.95)
	s.add(row)
	return nil
}
