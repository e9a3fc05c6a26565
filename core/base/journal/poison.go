package journal

import "sync"

// Progress counts what has got through to whoever an entry needs, since the program started.
type Progress func(Entry) int64

// poison tells an entry that fails by itself from one that fails because its neighbour is down: if others get through
// while it does not, the reason is the entry. What is counted lives in memory; a restart begins anew.
type poison struct {
	mu       sync.Mutex
	progress map[string]Progress // by source; of one without, how many of its entries were done
	done     map[string]int64    // source → how many of its entries were done
	strikes  map[int64]strike    // of entries that are being tried again
}

type strike struct {
	count    int
	progress int64 // at the last failure
}

func newPoison() *poison {
	return &poison{progress: map[string]Progress{}, done: map[string]int64{}, strikes: map[int64]strike{}}
}

func (p *poison) by(source string, progress Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.progress[source] = progress
}

// passed notes that an entry is done.
func (p *poison) passed(source string, id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done[source]++
	delete(p.strikes, id)
}

// failed notes a failure, and returns how many of the entry's failures were its own.
func (p *poison) failed(entry Entry) int {
	p.mu.Lock()
	of := p.progress[entry.Source]
	progress := p.done[entry.Source]
	p.mu.Unlock()
	if of != nil {
		progress = of(entry)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s, again := p.strikes[entry.ID]
	if !again || progress > s.progress {
		s.count++
	}
	s.progress = progress
	p.strikes[entry.ID] = s
	return s.count
}

func (p *poison) forget(id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.strikes, id)
}
