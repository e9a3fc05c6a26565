// Package journal keeps whatever arrives from the homeserver or a provider until it is dealt with.
//
// Append commits entries before the sender is answered; what Append has returned nil for survives a
// crash and a power cut (see package store). Dispatch then hands each entry to its source's handler:
// strictly in order within a lane (a room, a chat), in parallel across lanes, again after a
// temporary failure. An entry ends as done or as failed with its reason; repetitions are known by
// their key.
//
// Handling is at least once: that an entry is done is written a moment after its handler has
// returned, so a crash in between repeats the last few. Handlers are idempotent.
package journal

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
)

// State says what became of an entry.
type State string

// The states.
const (
	Waiting State = "waiting" // for its turn, or for another attempt
	Done    State = "done"    // its handler returned nil; the payload is no longer kept
	Failed  State = "failed"  // set aside with a reason, until it is retried or pruned
)

// Entry is one thing that arrived.
type Entry struct {
	// ID is set by Append and ascends in the order of arrival.
	ID int64
	// Source names who sent it and thereby its handler: "matrix" or a network's ID.
	Source string
	// Key is how a repetition is known, unique within the source; empty if it cannot be known.
	Key string
	// Lane is what stays in order, within the source.
	Lane string
	// Kind tells the handler what Payload is.
	Kind string
	// Payload is the thing itself.
	Payload []byte
	// Reason, if not empty when appended, keeps the entry as failed from the start.
	Reason string
	// Attempts is how often its handler was called before; 0 at the first call and after a retry by hand.
	Attempts int
	// ReceivedAt is when it arrived; Append sets it if it is zero.
	ReceivedAt time.Time
	// Earlier tells the handler that the entry was there when dispatch began: an earlier process may have begun it, and
	// nobody knows how far that came.
	Earlier bool
}

// Handler deals with one entry. nil: done. An errs.Temporary, or an error of a context that ended:
// the entry stays at the head of its lane and is tried again. Any other error: it is set aside as
// failed and the lane goes on. A panic counts as a temporary failure, five times at most. The
// context ends when the journal stops and the handler does not return within the grace time; what
// it returns then does not count as an attempt.
type Handler func(ctx context.Context, entry Entry) error

// ErrStopped tells that Append was called after Stop.
var ErrStopped = errors.New("journal is stopped")

// MinRetention is how long done entries are kept at least: providers repeat for seven days.
// ref: reference/whatsapp-cloud.md, webhooks.
const MinRetention = 8 * 24 * time.Hour

// What Options' zero values stand for.
const (
	defaultWorkers         = 48
	defaultMaxAge          = 3 * 24 * time.Hour
	defaultFailedRetention = 90 * 24 * time.Hour
	defaultGrace           = 10 * time.Second
	defaultGather          = 50 * time.Millisecond
	longestBackoff         = 10 * time.Minute
)

// Options set how entries are handled and kept; the zero value is usable.
type Options struct {
	Workers int // handlers at once of one source; 0 means 48. For each further source there is one more in all.
	Clock   clock.Clock
	Log     zerolog.Logger
	// Backoff is the wait after an entry's attempt-th failure, from 1; nil means 1 s doubling up to 10 minutes.
	Backoff func(attempt int) time.Duration
	// MaxAttempts is after how many temporary failures an entry is set aside, of those between which others got through
	// (see By): so an outage, in which all fail, sets nothing aside. 0 means no limit.
	MaxAttempts     int
	MaxAge          time.Duration // since arrival or retry, the same; 0 means three days
	Retention       time.Duration // of done entries; less than MinRetention means MinRetention
	FailedRetention time.Duration // of failed entries; 0 means 90 days, less than MinRetention means MinRetention
	Grace           time.Duration // how long Stop waits before it ends the handlers' context; 0 means 10 s
	// Gather is how long it is gathered what is done, to note it in one commit: what a crash lets be handled again. Nobody
	// waits for it. 0 means 50 ms.
	Gather time.Duration
}

func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = defaultWorkers
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Backoff == nil {
		o.Backoff = doubling
	}
	if o.MaxAge <= 0 {
		o.MaxAge = defaultMaxAge
	}
	if o.FailedRetention <= 0 {
		o.FailedRetention = defaultFailedRetention
	}
	if o.Grace <= 0 {
		o.Grace = defaultGrace
	}
	if o.Gather <= 0 {
		o.Gather = defaultGather
	}
	o.Retention = max(o.Retention, MinRetention)
	o.FailedRetention = max(o.FailedRetention, MinRetention)
	return o
}

