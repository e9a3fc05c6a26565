package gate

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"puente/core/base/clock"
)

// FuzzCaller: nobody but a proxy is believed, and what a proxy says ends with an address.
func FuzzCaller(f *testing.F) {
	f.Add("127.0.0.1:1", "198.51.100.7, 10.0.0.1")
	f.Add("203.0.113.9:1", "198.51.100.7")
	f.Add("[::1]:1", "[2001:db8::1]:80,,unknown")
	f.Add("not an address", ",")
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("10.0.0.0/8")}
	gate := New(DefaultLimits(), proxies, clock.System{}, zerolog.Nop())
	f.Fuzz(func(t *testing.T, remote, named string) {
		r := &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": {named}}}
		got := gate.caller(r)
		from, err := netip.ParseAddrPort(remote)
		if err != nil {
			if got.IsValid() {
				t.Fatalf("%q is %s", remote, got)
			}
			return
		}
		direct := plain(from.Addr())
		isProxy := slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(direct) })
		if !got.IsValid() || !isProxy && got != whole(direct) {
			t.Fatalf("%s with %q is %s", remote, named, got)
		}
		if last := named[strings.LastIndexByte(named, ',')+1:]; isProxy && got != whole(direct) {
			if _, ok := forwarded(last); !ok {
				t.Fatalf("%q is believed", named)
			}
		}
	})
}
