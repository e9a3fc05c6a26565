// Package hub hosts all bridges under one registration, one listener and one database. Everything that arrives,
// from the homeserver or from a provider, is in the journal before it is answered; the router then gives each
// event to the one bridge that owns its room. ref: reference/bridgev2-hosting.md
package hub

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/appservice"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/base/sieve"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// CommandPrefix starts every command to Puente. What starts with it never reaches a customer.
const CommandPrefix = "!puente"

// Encryption says which rooms are encrypted.
type Encryption string

// The modes of encryption.
const (
	EncryptionOff      Encryption = "off"      // encrypted rooms are not understood
	EncryptionAllowed  Encryption = "allowed"  // rooms that somebody encrypts keep working
	EncryptionDefault  Encryption = "default"  // new rooms are encrypted
	EncryptionRequired Encryption = "required" // and what is not encrypted is refused
)

// Options is what a hub is made of.
type Options struct {
	Identity
	Listen             string         // host:port of the one listener; port 0 picks a free one
	PublicURL          string         // where the world reaches the listener; may be empty
	TrustedProxies     []netip.Prefix // whose X-Forwarded-For is believed
	Agents             AgentOptions
	Signature          Signature
	Encryption         Encryption
	PickleKey          string // encrypts the keys in the database; needed unless encryption is off
	ProvisioningSecret string // at least 16 characters; empty: Matrix tokens only
	MetricsToken       string // what Prometheus shows at /metrics; empty: there is no /metrics
	Networks           []network.Network
	NetworkConfig      func(networkID string, into any) error

	DB       *dbutil.Database
	Relaxed  *dbutil.Database // the same, for what the journal can make again (see store.OpenRelaxed); nil: DB
	Journal  *journal.Journal
	Listener channel.Listener // the business floor; nil: nobody listens
	Gate     channel.Gate     // what decides what may leave; nil: everything
	Clerk    channel.Clerk    // the business floor's commands; nil: none
	Clock    clock.Clock
	Log      zerolog.Logger // what is written there passes a sieve before: see core/base/sieve
}

// Hub is Puente's side of the homeserver.
type Hub struct {
	Options
	as        *appservice.AppService
	bot       *appservice.IntentAPI
	desk      *appservice.IntentAPI
	bridges   []*hosted
	byID      map[string]*hosted
	agents    *agents
	rooms     *rooms
	notes     notes
	views     *views
	nameless  sync.Map // id.UserID → since when the profile of one of the team cannot be read
	profiles  sync.Map // id.UserID → the name of somebody of the team whom no room knows yet
	front     *front
	operators *operators
	failures  *failures
	listener  *listener

	lull       lull
	requests   atomic.Int64
	progress   atomic.Int64 // how many events the homeserver took from us
	doubts     *doubts
	adoption   *adoption
	reconciler *reconciler
	verified   atomic.Pointer[Verification] // the last one; nil: none yet
	started    time.Time
	lastHeard  time.Time       // when something arrived last before the start; zero: never
	background context.Context // from Start until Stop
	ready      atomic.Bool
	stopOnce   sync.Once
	working    sync.Mutex // guards stopping, and that nothing joins running once it is awaited
	stopping   bool
	running    sync.WaitGroup
	cancel     context.CancelFunc
}

// New makes a hub with all its bridges; nothing runs and nothing is asked of the homeserver yet. A network with a
// wrong config is an errs.ErrInvalid.
func New(opts Options) (*Hub, error) {
	if opts.Relaxed == nil {
		opts.Relaxed = opts.DB
	}
	h := &Hub{Options: opts, byID: map[string]*hosted{}, doubts: newDoubts(opts.Names), adoption: newAdoption(opts.Clock)}
	h.Log = sieve.Log(opts.Log)
	h.reconciler = newReconciler(h)
	if err := h.makeAppService(); err != nil {
		return nil, err
	}
	h.agents = newAgents(h)
	h.lull.after = lullAfter
	h.rooms, h.notes, h.views = newRooms(opts.DB), notes{db: opts.DB}, newViews(h)
	h.front = newFront(h)
	h.operators, h.failures = newOperators(h), newFailures(h)
	for _, n := range opts.Networks {
		hosted, err := h.host(n)
		if err != nil {
			return nil, fmt.Errorf("network %s: %w", n.ID, err)
		}
		h.bridges = append(h.bridges, hosted)
		h.byID[n.ID] = hosted
	}
	h.listener = newListener(h)
	h.Journal.Handle(sourceMatrix, h.handleMatrixEntry)
	h.Journal.Handle(sourceOperators, h.operators.handle)
	h.Journal.Handle(sourceShown, h.handleShown)
	h.Journal.Handle(sourceTakeBack, h.handleTakeBack)
	h.Journal.Handle(sourceInvite, h.handleInvite)
	h.measure()
	h.Journal.OnFailed(h.setAside)
	h.Journal.OnHurry(h.stopBridges)
	return h, nil
}

