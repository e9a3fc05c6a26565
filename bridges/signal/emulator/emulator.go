package emulator

import (
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

// Latency is the span from which the time between an event and its notification is drawn. Zero means at once.
type Latency = emulation.Latency

// Order is the order in which Release lets notifications go.
type Order int

// The orders of delivery.
const (
	InOrder  Order = iota
	Reversed       // what was held back comes newest first
)

// ReceiveMode is the daemon's --receive-mode. ref: reference/signal-cli.md §2
type ReceiveMode string

// The receive modes. Manual is the default here, because Puente asks for it.
const (
	Manual       ReceiveMode = "manual"        // messages wait for subscribeReceive
	OnConnection ReceiveMode = "on-connection" // every connection gets all messages, which wait while there is none
	OnStart      ReceiveMode = "on-start"      // the same, but while there is no connection messages are lost
)

// What the daemon does about a customer's new identity key. ref: reference/signal-cli.md §2, --trust-new-identities
const (
	TrustOnFirstUse = "on-first-use" // sending fails until trust
	TrustAlways     = "always"       // a new key is taken silently
)

// Options configures an Emulator. The zero value is a daemon without accounts.
type Options struct {
	// Version is what the method version answers; default 0.14.8.
	Version string
	// Accounts are on the daemon from the start.
	Accounts []Account
	// Phones are accounts that the business has on a phone and that the daemon does not know yet: Scan links them.
	Phones []Account

	// ReceiveMode is the daemon's --receive-mode; default Manual.
	ReceiveMode ReceiveMode
	// TrustNewIdentities is the daemon's --trust-new-identities: TrustOnFirstUse (the default) or TrustAlways.
	TrustNewIdentities string
	// RegisterFreely lets numbers register without a captcha.
	RegisterFreely bool
	// LinkTimeout is how long a link code can be scanned; default one minute.
	LinkTimeout time.Duration

	// Latency delays notifications; AnswerLatency delays the answers to requests.
	Latency, AnswerLatency Latency
	// RetryAfter is what a rate limit asks for; default one second, and whole seconds on the wire.
	RetryAfter time.Duration
	// RateLimitFailures is how often a message to …0429 is refused before it is taken: default 1; negative: until its
	// challenge has been solved.
	RateLimitFailures int
	// AutoRead makes every customer read at once what arrives.
	AutoRead bool
	// Duplicate hands every notification over twice.
	Duplicate bool
	// Order reorders what Release lets go.
	Order Order
	// Redeliver is how many of the last notifications that a broken connection got wait for the next subscription
	// again. 0 is as the real daemon does it: they are gone. ref: reference/signal-cli.md §2, losing messages
	Redeliver int

	// DataDir keeps accounts, conversations and files over a restart; empty: in memory.
	DataDir string

	Clock clock.Clock    // default clock.System
	Log   zerolog.Logger // the zero value is silent
}

// Emulator plays a signal-cli daemon, the phones of a business's customers and the business's own phone.
type Emulator struct {
	opt   Options
	clock clock.Clock
	log   zerolog.Logger
	bad   error // what was wrong with the options or the data folder; Start returns it

	mu          sync.Mutex
	st          *state
	changed     emulation.Change
	held        bool
	failures    []*failure
	magicHit    map[string]time.Time
	hits        map[string]int
	links       map[string]*link
	registering map[string]*registration
	solved      map[string]bool   // whose challenge was solved, by ACI
	challenges  map[string]string // ACIs by token
	record      record

	conns    map[*conn]bool
	subs     map[int]*subscription
	nextSub  int
	accepted int // connections since New

	keeper emulation.Keeper
	life   emulation.Life
}

// New makes an emulator. It starts nothing: call Start. What is wrong with opt is returned by Start; customers can be
// added before.
func New(opt Options) *Emulator {
	setDefaults(&opt)
	e := &Emulator{
		opt: opt, clock: opt.Clock, log: opt.Log, st: newState(), changed: emulation.NewChange(),
		magicHit: map[string]time.Time{}, hits: map[string]int{}, links: map[string]*link{}, registering: map[string]*registration{}, solved: map[string]bool{}, challenges: map[string]string{},
		record: newRecord(), conns: map[*conn]bool{}, subs: map[int]*subscription{},
	}
	if e.bad = checkOptions(opt); e.bad != nil {
		return e
	}
	e.keeper = emulation.Keeper{Dir: opt.DataDir, Lock: &e.mu, State: e.st, Changed: &e.changed, Log: e.log}
	if e.bad = e.keeper.Load(); e.bad != nil {
		return e
	}
	for _, a := range opt.Accounts {
		e.seed(a, true)
	}
	for _, a := range opt.Phones {
		a.Phone = true
		e.seed(a, false)
	}
	return e
}

func setDefaults(opt *Options) {
	if opt.Clock == nil {
		opt.Clock = clock.System{}
	}
	if opt.Version == "" {
		opt.Version = "0.14.8"
	}
	if opt.ReceiveMode == "" {
		opt.ReceiveMode = Manual
	}
	if opt.TrustNewIdentities == "" {
		opt.TrustNewIdentities = TrustOnFirstUse
	}
	if opt.LinkTimeout <= 0 {
		opt.LinkTimeout = time.Minute
	}
	if opt.RetryAfter <= 0 {
		opt.RetryAfter = time.Second
	}
	if opt.RateLimitFailures == 0 {
		opt.RateLimitFailures = 1
	}
}

func checkOptions(opt Options) error {
	seen := map[string]bool{}
	for _, a := range append(append([]Account(nil), opt.Accounts...), opt.Phones...) {
		if !isNumber(a.Number) {
			return fmt.Errorf("emulator options: an account's Number needs the form +491701234567: %w", errs.ErrInvalid)
		}
		if seen[a.Number] {
			return fmt.Errorf("emulator options: two accounts have the same Number: %w", errs.ErrInvalid)
		}
		seen[a.Number] = true
		if a.ACI != "" && !isUUID(a.ACI) {
			return fmt.Errorf("emulator options: an account's ACI is no UUID: %w", errs.ErrInvalid)
		}
	}
	for _, l := range []Latency{opt.Latency, opt.AnswerLatency} {
		if err := l.Check(); err != nil {
			return err
		}
	}
	switch opt.ReceiveMode {
	case Manual, OnConnection, OnStart:
	default:
		return fmt.Errorf("emulator options: ReceiveMode is none of manual, on-connection, on-start: %w", errs.ErrInvalid)
	}
	if opt.TrustNewIdentities != TrustOnFirstUse && opt.TrustNewIdentities != TrustAlways {
		return fmt.Errorf("emulator options: TrustNewIdentities is neither on-first-use nor always: %w", errs.ErrInvalid)
	}
	return nil
}

// touch tells all who wait that something changed. The caller holds mu.
func (e *Emulator) touch() { e.changed.Tell() }

// Changed returns a channel that is closed at the next change.
func (e *Emulator) Changed() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.changed
}
