package guard_test

import (
	"net/netip"
	"testing"

	"puente/bridges/bridgekit/guard"
)

// FuzzMayCall: an IPv4 address is what it is in whichever way IPv6 writes it, and what is not public is not called.
func FuzzMayCall(f *testing.F) {
	for _, address := range []string{"8.8.8.8", "127.0.0.1", "::1", "fd00::1", "64:ff9b::7f00:1", "::ffff:10.0.0.1", "2001:4860:4860::8888", "fe80::1", "100.64.0.1"} {
		f.Add(netip.MustParseAddr(address).AsSlice())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		address, ok := netip.AddrFromSlice(raw)
		if !ok {
			return
		}
		may := guard.MayCall(address, nil)
		if plain := address.Unmap(); may && (plain.IsPrivate() || plain.IsLoopback() || plain.IsMulticast() || plain.IsUnspecified() || plain.IsLinkLocalUnicast()) {
			t.Fatalf("%s is called", address)
		}
		if !guard.MayCall(address, []netip.Prefix{netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen())}) && address.Unmap() == address {
			t.Fatalf("%s is allowed and not called", address)
		}
		if !address.Is4() {
			return
		}
		four := address.As4()
		nat := netip.AddrFrom16([16]byte{0, 0x64, 0xff, 0x9b, 12: four[0], 13: four[1], 14: four[2], 15: four[3]})
		if mapped := netip.AddrFrom16(address.As16()); guard.MayCall(mapped, nil) != may || guard.MayCall(nat, nil) != may {
			t.Fatalf("%s, %s and %s differ", address, mapped, nat)
		}
	})
}