func (h *Hub) makeAppService() error {
	as := appservice.Create()
	as.HomeserverDomain = h.Domain
	if err := as.SetHomeserverURL(h.Homeserver); err != nil {
		return fmt.Errorf("homeserver.address: %w: %w", errs.ErrInvalid, err)
	}
	as.HTTPClient.Transport = h.newTransport(false)
	as.Registration = h.Registration()
	as.Log = h.Log.With().Str("component", "front").Logger()
	as.StateStore = sqlstatestore.NewSQLStateStore(h.Relaxed, dbutil.ZeroLogger(as.Log), false)
	h.as = as
	h.bot = as.BotIntent()
	h.desk = as.Intent(h.Desk())
	return nil
}

// Start opens the listener, which takes things in from now on, brings up every bridge, and then starts to deal
// with what has been taken in. It returns when all bridges are up; ctx ends a start that takes too long.
func (h *Hub) Start(ctx context.Context) error {
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	h.background, h.cancel, h.started = background, cancel, h.Clock.Now()
	if err := h.Upgrade(ctx); err != nil {
		return err
	}
	var err error
	if h.lastHeard, err = h.Journal.LastArrival(ctx); err != nil {
		return err
	}
	if err := h.listener.start(); err != nil {
		return err
	}
	if err := h.introduce(ctx); err != nil {
		return err
	}
	for _, b := range h.bridges {
		if err := b.start(ctx); err != nil {
			return fmt.Errorf("start %s: %w", b.network.ID, err)
		}
	}
	if err := h.agents.load(ctx); err != nil {
		return err
	}
	h.Journal.Start(background)
	h.ready.Store(true)
	h.goDo(func() { h.pingUntilHeard(background) })
	h.goDo(func() { h.agents.catchUp(background) })
	h.goDo(func() { h.reconciler.run(background) })
	h.goDo(func() { h.verifyHourly(background) })
	if h.Encryption == EncryptionRequired {
		h.goDo(func() { h.encryptOldRooms(background) })
	}
	return nil
}

// Hold keeps all new work from being begun, until it is called with false: another process may have the database. What
// arrives is kept; what can stay with its provider meanwhile does.
func (h *Hub) Hold(held bool) {
	h.Journal.Hold(held)
	for _, b := range h.bridges {
		b.hold(held)
	}
}

// Stop ends what Start began: nothing new is taken in, what is being dealt with gets its time, and no goroutine is
// left. Calling it again does nothing.
func (h *Hub) Stop() { h.stopOnce.Do(h.stop) }

func (h *Hub) stop() {
	h.ready.Store(false)
	h.listener.stop()
	for _, b := range h.bridges {
		b.pause()
	}
	h.Journal.Stop()
	if h.cancel != nil {
		h.cancel()
	}
	h.working.Lock()
	h.stopping = true
	h.working.Unlock()
	h.running.Wait()
	h.stopBridges()
	h.as.HTTPClient.CloseIdleConnections()
}

// stopBridges ends the bridges and all that they are doing.
func (h *Hub) stopBridges() {
	var stopping sync.WaitGroup
	for _, b := range h.bridges {
		stopping.Go(b.stop)
	}
	stopping.Wait()
}

// awayTime is the time before this start in which nobody listened; see network.Env.
func (h *Hub) awayTime() (from, until time.Time) {
	if h.lastHeard.IsZero() {
		return time.Time{}, time.Time{}
	}
	return h.lastHeard, h.started
}

// goDo does something in the background, unless the hub is being stopped: then it is too late for it.
func (h *Hub) goDo(work func()) {
	h.working.Lock()
	defer h.working.Unlock()
	if h.stopping {
		return
	}
	h.running.Add(1)
	go func() {
		defer h.running.Done()
		work()
	}()
}

// Upgrade brings the tables of bridgev2 and of the state store up to date, once for all bridges.
func (h *Hub) Upgrade(ctx context.Context) error {
	if len(h.bridges) > 0 {
		if err := h.bridges[0].bridge.DB.Upgrade(ctx); err != nil {
			return fmt.Errorf("upgrade the bridges' tables: %w", err)
		}
	}
	if err := h.as.StateStore.(*sqlstatestore.SQLStateStore).Upgrade(ctx); err != nil {
		return fmt.Errorf("upgrade the room state tables: %w", err)
	}
	return nil
}

