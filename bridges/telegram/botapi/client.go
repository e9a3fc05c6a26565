// Package botapi calls Telegram's Bot API. It adds to github.com/go-telegram/bot what that lacks: errors without the
// token, which stands in every address; what an error means and whether the message may have gone out; updates as they
// came; files; pacing. ref: reference/telegram-bot.md
package botapi

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot"
	"github.com/rs/zerolog"

	"puente/core/base/clock"
	"puente/core/base/errs"
)

// DefaultBaseURL is Telegram's own server.
const DefaultBaseURL = "https://api.telegram.org"

// Config is what a Client needs.
type Config struct {
	// BaseURL is the server's address without a trailing slash; empty means DefaultBaseURL.
	BaseURL string
	// Token is the bot's, as BotFather gave it.
	Token string
	// Local says that the server is a local one, which names files by their path on this machine.
	Local bool
	// HTTP makes the calls; see NewTransport.
	HTTP  *http.Client
	Clock clock.Clock
	Log   zerolog.Logger
}

// Client is one bot. It is safe for concurrent use. The typed methods are those of Bot; their errors are this
// package's (see Error), with words for people and without the token.
type Client struct {
	*bot.Bot
	base  string
	token string
	id    int64
	local bool
	http  *http.Client
	clock clock.Clock
	log   zerolog.Logger
}

// token is what BotFather hands out: the bot's user ID and a secret.
var tokenShape = regexp.MustCompile(`^[0-9]{3,20}:[A-Za-z0-9_-]{8,128}$`)

// TokenPattern is the shape of a token, for forms.
const TokenPattern = `^\s*[0-9]{3,20}:[A-Za-z0-9_-]{8,128}\s*$` //nolint:gosec // a shape, no credential

// New makes a Client; it calls nothing. A token of the wrong shape is an errs.ErrInvalid.
func New(cfg Config) (*Client, error) {
	if !tokenShape.MatchString(cfg.Token) {
		return nil, errs.Tell(fmt.Errorf("telegram token: %w", errs.ErrInvalid),
			"this is no token of BotFather's; it looks like 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw.")
	}
	number, _, _ := strings.Cut(cfg.Token, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("telegram token: %w", errs.ErrInvalid)
	}
	c := &Client{
		base: strings.TrimRight(cfg.BaseURL, "/"), token: cfg.Token, id: id, local: cfg.Local,
		http: withoutRedirects(cfg.HTTP), clock: cfg.Clock, log: cfg.Log.With().Int64("bot_id", id).Logger(),
	}
	if c.base == "" {
		c.base = DefaultBaseURL
	}
	c.Bot, err = bot.New(cfg.Token, bot.WithSkipGetMe(), bot.WithServerURL(c.base), bot.WithHTTPClient(time.Minute, (*caller)(c)),
		bot.WithErrorsHandler(func(error) { c.log.Debug().Msg("A request's body was not read to its end") }))
	if err != nil {
		return nil, fmt.Errorf("make the client of bot %d: %w", id, errs.ErrInvalid)
	}
	return c, nil
}

// withoutRedirects copies a client so that it follows no redirects: the token stands in the address, and net/http would
// tell it to the next host as the referrer.
func withoutRedirects(client *http.Client) *http.Client {
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// ID is the bot's user ID.
func (c *Client) ID() int64 { return c.id }

// NewTransport is the transport for Config.HTTP. A local server answers only when it has handed the file on, so it
// gets more time.
func NewTransport(local bool) *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	transport.IdleConnTimeout = 50 * time.Second
	transport.ResponseHeaderTimeout = pollTimeout + 25*time.Second
	if local {
		transport.ResponseHeaderTimeout = 4 * time.Minute
	}
	return transport
}