// doubling is 1 s, 2 s, 4 s, … up to longestBackoff.
func doubling(attempt int) time.Duration {
	if attempt > 10 {
		return longestBackoff
	}
	return min(time.Second<<max(attempt-1, 0), longestBackoff)
}

// Journal is the journal. Append works from the start, dispatch from Start until Stop.
type Journal struct {
	db       *dbutil.Database
	opts     Options
	intake   intake
	schedule *schedule
	done     *doneMarks
	outage   outage
	poison   *poison
	earlier  int64 // the newest entry that was there when dispatch began; set before the first is handled

	mu       sync.Mutex // guards what follows
	handlers map[string]Handler
	onFailed func(context.Context, Entry, error)
	onHurry  func()
	started  bool
	stopped  bool

	working  context.Context // what handlers get; ends after the grace time
	giveUp   context.CancelFunc
	quit     chan struct{} // closed when what runs beside the workers is to end
	workers  sync.WaitGroup
	beside   sync.WaitGroup
	stopOnce sync.Once
}

// New makes a journal on a database that store.Upgrade has prepared. Nothing runs yet.
func New(db *dbutil.Database, opts Options) *Journal {
	opts = opts.withDefaults()
	return &Journal{
		db: db, opts: opts,
		schedule: newSchedule(opts.Clock, opts.Workers),
		done:     newDoneMarks(),
		poison:   newPoison(),
		handlers: map[string]Handler{},
		quit:     make(chan struct{}),
	}
}

// Handle names the handler of a source's entries, before Start. Entries of a source without a
// handler wait.
func (j *Journal) Handle(source string, handler Handler) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.handlers[source] = handler
	j.schedule.addSource(source)
}

// By names, before Start, what a source's entries are measured by: if it grows while one of them fails, the failure is the
// entry's own; see Options.MaxAttempts. Without it, how many of the source's entries are done: which is not enough where
// some need nobody, or do not all need the same one.
func (j *Journal) By(source string, progress Progress) { j.poison.by(source, progress) }

// OnFailed names what is called, before Start, when an entry is about to be set aside as failed;
// not for those that were appended as failed. It is called once, and again only if the process
// dies or the database fails before the entry is written.
func (j *Journal) OnFailed(callback func(ctx context.Context, entry Entry, err error)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.onFailed = callback
}

// OnHurry names what is called, before Start, when handlers have not ended within the grace time of Stop: their context has
// ended then, and what else they wait for is to end as well.
func (j *Journal) OnHurry(callback func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.onHurry = callback
}

// Start begins dispatch, with what waits from earlier runs. When ctx ends, no further entry is
// begun; Stop must be called all the same. Handlers get ctx's values.
func (j *Journal) Start(ctx context.Context) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.started || j.stopped {
		return
	}
	j.started = true
	j.working, j.giveUp = context.WithCancel(context.WithoutCancel(ctx))
	for range j.opts.Workers + max(0, len(j.handlers)-1) {
		j.workers.Go(j.work)
	}
	j.beside.Go(func() { j.schedule.keepTime(j.quit) })
	j.beside.Go(j.writeDone)
	j.beside.Go(j.housekeep)
	detach := context.AfterFunc(ctx, j.schedule.close)
	j.beside.Go(func() { <-j.quit; detach() })
}

// Hold keeps the journal, until it is called with false, from beginning entries: it is not certain that the database is
// this process's. Append goes on: whoever reads from a connection that repeats nothing has no other place for it, and
// whichever process has the database finds it there, see housekeep.
func (j *Journal) Hold(held bool) { j.schedule.hold(notOurs, held) }

// Stop refuses further Appends, begins no further entry, waits for the handlers (ending their
// context after the grace time), writes what is done and returns when nothing runs any more.
func (j *Journal) Stop() {
	j.stopOnce.Do(func() {
		j.mu.Lock()
		j.stopped = true
		started := j.started
		j.mu.Unlock()
		j.intake.close()
		j.schedule.close()
		if started {
			j.awaitWorkers()
		}
		close(j.quit)
		j.beside.Wait()
		j.intake.wait()
	})
}

// awaitWorkers waits for the handlers, and hurries them after the grace time.
func (j *Journal) awaitWorkers() {
	ended := make(chan struct{})
	go func() { j.workers.Wait(); close(ended) }()
	select {
	case <-ended:
		j.giveUp()
		return
	case <-j.opts.Clock.After(j.opts.Grace):
	}
	j.opts.Log.Warn().Dur("grace", j.opts.Grace).Msg("Handlers do not end in time, ending their context")
	j.giveUp()
	j.mu.Lock()
	hurry := j.onHurry
	j.mu.Unlock()
	if hurry != nil {
		hurry()
	}
	<-ended
}
