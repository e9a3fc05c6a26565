package guard_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"puente/bridges/bridgekit/guard"
)

func TestPrivateAddressesAreNotCalled(t *testing.T) {
	allowed := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "10.1.2.3": true, "::ffff:10.1.2.3": true,
		"10.2.0.1": false, "127.0.0.1": false, "127.9.9.9": false, "::1": false, "0.0.0.0": false, "0.1.2.3": false, "::": false,
		"192.168.1.1": false, "172.16.0.1": false, "169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "100.64.0.1": false,
		"::ffff:127.0.0.1": false, "::ffff:192.168.1.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "224.0.0.1": false,
		"255.255.255.255": false, "198.18.0.1": false, "240.0.0.1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b::808:808": true, "64:ff9b:1::1": false, "ff02::1": false,
		"::7f00:1": false, "::a9fe:a9fe": false, "fec0::1": false, "2001:0:7f00:1::": false, "100.127.255.254": false, "::ffff:0:7f00:1": false,
		"100.128.0.1": true, "172.32.0.1": true, "11.0.0.1": true, "2a00:1450:4001::1": true,
	} {
		if got := guard.MayCall(netip.MustParseAddr(address), allowed); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func TestTheGuardLooksAtWhatANameMeans(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a private address was called") }))
	defer server.Close()
	client := guard.NewClient(nil, time.Second)
	defer client.CloseIdleConnections()
	for _, address := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), strings.Replace(server.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)} {
		resp, err := client.Get(address)
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, guard.ErrPrivate) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestTheGuardLooksAtEachRedirect(t *testing.T) {
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a private address was called") }))
	defer inner.Close()
	// A single port cannot be allowed: so the second server stands on another loopback address.
	outer := httptest.NewServer(http.RedirectHandler(strings.Replace(inner.URL, "127.0.0.1", "[::1]", 1), http.StatusFound))
	defer outer.Close()
	client := guard.NewClient([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, time.Second)
	defer client.CloseIdleConnections()
	resp, err := client.Get(outer.URL)
	if err == nil {
		_ = resp.Body.Close()
	}
	if !errors.Is(err, guard.ErrPrivate) {
		t.Errorf("got %v", err)
	}
}
