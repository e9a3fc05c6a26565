package phone

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// beat is how often a page looks at all phones although nothing was told, so that typing and the notes on chats end.
const beat = 25 * time.Second

// events tells the page as server-sent events which network's phones changed, by the network's ID.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	var watchers sync.WaitGroup
	defer watchers.Wait()
	defer cancel()
	changed := make(chan string)
	for _, n := range s.networks {
		watchers.Go(func() { s.watch(ctx, n, changed) })
	}
	flush := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	if flush.Flush() != nil {
		return
	}
	for {
		select {
		case id := <-changed:
			if _, err := fmt.Fprintf(w, "data: %s\n\n", id); err != nil || flush.Flush() != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// watch tells at once, at each change of a network, and at each beat. The next change is asked for before the one
// before is told, so that none falls between.
func (s *server) watch(ctx context.Context, n Network, changed chan<- string) {
	for {
		next := n.Changed()
		select {
		case changed <- n.ID():
		case <-ctx.Done():
			return
		}
		select {
		case <-next:
		case <-s.Clock.After(beat):
		case <-ctx.Done():
			return
		}
	}
}
