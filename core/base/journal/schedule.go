package journal

import (
	"container/heap"
	"sync"
	"time"

	"puente/core/base/clock"
)

// laneKey names a lane: lanes of different sources are different.
type laneKey struct{ source, lane string }

// standing is where a lane with waiting entries stands.
type standing int

const (
	ready   standing = iota // in its source's queue
	running                 // a worker has it
	blocked                 // its head waits for a time
)

// lane is a lane that has, or may have, waiting entries. The entries themselves stay in the database.
type lane struct {
	key   laneKey
	at    standing
	again bool      // woken while running: there may be more
	until time.Time // while blocked
	place int       // in the heap, while blocked
}

// source is a queue of ready lanes.
type source struct {
	ready   []*lane
	running int
}

// schedule decides which lane a free worker takes next: round-robin among a source's ready lanes,
// and the source with the fewest workers first. No source has more than its share of workers, and there
// are more than that, so that no source's flood starves another. It holds lane names only.
type schedule struct {
	clock   clock.Clock
	workers int           // of one source at most
	kick    chan struct{} // something earlier may be due

	mu      sync.Mutex
	changed *sync.Cond
	lanes   map[laneKey]*lane
	sources map[string]*source
	order   []*source
	turn    int // index into order of who is looked at first
	blocked laneHeap
	opened  bool
	closed  bool
	held    map[hindrance]bool
	resume  time.Time // not zero: nobody begins before
}

func newSchedule(c clock.Clock, workers int) *schedule {
	s := &schedule{
		clock: c, workers: workers, kick: make(chan struct{}, 1),
		lanes: map[laneKey]*lane{}, sources: map[string]*source{}, held: map[hindrance]bool{},
	}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *schedule) addSource(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sources[name] == nil {
		added := &source{}
		s.sources[name] = added
		s.order = append(s.order, added)
	}
}

// open lets lanes be woken. Before it, nobody remembers them: the look at the start finds them.
func (s *schedule) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = true
}

func (s *schedule) isOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// close sends the workers home once they have finished what they have begun.
func (s *schedule) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.changed.Broadcast()
}

// mayBegin tells whether a worker that has a lane may begin its next entry.
func (s *schedule) mayBegin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.closed && !s.isHeld()
}

// wake notes that lanes may have entries. A lane that is blocked stays so: order comes first.
func (s *schedule) wake(keys ...laneKey) { s.stir(false, keys) }

// nudge is wake, and lets blocked lanes look at their head again.
func (s *schedule) nudge(keys ...laneKey) { s.stir(true, keys) }

func (s *schedule) stir(unblock bool, keys []laneKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.opened || s.closed {
		return
	}
	for _, key := range keys {
		if s.sources[key.source] == nil {
			continue // nobody handles it
		}
		l := s.lanes[key]
		switch {
		case l == nil:
			l = &lane{key: key}
			s.lanes[key] = l
			s.enqueue(l)
		case l.at == running:
			l.again = true
		case l.at == blocked && unblock:
			heap.Remove(&s.blocked, l.place)
			s.enqueue(l)
		}
	}
}

// enqueue puts a lane at the end of its source's queue. The caller holds the lock.
func (s *schedule) enqueue(l *lane) {
	l.at, l.again = ready, false
	from := s.sources[l.key.source]
	from.ready = append(from.ready, l)
	s.changed.Signal()
}

// next waits for a lane that a worker may take; false when the worker is to end.
func (s *schedule) next() (laneKey, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if s.closed {
			return laneKey{}, false
		}
		if from := s.choose(); from != nil {
			l := from.ready[0]
			from.ready[0] = nil
			from.ready = from.ready[1:]
			from.running++
			l.at = running
			return l.key, true
		}
		s.changed.Wait()
	}
}

// choose returns the source whose turn it is, or nil. The caller holds the lock.
func (s *schedule) choose() *source {
	if s.isHeld() || !s.resume.IsZero() {
		return nil
	}
	var best *source
	bestAt := 0
	for i := range s.order {
		at := (s.turn + i) % len(s.order)
		from := s.order[at]
		if len(from.ready) > 0 && from.running < s.workers && (best == nil || from.running < best.running) {
			best, bestAt = from, at
		}
	}
	if best != nil {
		s.turn = (bestAt + 1) % len(s.order)
	}
	return best
}

// verdict is how a worker leaves a lane.
type verdict struct {
	more  bool      // there are, or may be, more entries to handle now
	until time.Time // not zero: the head waits until then
}

// leave takes a lane back from its worker.
func (s *schedule) leave(key laneKey, v verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[key]
	s.sources[key.source].running--
	switch {
	case !v.until.IsZero() && !l.again:
		l.at, l.until = blocked, v.until
		heap.Push(&s.blocked, l)
		s.kickTime()
	case v.more || l.again:
		s.enqueue(l)
	default:
		delete(s.lanes, key)
	}
	s.changed.Broadcast() // a source may have come below its limit
}

// pause lets nobody begin before d has passed.
func (s *schedule) pause(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resume = s.clock.Now().Add(d)
	s.kickTime()
}

// hindrance is a reason for which nobody may begin.
type hindrance int

const (
	unwritten hindrance = iota // the database does not take what was done
	notOurs                    // another process may have the database
)

// hold lets nobody begin until it is called with false for the same reason.
func (s *schedule) hold(why hindrance, held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[why] = held
	s.changed.Broadcast()
}

// isHeld tells whether there is any hindrance. The caller holds the lock.
func (s *schedule) isHeld() bool { return s.held[unwritten] || s.held[notOurs] }
