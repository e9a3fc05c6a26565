package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

// Order says in which order a Release posts what was held back.
type Order int

// The orders.
const (
	InOrder Order = iota
	Reversed
)

// Options configures an Emulator. System is needed.
type Options struct {
	// System is the ID under which the system is connected to Puente: "shop".
	System string
	// Name is what people read; default "Shop chat".
	Name string
	// PuenteURL is where Puente's listener is, without a trailing slash. Empty: what people do waits until SetPuente.
	PuenteURL string
	// Token and Secret are what Puente showed at the login. Empty: what people do waits until SetCredentials, and
	// callbacks are refused.
	Token, Secret string
	// PublicURL is the base of the addresses of files and of the callback; empty: the address that Start listens on.
	PublicURL string
	// DataDir keeps conversations and files over a restart; empty: all in memory.
	DataDir string

	// RetryMin and RetryMax bound the wait between two tries of a post; defaults one second and one minute.
	RetryMin, RetryMax time.Duration
	// RetryAfter is what a refusal as too fast asks for; default one second.
	RetryAfter time.Duration
	// AutoRead makes everybody read at once what arrives.
	AutoRead bool

	// Duplicate posts everything twice.
	Duplicate bool
	// Order is how a Release posts.
	Order Order
	// BatchSize is how many events one post may carry; default 1, Puente takes 1,000.
	BatchSize int

	Clock clock.Clock    // default clock.System
	Log   zerolog.Logger // the zero value is silent
}

// Emulator plays a shop's chat widget: the system that talks with Puente, and the phones of the people who use it.
type Emulator struct {
	opt    Options
	clock  clock.Clock
	log    zerolog.Logger
	client *http.Client
	bad    error // what was wrong with the options or the data folder; Start returns it

	mu       sync.Mutex
	st       *state
	changed  emulation.Change
	held     bool
	sending  bool
	revoked  bool
	failNext []int // statuses that the next callbacks get
	hits     map[string]int

	keeper emulation.Keeper
	server emulation.Server
}

// New makes an emulator. It starts nothing. What is wrong with opt is returned by Start.
func New(opt Options) *Emulator {
	setDefaults(&opt)
	e := &Emulator{
		opt: opt, clock: opt.Clock, log: opt.Log, st: newState(), changed: emulation.NewChange(), hits: map[string]int{},
		client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2}},
		server: emulation.Server{PublicURL: strings.TrimSuffix(opt.PublicURL, "/"), Log: opt.Log},
	}
	if opt.System == "" {
		e.bad = fmt.Errorf("emulator options: System is empty: %w", errs.ErrInvalid)
	} else {
		e.keeper = emulation.Keeper{Dir: opt.DataDir, Lock: &e.mu, State: e.st, Changed: &e.changed, Log: e.log}
		e.bad = e.keeper.Load()
	}
	if e.opt.Token == "" {
		e.opt.Token, e.opt.Secret = e.st.Token, e.st.Secret
	}
	return e
}

func setDefaults(opt *Options) {
	if opt.Clock == nil {
		opt.Clock = clock.System{}
	}
	if opt.Name == "" {
		opt.Name = "Shop chat"
	}
	if opt.RetryMin <= 0 {
		opt.RetryMin = time.Second
	}
	if opt.RetryMax < opt.RetryMin {
		opt.RetryMax = max(time.Minute, opt.RetryMin)
	}
	if opt.RetryAfter <= 0 {
		opt.RetryAfter = time.Second
	}
	opt.BatchSize = min(max(opt.BatchSize, 1), 1000)
}

// SetPuente says where Puente's listener is; what waits goes there.
func (e *Emulator) SetPuente(puenteURL string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.opt.PuenteURL = strings.TrimSuffix(puenteURL, "/")
	e.touch()
}

// SetCredentials gives the system what Puente showed at the login.
func (e *Emulator) SetCredentials(token, secret string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.opt.Token, e.opt.Secret = token, secret
	e.st.Token, e.st.Secret = token, secret
	e.touch()
}

// SetBatch changes how events are posted from now on.
func (e *Emulator) SetBatch(size int, order Order, duplicate bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.opt.BatchSize, e.opt.Order, e.opt.Duplicate = min(max(size, 1), 1000), order, duplicate
}

// Revoke makes the callback answer 410 to everything, or end that.
func (e *Emulator) Revoke(revoked bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.revoked = revoked
}

// FailNext makes the next times callbacks fail with an HTTP status.
func (e *Emulator) FailNext(times, status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for range times {
		e.failNext = append(e.failNext, status)
	}
}

// touch tells all who wait that something changed. The caller holds mu.
func (e *Emulator) touch() { e.changed.Tell() }
