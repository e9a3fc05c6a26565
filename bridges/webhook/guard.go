package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"puente/core/base/errs"
)

// errPrivate marks a call to an address that is not for Puente to call.
var errPrivate = fmt.Errorf("private address: %w", errs.ErrForbidden)

// newClient makes the HTTP client for addresses that others name. It calls public addresses and those in allowed. The
// address is looked at when the connection is made, after the name was resolved, so that neither a name that points to
// a private address nor a redirect gets around it. There is no proxy: it would resolve names itself.
func newClient(allowed []netip.Prefix, patience time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: patience, Control: func(_, address string, _ syscall.RawConn) error {
		addr, err := netip.ParseAddrPort(address)
		if err != nil || !mayCall(addr.Addr(), allowed) {
			return errPrivate
		}
		return nil
	}}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience,
			MaxIdleConns: 100, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if req.Method != http.MethodGet || len(via) >= 5 {
				return http.ErrUseLastResponse // a redirect of a webhook is an answer
			}
			return nil
		},
	}
}

func mayCall(addr netip.Addr, allowed []netip.Prefix) bool {
	addr = addr.Unmap().WithZone("")
	for _, prefix := range allowed {
		if prefix.Contains(addr) {
			return true
		}
	}
	if !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	for _, prefix := range reserved() {
		if prefix.Contains(addr) {
			return false
		}
	}
	return true
}

// reserved are the networks beyond the private ones that are not on the public Internet, or that lead into one that is
// not. Source: IANA's special-purpose address registries (RFC 6890).
func reserved() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
		netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"),
		netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
	}
}

// explainPrivate gives the refusal of a private address its mend.
func explainPrivate(err error) error {
	if !errors.Is(err, errPrivate) {
		return err
	}
	return errs.Tell(err, "The address is in a private network, which Puente does not call. If it is meant to, an operator lists it under networks.webhook.allow_private_addresses.")
}
