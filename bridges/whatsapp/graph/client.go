package graph

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"puente/bridges/bridgekit/guard"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

// What a Config that says nothing else gets.
const (
	DefaultBaseURL = "https://graph.facebook.com"
	// DefaultVersion of the Graph API. ref: whatsapp-cloud.md §1
	DefaultVersion   = "v25.0"
	defaultUserAgent = "puente/1.0.0"
	// outsidePatience is how long a host that nobody knows may take for each step of an answer.
	outsidePatience = 30 * time.Second
)

// Config is what a Client needs.
type Config struct {
	BaseURL     string // "" for DefaultBaseURL; no version in it
	Version     string // "" for DefaultVersion; v25.0
	AccessToken string // of a system user; goes only to Meta's hosts and to BaseURL's
	// HTTPClient carries the requests; nil for one without a time limit of its own: contexts set it.
	HTTPClient *http.Client
	// Outside carries the requests to hosts that are neither BaseURL's nor Meta's, where a redirect may lead; nil for
	// one that calls public addresses only.
	Outside *http.Client
	Clock   clock.Clock // nil for the machine's
	Log     zerolog.Logger
	Pacer   *Pacer // nil for one with the default limits; share it between clients of one number
}

// Client calls the Cloud API with one access token. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	invalid error // BaseURL cannot be used; every call returns it
	version string
	// token is a function so that printing a Client does not show it.
	token   func() string
	http    *http.Client
	outside *http.Client
	clock   clock.Clock
	log     zerolog.Logger
	pacer   *Pacer
}

// New returns a client. A BaseURL that is no http(s) address shows with the first call.
func New(cfg Config) *Client {
	c := &Client{version: firstOf(cfg.Version, DefaultVersion), clock: cfg.Clock, log: cfg.Log, pacer: cfg.Pacer}
	secret := strings.TrimSpace(cfg.AccessToken)
	c.token = func() string { return secret }
	if c.clock == nil {
		c.clock = clock.System{}
	}
	if c.pacer == nil {
		c.pacer = NewPacer(PacerConfig{}, c.clock)
	}
	base, err := url.Parse(strings.TrimRight(firstOf(cfg.BaseURL, DefaultBaseURL), "/"))
	if err != nil || (base.Scheme != "https" && base.Scheme != "http") || base.Host == "" {
		c.invalid = fmt.Errorf("graph base URL is not an http or https address: %w", errs.ErrInvalid)
	}
	c.base = base
	c.http, c.outside = ownClient(cfg.HTTPClient), ownClient(cfg.Outside)
	if cfg.Outside == nil {
		c.outside = ownClient(guard.NewClient(nil, outsidePatience))
	}
	return c
}

// ownClient copies client so that it follows no redirects: the token must not travel along.
func ownClient(client *http.Client) *http.Client {
	own := &http.Client{}
	if client != nil {
		*own = *client
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return own
}

// address returns BaseURL/Version/path with the query. The path is escaped by its maker.
func (c *Client) address(path string, query url.Values) string {
	address := c.base.String() + "/" + c.version + "/" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return address
}

// id checks an ID that becomes part of a path and escapes it.
func id(name, value string) (string, error) {
	if value == "" || value == "." || value == ".." || len(value) > 256 {
		return "", fmt.Errorf("%s is missing or too long: %w", name, errs.ErrInvalid)
	}
	return url.PathEscape(value), nil
}
