package journal

import (
	"container/heap"
	"time"
)

// kickTime makes keepTime look again: something earlier may be due.
func (s *schedule) kickTime() { signal(s.kick) }

// keepTime readies lanes and ends pauses when their time has come, until quit.
func (s *schedule) keepTime(quit <-chan struct{}) {
	for {
		var due <-chan time.Time // nil: never
		if next := s.catchUp(); !next.IsZero() {
			due = s.clock.After(next.Sub(s.clock.Now()))
			if !next.After(s.clock.Now()) {
				continue // the clock has moved meanwhile
			}
		}
		select {
		case <-due:
		case <-s.kick:
		case <-quit:
			return
		}
	}
}

// catchUp does what is due and returns when the next is; zero if nothing is to come.
func (s *schedule) catchUp() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	if !s.resume.IsZero() && !s.resume.After(now) {
		s.resume = time.Time{}
		s.changed.Broadcast()
	}
	for len(s.blocked) > 0 && !s.blocked[0].until.After(now) {
		s.enqueue(heap.Pop(&s.blocked).(*lane))
	}
	next := s.resume
	if len(s.blocked) > 0 && (next.IsZero() || s.blocked[0].until.Before(next)) {
		next = s.blocked[0].until
	}
	return next
}

// laneHeap orders blocked lanes by when they go on.
type laneHeap []*lane

func (h laneHeap) Len() int           { return len(h) }
func (h laneHeap) Less(i, k int) bool { return h[i].until.Before(h[k].until) }
func (h laneHeap) Swap(i, k int) {
	h[i], h[k] = h[k], h[i]
	h[i].place, h[k].place = i, k
}

// Push implements heap.Interface.
func (h *laneHeap) Push(x any) {
	l := x.(*lane)
	l.place = len(*h)
	*h = append(*h, l)
}

// Pop implements heap.Interface.
func (h *laneHeap) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = nil
	*h = (*h)[:len(*h)-1]
	return last
}