// introduce makes sure that the homeserver is there and knows Puente, and names which file to mend if not.
func (h *Hub) introduce(ctx context.Context) error {
	once := onceAndQuietly(ctx, h.Log)
	for {
		err := h.bot.EnsureRegistered(once)
		if err == nil {
			var who *mautrix.RespWhoami
			if who, err = h.bot.Whoami(once); err == nil {
				return h.checkIdentity(ctx, who.UserID)
			}
		}
		if told := explainIntroduction(err, h.Options); told != nil {
			return told
		} else if ctx.Err() != nil {
			return fmt.Errorf("reach the homeserver at %s (homeserver.address): %w: %w", h.Homeserver, ctx.Err(), err)
		}
		h.Log.Warn().Err(err).Str("homeserver", h.Homeserver).Msg("Homeserver does not answer, trying again in 5 seconds")
		if err = clock.Sleep(ctx, h.Clock, 5*time.Second); err != nil {
			return fmt.Errorf("reach the homeserver at %s (homeserver.address): %w", h.Homeserver, err)
		}
	}
}

// onceAndQuietly has mautrix neither repeat a request nor log it: whoever asks does both, and better.
func onceAndQuietly(ctx context.Context, log zerolog.Logger) context.Context {
	// A logger that is switched off would make mautrix take its own.
	return mautrix.WithMaxRetries(log.Level(zerolog.FatalLevel).WithContext(ctx), 0)
}

func (h *Hub) checkIdentity(ctx context.Context, got id.UserID) error {
	if got == h.Front() {
		return h.ensureDesk(ctx)
	}
	return fmt.Errorf("the homeserver knows appservice.as_token as %s, not as %s: %w: homeserver.domain or appservice.bot in the config differ from the registration file",
		got, h.Front(), errs.ErrInvalid)
}

func (h *Hub) ensureDesk(ctx context.Context) error {
	if err := h.desk.EnsureRegistered(ctx); err != nil {
		return fmt.Errorf("register %s: %w", h.Desk(), err)
	}
	if err := h.bot.SetDisplayName(ctx, "Puente"); err != nil {
		// The homeserver may forbid it; a name is not worth a start.
		h.Log.Warn().Err(err).Stringer("user_id", h.Front()).Msg("Could not set the display name")
	}
	return nil
}

// explainIntroduction turns the homeserver's refusal into what to mend; nil if it is worth trying again.
func explainIntroduction(err error, opts Options) error {
	switch {
	case errors.Is(err, mautrix.MUnknownToken), errors.Is(err, mautrix.MForbidden):
		return fmt.Errorf("%w: the homeserver does not accept appservice.as_token: write the registration with `puente init --registration-only`, name that file under app_service_config_files in homeserver.yaml, and restart the homeserver: %w",
			errs.ErrForbidden, err)
	case errors.Is(err, mautrix.MExclusive):
		return fmt.Errorf("%w: the homeserver knows the token but reserves %s for another appservice: compare appservice.bot, appservice.user_prefix and homeserver.domain in the config with the registration file: %w",
			errs.ErrConflict, opts.Front(), err)
	}
	return nil
}

// pingUntilHeard has the homeserver call our listener, so that a wrong appservice.address is told at once and a
// homeserver that had given up on us sends what it kept back.
func (h *Hub) pingUntilHeard(ctx context.Context) {
	for wait := 2 * time.Second; ; wait = min(2*wait, 5*time.Minute) {
		_, err := h.bot.AppservicePing(ctx, h.ID, "")
		if err == nil {
			h.Log.Info().Msg("The homeserver reaches Puente")
			return
		} else if ctx.Err() != nil {
			return
		}
		h.Log.Error().Err(err).Str("appservice_address", h.Address).
			Msg("The homeserver does not reach Puente: check appservice.address and the url in the registration file")
		if clock.Sleep(ctx, h.Clock, wait) != nil {
			return
		}
	}
}

// URL is where the listener listens, once started: "http://127.0.0.1:29330".
func (h *Hub) URL() string { return h.listener.url() }

// HomeserverRequests is how many requests went to the homeserver since New.
func (h *Hub) HomeserverRequests() int64 { return h.requests.Load() }

// Ready tells whether all bridges are up.
func (h *Hub) Ready() bool { return h.ready.Load() }
