package emulator

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

// object is one JSON object.
type object = map[string]any

// Bot is one bot account.
type Bot struct {
	// Token is the bot's secret, "110201543:AAH…"; what stands before the colon is the bot's user ID.
	Token    string `json:"token"`
	Username string `json:"username"` // without @
	Name     string `json:"name"`
	// ReadsAllGroupMessages is privacy mode switched off, can_read_all_group_messages.
	ReadsAllGroupMessages bool `json:"reads_all_group_messages"`
	// Business lets people connect the bot to their business account, can_connect_to_business.
	Business bool `json:"business"`
	// Topics is forum topic mode in private chats, has_topics_enabled.
	Topics bool `json:"topics"`
}

// ID is the bot's user ID, 0 if the token has none.
func (b Bot) ID() int64 {
	head, _, _ := strings.Cut(b.Token, ":")
	id, err := strconv.ParseInt(head, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// Latency is the span from which the time between an event and its update is drawn. Zero means at once.
type Latency = emulation.Latency

// Options configures an Emulator. One Bot is needed.
type Options struct {
	Bots []Bot

	// Local makes it a local Bot API server: downloads of any size, uploads of up to 2000 MB, and getFile answers
	// with the absolute path of a file. Webhooks may go to any port, without TLS.
	Local bool
	// AnyWebhook lets webhooks go to any port and without TLS, as Local does, without the rest of it.
	AnyWebhook bool
	// DataDir keeps chats and files over a restart; empty: in memory and in a temporary folder.
	DataDir string

	Latency Latency
	// RetryMin and RetryMax bound the wait between two tries of a webhook, which doubles from try to try.
	// Defaults: one second and one minute.
	RetryMin, RetryMax time.Duration
	// RateLimitFailures is how often a call for …0429 is refused before it is taken; default 1.
	RateLimitFailures int
	// RetryAfter is what those refusals ask for, in whole seconds; default one second.
	RetryAfter time.Duration
	// Duplicate delivers every update to a webhook twice, and by getUpdates once more after it was confirmed.
	Duplicate bool

	Clock clock.Clock    // default clock.System
	Log   zerolog.Logger // the zero value is silent
}

// Emulator plays Telegram's Bot API server for some bots, and the phones of the people who write to them.
type Emulator struct {
	opt     Options
	clock   clock.Clock
	log     zerolog.Logger
	client  *http.Client
	fields  *fieldTable
	methods map[string]method
	bad     error // what was wrong with the options or the data folder; Start returns it

	mu       sync.Mutex
	st       *state
	changed  emulation.Change
	faults   []fault
	magicHit map[string]int
	unknown  map[string]int // requests' fields and methods that nobody knows, and how often they came
	calls    []Call
	cut      int // so many answers to getUpdates or webhooks are lost
	held     bool
	hooks    map[string]*hookQueue
	samples  []object // the sample stickers, once somebody asked for them

	files  emulation.Folder
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
		changed: emulation.NewChange(), magicHit: map[string]int{}, unknown: map[string]int{},
		hooks: map[string]*hookQueue{},
		files: emulation.Folder{Prefix: "puente-telegram-"}, server: emulation.Server{Log: opt.Log},
	}
	e.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	e.methods = e.listMethods()
	e.fields, e.bad = readFieldTable()
	if e.bad == nil {
		e.bad = checkOptions(opt)
	}
	if e.bad == nil {
		e.bad = e.openData()
	}
	for _, b := range opt.Bots {
		e.st.addBot(b)
	}
	return e
}

func setDefaults(opt *Options) {
	if opt.Clock == nil {
		opt.Clock = clock.System{}
	}
	if opt.RetryMin <= 0 {
		opt.RetryMin = time.Second
	}
	if opt.RetryMax < opt.RetryMin {
		opt.RetryMax = max(time.Minute, opt.RetryMin)
	}
	if opt.RateLimitFailures <= 0 {
		opt.RateLimitFailures = 1
	}
	if opt.RetryAfter < time.Second {
		opt.RetryAfter = time.Second
	}
}

func checkOptions(opt Options) error {
	if len(opt.Bots) == 0 {
		return fmt.Errorf("emulator options: Bots is empty: %w", errs.ErrInvalid)
	}
	known := map[int64]bool{}
	for i, b := range opt.Bots {
		if err := checkBot(b); err != nil {
			return fmt.Errorf("emulator options: Bots[%d]: %w", i, err)
		}
		if known[b.ID()] {
			return fmt.Errorf("emulator options: Bots[%d] is there twice: %w", i, errs.ErrConflict)
		}
		known[b.ID()] = true
	}
	return opt.Latency.Check()
}

func checkBot(b Bot) error {
	_, secret, _ := strings.Cut(b.Token, ":")
	if b.ID() <= 0 || len(secret) < 8 || b.Username == "" || b.Name == "" {
		return fmt.Errorf("a bot needs a Username, a Name and a Token like 110201543:AAH…: %w", errs.ErrInvalid)
	}
	return nil
}

// openData finds the folder of the files and loads what an earlier run kept.
func (e *Emulator) openData() error {
	if e.opt.DataDir == "" {
		return nil
	}
	e.files.Lasting = filepath.Join(e.opt.DataDir, "files")
	if _, err := e.files.Path(); err != nil {
		return err
	}
	e.keeper = emulation.Keeper{Dir: e.opt.DataDir, Lock: &e.mu, State: e.st, Changed: &e.changed, Log: e.log}
	return e.keeper.Load()
}

// touch tells all who wait that something changed. The caller holds mu.
func (e *Emulator) touch() { e.changed.Tell() }

// Changed returns a channel that is closed at the next change of whatever a phone shows or a queue holds.
func (e *Emulator) Changed() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.changed
}
