package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"go.uber.org/goleak"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/testkit/db"
)

// notes is a log in which a test waits for a line.
type notes struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newNotes() *notes { return &notes{more: make(chan struct{})} }

func (n *notes) Write(line []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.more)
	n.more = make(chan struct{})
	return n.text.Write(line)
}

// await returns the log once it holds the text; the test binary's time-out ends a wait in vain.
func (n *notes) await(text string) string {
	for {
		n.mu.Lock()
		have, more := n.text.String(), n.more
		n.mu.Unlock()
		if strings.Contains(have, text) {
			return have
		}
		<-more
	}
}

const standingBy = "waiting as stand-by"

// contender is a process that wants the database: it takes the lease, claims it and keeps it.
type contender struct {
	*testing.T
	log     *notes
	taken   chan struct{} // closed when it has the lease
	changes chan bool     // what Keep tells
	ended   chan error    // what Keep, or TakeLease, returned
	lease   *store.Lease
	leave   context.CancelFunc
}

func contend(t *testing.T, fresh db.Fresh) *contender {
	t.Helper()
	ctx, leave := context.WithCancel(context.Background())
	c := &contender{T: t, log: newNotes(), taken: make(chan struct{}), changes: make(chan bool, 10), ended: make(chan error, 1), leave: leave}
	var running sync.WaitGroup
	running.Go(func() { c.ended <- c.live(ctx, fresh) })
	t.Cleanup(func() {
		leave()
		running.Wait()
		if c.lease != nil {
			c.lease.Release()
		}
	})
	return c
}

func (c *contender) live(ctx context.Context, fresh db.Fresh) (err error) {
	if c.lease, err = store.TakeLease(ctx, fresh.Config, clock.System{}, zerolog.New(c.log)); err != nil {
		return err
	}
	if err = c.lease.Claim(ctx); err != nil {
		return err
	}
	close(c.taken)
	return c.lease.Keep(ctx, func(held bool) { c.changes <- held })
}

// outside is a connection to the server that is not of the database.
func outside(t *testing.T, fresh db.Fresh) (handle *dbutil.Database, name string) {
	t.Helper()
	address, err := url.Parse(fresh.Config.URI)
	if err != nil {
		t.Fatal(err)
	}
	name = strings.TrimPrefix(address.Path, "/")
	address.Path = "/postgres"
	handle, err = store.Open(context.Background(), store.Config{Type: store.Postgres, URI: address.String()}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = handle.Close() })
	return handle, name
}

