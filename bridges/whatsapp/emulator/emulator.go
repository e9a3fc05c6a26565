package emulator

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

// Number is one business phone number of the emulated WhatsApp Business Account.
type Number struct {
	// PhoneNumberID is Meta's decimal ID of the number, the {pnid} of its paths.
	PhoneNumberID string
	// DisplayPhoneNumber is the number as people read it: "+1 555-078-3881".
	DisplayPhoneNumber string
	// VerifiedName is the business name that customers see.
	VerifiedName string
	// Coexistence marks a number that is used in the WhatsApp Business app too: only there do customers' edits
	// and deletions reach the webhook as such. ref: reference/whatsapp-cloud.md §4.1
	Coexistence bool
}

// digits returns the number as webhooks carry it: digits only.
func (n Number) digits() string { return onlyDigits(n.DisplayPhoneNumber) }

// Latency is the span from which the time between an event and its webhook is drawn. Zero means at once.
type Latency = emulation.Latency

// Order says what is put out of order: among the updates that one event causes (statuses), and among all that
// a Release lets go (both).
type Order int

// The orders of delivery.
const (
	InOrder          Order = iota
	ReversedStatuses       // statuses swap places among themselves, newest first
	ReversedMessages       // messages swap places among themselves, newest first
)

// Options configures an Emulator. AppSecret, VerifyToken, AccessToken, WABAID and one Number are needed.
type Options struct {
	AppSecret   string // keys X-Hub-Signature-256
	VerifyToken string // what the callback's verification expects
	AccessToken string // the only Bearer token that Graph calls may carry
	WABAID      string // WhatsApp Business Account ID, decimal
	AppID       string // Meta app ID; has a default
	Numbers     []Number

	// CallbackURL is where webhooks go. Empty: they wait until SetCallback.
	CallbackURL string
	// PublicURL is the base of media URLs, without a trailing slash; empty: the address that Start listens on.
	PublicURL string
	// DataDir keeps conversations and media over a restart; empty: in memory and in a temporary folder.
	DataDir string

	Latency Latency
	// ReviewTime is how long a new template stays PENDING; negative: until Review is called.
	ReviewTime time.Duration
	// RetryMin and RetryMax bound the wait between two tries of a webhook, which doubles from try to try.
	// Defaults: one second and one minute (Meta's own are longer).
	RetryMin, RetryMax time.Duration
	// GiveUp is the age at which an undelivered webhook is dropped; default 7 days, as Meta does.
	GiveUp time.Duration
	// RateLimitFailures is how often a message to …0429 is refused before it is taken; default 1.
	RateLimitFailures int
	// WindowFailsLate makes a closed 24-hour window a failed status (131047) after acceptance instead of an
	// HTTP error; Meta does either.
	WindowFailsLate bool
	// AutoRead makes every customer read at once what arrives.
	AutoRead bool

	// Duplicate delivers every webhook twice.
	Duplicate bool
	// Order reorders updates.
	Order Order
	// BatchSize is how many waiting updates one POST may carry; default 1, Meta's limit is 1,000.
	BatchSize int

	Clock clock.Clock    // default clock.System
	Log   zerolog.Logger // the zero value is silent
}

// Emulator plays Meta's WhatsApp Cloud API for one business account, and the phones of its customers.
type Emulator struct {
	opt    Options
	clock  clock.Clock
	log    zerolog.Logger
	client *http.Client
	bad    error // what was wrong with the options or the data folder; Start returns it

	mu       sync.Mutex
	st       *state
	index    map[string]*Message // every message by its ID
	changed  emulation.Change
	held     bool
	cut      int
	sending  bool
	lastDue  time.Time
	failures []failure
	magicHit map[string]int

	files  emulation.Folder // of media
	keeper emulation.Keeper
	server emulation.Server
}

// New makes an emulator. It starts nothing: call Start, or mount Handler and call Start with no address. What is
// wrong with opt is returned by Start.
func New(opt Options) *Emulator {
	setDefaults(&opt)
	e := &Emulator{
		opt: opt, clock: opt.Clock, log: opt.Log,
		client:  &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2}},
		st:      newState(),
		index:   map[string]*Message{},
		changed: emulation.NewChange(), magicHit: map[string]int{},
		server: emulation.Server{PublicURL: strings.TrimSuffix(opt.PublicURL, "/"), Log: opt.Log},
		files:  emulation.Folder{Prefix: "puente-whatsapp-"},
	}
	e.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	e.bad = checkOptions(opt)
	if e.bad == nil {
		e.bad = e.openData()
	}
	if len(e.st.Templates) == 0 {
		e.st.Templates = seedTemplates()
	}
	return e
}

func setDefaults(opt *Options) {
	if opt.Clock == nil {
		opt.Clock = clock.System{}
	}
	if opt.AppID == "" {
		opt.AppID = "670843887433847"
	}
	if opt.RetryMin <= 0 {
		opt.RetryMin = time.Second
	}
	if opt.RetryMax < opt.RetryMin {
		opt.RetryMax = max(time.Minute, opt.RetryMin)
	}
	if opt.GiveUp <= 0 {
		opt.GiveUp = 7 * 24 * time.Hour
	}
	if opt.RateLimitFailures <= 0 {
		opt.RateLimitFailures = 1
	}
	opt.BatchSize = min(max(opt.BatchSize, 1), 1000)
}

func checkOptions(opt Options) error {
	for _, need := range []struct{ name, value string }{
		{"AppSecret", opt.AppSecret}, {"VerifyToken", opt.VerifyToken},
		{"AccessToken", opt.AccessToken}, {"WABAID", opt.WABAID},
	} {
		if need.value == "" {
			return fmt.Errorf("emulator options: %s is empty: %w", need.name, errs.ErrInvalid)
		}
	}
	if len(opt.Numbers) == 0 {
		return fmt.Errorf("emulator options: Numbers is empty: %w", errs.ErrInvalid)
	}
	for i, n := range opt.Numbers {
		if n.PhoneNumberID == "" || n.digits() == "" {
			return fmt.Errorf("emulator options: Numbers[%d] needs PhoneNumberID and DisplayPhoneNumber: %w", i, errs.ErrInvalid)
		}
	}
	return opt.Latency.Check()
}

// openData finds the media folder and loads what an earlier run kept.
func (e *Emulator) openData() error {
	if e.opt.DataDir == "" {
		return nil
	}
	e.files.Lasting = filepath.Join(e.opt.DataDir, "media")
	if _, err := e.files.Path(); err != nil {
		return err
	}
	e.keeper = emulation.Keeper{Dir: e.opt.DataDir, Lock: &e.mu, State: e.st, Changed: &e.changed, Log: e.log}
	if err := e.keeper.Load(); err != nil {
		return err
	}
	if e.opt.CallbackURL != "" {
		e.st.Callbacks.App = "" // this run's callback counts, not one that an earlier run was told
	}
	e.index = e.st.indexMessages()
	return nil
}

// Numbers lists the business's phone numbers.
func (e *Emulator) Numbers() []Number { return append([]Number(nil), e.opt.Numbers...) }

func (e *Emulator) number(pnid string) (Number, bool) {
	for _, n := range e.opt.Numbers {
		if n.PhoneNumberID == pnid {
			return n, true
		}
	}
	return Number{}, false
}

// touch tells all who wait that something changed. The caller holds mu.
func (e *Emulator) touch() { e.changed.Tell() }
