package emulator

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"path/filepath"
	"sort"
	"time"

	"puente/core/base/errs"
)

// link is a device link that startLink made.
type link struct {
	uri     string
	seq     int
	made    time.Time
	scanned string // number of the phone that scanned it
	taken   bool   // by finishLink, which works once
}

func doStartLink(c *call, _ *business, _ params) (any, error) {
	e := c.e
	query := "uuid=" + base64.RawURLEncoding.EncodeToString(random(16)) +
		"&pub_key=" + url.QueryEscape(base64.StdEncoding.EncodeToString(append([]byte{5}, random(32)...)))
	l := &link{uri: "sgnl://linkdevice?" + query, seq: e.record.calls["startLink"], made: e.clock.Now()}
	e.links[l.uri] = l
	return object{"deviceLinkUri": l.uri}, nil
}

// doFinishLink blocks until somebody scans the code, or it is too old. ref: reference/signal-cli.md §3, finishLink
func doFinishLink(c *call, _ *business, p params) (any, error) {
	e := c.e
	uri := p.text("deviceLinkUri")
	if uri == nil {
		return nil, userError("Missing deviceLinkUri.")
	}
	name := p.textOr("deviceName")
	if name == "" {
		name = "cli"
	}
	e.mu.Lock()
	l := e.links[*uri]
	if l == nil || l.taken {
		e.mu.Unlock()
		return nil, userError("Unknown device link uri.")
	}
	l.taken = true
	e.touch()
	expired := e.clock.After(max(0, l.made.Add(e.opt.LinkTimeout).Sub(e.clock.Now())))
	e.mu.Unlock()
	return e.awaitScan(c.ctx, l, name, expired)
}

// awaitScan waits for the phone and makes the daemon one of its devices.
func (e *Emulator) awaitScan(ctx context.Context, l *link, name string, expired <-chan time.Time) (any, error) {
	for {
		e.mu.Lock()
		number, changed := l.scanned, e.changed
		if number != "" {
			defer e.mu.Unlock()
			delete(e.links, l.uri)
			return e.linked(number, name)
		}
		e.mu.Unlock()
		select {
		case <-changed:
		case <-expired:
			e.mu.Lock()
			delete(e.links, l.uri)
			e.mu.Unlock()
			return nil, userError("Link request timed out, please try again.")
		case <-ctx.Done():
			return nil, rpcError{Code: codeIO, Message: "Link request error: closed (IOException)"}
		}
	}
}

// linked puts an account on the daemon. The caller holds mu.
func (e *Emulator) linked(number, name string) (any, error) {
	b := e.st.account(number)
	switch {
	case b == nil:
		return nil, rpcError{Code: codeIO, Message: "Link request error: StatusCode: 403 (AuthorizationFailedException)"}
	case b.OnDaemon:
		return nil, userError(fmt.Sprintf("The user %s already exists\nDelete %q before trying again.", number, filepath.Join("data", "100000")))
	}
	e.putOnDaemon(b, name)
	e.touch()
	return object{"number": number}, nil
}

// LinkCodes lists the codes that can be scanned now, the oldest first.
func (e *Emulator) LinkCodes() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var open []*link
	for _, l := range e.links {
		if l.scanned == "" && e.fresh(l) {
			open = append(open, l)
		}
	}
	sort.Slice(open, func(i, j int) bool { return open[i].seq < open[j].seq })
	var out []string
	for _, l := range open {
		out = append(out, l.uri)
	}
	return out
}

func (e *Emulator) fresh(l *link) bool { return e.clock.Now().Sub(l.made) < e.opt.LinkTimeout }

// Scan is the owner of a phone scanning a link code with it: the daemon becomes a device of that account, as soon as
// finishLink is called. The number must be that of an account with a phone.
func (e *Emulator) Scan(uri, accountNumber string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	l, b := e.links[uri], e.st.account(accountNumber)
	switch {
	case l == nil || !e.fresh(l):
		return errs.Tell(fmt.Errorf("scan a link code: %w", errs.ErrNotFound), "This code is no longer valid.")
	case b == nil || !b.HasPhone:
		return errs.Tell(fmt.Errorf("scan a link code: no such phone: %w", errs.ErrNotFound), "This account has no phone.")
	case l.scanned != "":
		return errs.Tell(fmt.Errorf("scan a link code: %w", errs.ErrConflict), "Another phone has scanned this code.")
	}
	l.scanned = accountNumber
	e.touch()
	return nil
}
