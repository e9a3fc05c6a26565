// Package guard makes the HTTP client for addresses that somebody else chose: a customer, a system, an answer of a
// provider's. With it nobody can use Puente to look around in a private network.
package guard

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"puente/core/base/errs"
)

// ErrPrivate marks a call to an address that is not for Puente to call.
var ErrPrivate = fmt.Errorf("private address: %w", errs.ErrForbidden)

// NewClient makes a client that calls public addresses and those in allowed. The address is looked at when the
// connection is made, after the name was resolved, so that neither a name that points to a private address, now or from
// the second look on, nor a redirect gets around it. There is no proxy: it would resolve names itself.
func NewClient(allowed []netip.Prefix, patience time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: patience, Control: func(_, address string, _ syscall.RawConn) error {
		addr, err := netip.ParseAddrPort(address)
		if err != nil || !MayCall(addr.Addr(), allowed) {
			return ErrPrivate
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

// MayCall tells whether an address is a public one or in allowed. An IPv4 address that is written as an IPv6 one counts
// as what it is.
func MayCall(addr netip.Addr, allowed []netip.Prefix) bool {
	written := addr.Unmap().WithZone("")
	addr = embedded(written)
	for _, prefix := range allowed {
		if prefix.Contains(addr) || prefix.Contains(written) {
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

// embedded returns the IPv4 address that a NAT64 translates an address to; any other as it is. Where there is only IPv6
// the whole public Internet is behind that prefix. Source: RFC 6052.
func embedded(addr netip.Addr) netip.Addr {
	if !netip.MustParsePrefix("64:ff9b::/96").Contains(addr) {
		return addr
	}
	bytes := addr.As16()
	return netip.AddrFrom4([4]byte(bytes[12:]))
}

// reserved are the networks beyond the private ones that are not on the public Internet, or that lead into one that is
// not. Source: IANA's special-purpose address registries (RFC 6890).
func reserved() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
		netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"),
		netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("192.88.99.0/24"),
		netip.MustParsePrefix("3fff::/20"), netip.MustParsePrefix("5f00::/16"),
		// No longer in use, and still read by some as what they once were: IPv4 within IPv6, site-local addresses.
		netip.MustParsePrefix("::/96"), netip.MustParsePrefix("::ffff:0:0:0/96"), netip.MustParsePrefix("fec0::/10"),
	}
}