func execute(t *testing.T, handle *dbutil.Database, statement string, args ...any) {
	t.Helper()
	if _, err := handle.Exec(context.Background(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

const cutTheHolder = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname=$1 AND application_name LIKE 'puente on %'"

func watched(t *testing.T) db.Fresh {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	fresh := db.Postgres(t)
	fresh.Open(t)
	return fresh
}

func TestTheNextTakesTheLeaseWhenItIsFree(t *testing.T) {
	fresh := watched(t)
	first := contend(t, fresh)
	<-first.taken
	second := contend(t, fresh)
	said := second.log.await(standingBy)
	if want := fmt.Sprintf("(process %d)", os.Getpid()); !strings.Contains(said, "puente on ") || !strings.Contains(said, want) {
		t.Errorf("it does not say for whom it waits: %s", said)
	}
	select {
	case <-second.taken:
		t.Fatal("two have the lease")
	default:
	}
	first.leave()
	if err := <-first.ended; err != nil {
		t.Errorf("the first one ended with %v", err)
	}
	first.lease.Release()
	<-second.taken
}

func TestALostConnectionIsTakenAgain(t *testing.T) {
	fresh := watched(t)
	only := contend(t, fresh)
	<-only.taken
	admin, name := outside(t, fresh)
	for range 2 {
		execute(t, admin, cutTheHolder, name)
		if held := <-only.changes; held {
			t.Fatal("it does not know that it has lost the lease")
		}
		if held := <-only.changes; !held {
			t.Fatal("it lost what it had not")
		}
	}
}

func TestWhoHasBeenReplacedEnds(t *testing.T) {
	fresh := watched(t)
	first := contend(t, fresh)
	<-first.taken
	second := contend(t, fresh)
	second.log.await(standingBy)
	admin, name := outside(t, fresh)
	execute(t, admin, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false") // the second one is connected already
	execute(t, admin, cutTheHolder, name)
	if held := <-first.changes; held {
		t.Error("it does not know that it has lost the lease")
	}
	<-second.taken
	execute(t, admin, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true")
	if err := <-first.ended; !errors.Is(err, store.ErrTaken) || !strings.Contains(err.Error(), "stand-by") {
		t.Errorf("the first one ended with %v", err)
	}
}

// A network that swallows everything closes no connection.
func TestAServerThatDoesNotAnswerIsNoticed(t *testing.T) {
	fresh := watched(t)
	only := contend(t, fresh)
	<-only.taken
	admin, name := outside(t, fresh)
	var backend int
	err := admin.QueryRow(context.Background(),
		"SELECT pid FROM pg_stat_activity WHERE datname=$1 AND application_name LIKE 'puente on %'", name).Scan(&backend)
	if err == nil {
		err = syscall.Kill(backend, syscall.SIGSTOP)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(backend, syscall.SIGCONT) }()
	if held := <-only.changes; held {
		t.Error("it does not know that it has lost the lease")
	}
	if err = syscall.Kill(backend, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if held := <-only.changes; !held { // the server has noticed that the old session's client is gone
		t.Error("it lost what it had not")
	}
}

// That nobody has the lock any more does not suffice: whoever had it meanwhile has changed what the first one remembers.
func TestWhoWasReplacedForAWhileEnds(t *testing.T) {
	fresh := watched(t)
	first := contend(t, fresh)
	<-first.taken
	handle := fresh.Open(t)
	execute(t, handle, "UPDATE pu_lease SET holder='another'")
	admin, name := outside(t, fresh)
	execute(t, admin, cutTheHolder, name)
	if err := <-first.ended; !errors.Is(err, store.ErrTaken) {
		t.Errorf("the first one ended with %v", err)
	}
}

func TestALockThatCannotBeHeldEndsTheTenure(t *testing.T) {
	fresh := watched(t)
	ctx := context.Background()
	lease, err := store.TakeLease(ctx, fresh.Config, clock.System{}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Release()
	if err = errors.Join(lease.Claim(ctx), lease.LoseLock(ctx)); err != nil {
		t.Fatal(err)
	}
	var told []bool
	err = lease.Keep(ctx, func(held bool) { told = append(told, held) })
	if !errors.Is(err, errs.ErrConflict) || !strings.Contains(err.Error(), "pooler in session mode") || len(told) != 1 || told[0] {
		t.Errorf("error: %v; told: %v", err, told)
	}
}

func TestAStandByWaitsForADatabaseThatIsAway(t *testing.T) {
	fresh := watched(t)
	first := contend(t, fresh)
	<-first.taken
	second := contend(t, fresh)
	second.log.await(standingBy)
	admin, name := outside(t, fresh)
	execute(t, admin, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false")
	execute(t, admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname=$1", name)
	second.log.await("does not reach the database")
	first.leave()
	if err := <-first.ended; err != nil {
		t.Errorf("the first one ended with %v", err)
	}
	execute(t, admin, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true")
	<-second.taken
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	fresh := watched(t)
	first := contend(t, fresh)
	<-first.taken
	second := contend(t, fresh)
	second.log.await(standingBy)
	second.leave()
	if err := <-second.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

func TestTryLeaseNamesWhoHasIt(t *testing.T) {
	fresh := watched(t)
	first := contend(t, fresh)
	<-first.taken
	_, err := store.TryLease(context.Background(), fresh.Config, clock.System{}, zerolog.Nop())
	if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), fmt.Sprintf("(process %d) runs on it", os.Getpid())) {
		t.Errorf("error: %v", err)
	}
}

func TestPeersAreKnown(t *testing.T) {
	fresh := watched(t)
	look := func() store.Peers {
		t.Helper()
		peers, err := store.LookForPeers(context.Background(), fresh.Config)
		if err != nil {
			t.Fatal(err)
		}
		return peers
	}
	if peers := look(); peers.Active != "" || peers.StandsByHere() {
		t.Errorf("peers of a database that nobody uses: %+v", peers)
	}
	first := contend(t, fresh)
	<-first.taken
	if peers := look(); !strings.HasPrefix(peers.Active, "puente on ") || peers.StandsByHere() {
		t.Errorf("peers: %+v", peers)
	}
	second := contend(t, fresh)
	second.log.await(standingBy)
	if peers := look(); len(peers.StandBy) != 1 || !peers.StandsByHere() {
		t.Errorf("peers: %+v", peers)
	}
}

func TestTheLeaseOfASQLiteFileIsAlwaysHeld(t *testing.T) {
	fresh := db.SQLite(t)
	ctx, cancel := context.WithCancel(context.Background())
	lease, err := store.TakeLease(ctx, fresh.Config, clock.System{}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Release()
	if err = lease.Claim(ctx); err != nil {
		t.Error(err)
	}
	cancel()
	if err = lease.Keep(ctx, func(bool) { t.Error("it was lost") }); err != nil {
		t.Error(err)
	}
}
