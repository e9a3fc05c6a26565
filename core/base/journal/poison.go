package journal

import "sync"

// poison tells an entry that fails by itself from one that fails because its neighbour is down: if others of its source
// get through while it does not, the reason is the entry. What is counted lives in memory; a restart begins anew.
type poison struct {
	mu      sync.Mutex
	done    map[string]int64 // source → how many of its entries were done
	strikes map[int64]strike // of entries that are being tried again
}

type strike struct {
	count int
	done  int64 // of the source, at the last failure
}

func newPoison() *poison { return &poison{done: map[string]int64{}, strikes: map[int64]strike{}} }

// passed notes that an entry is done.
func (p *poison) passed(source string, id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done[source]++
	delete(p.strikes, id)
}

// failed notes a failure, and returns how many of the entry's failures were its own.
func (p *poison) failed(source string, id int64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, again := p.strikes[id]
	if !again || p.done[source] > s.done {
		s.count++
	}
	s.done = p.done[source]
	p.strikes[id] = s
	return s.count
}

func (p *poison) forget(id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.strikes, id)
}
