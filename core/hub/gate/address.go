package gate

import (
	"net/http"
	"net/netip"
	"strings"
)

// caller is the address of who asks. Behind a proxy that is to be believed it is the last that X-Forwarded-For names
// which is no such proxy itself: what stands further left, whoever asks may have written.
func (g *Gate) caller(r *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := plain(from.Addr())
	named := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(named) - 1; i >= 0 && g.isProxy(address); i-- {
		next, ok := forwarded(named[i])
		if !ok {
			break
		}
		address = next
	}
	return whole(address)
}

func (g *Gate) isProxy(address netip.Addr) bool {
	for _, proxy := range g.proxies {
		if proxy.Contains(address) {
			return true
		}
	}
	return false
}

// forwarded reads one address of X-Forwarded-For; some proxies add the port.
func forwarded(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if with, err := netip.ParseAddrPort(text); err == nil {
		return plain(with.Addr()), true
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return plain(address), err == nil
}

func plain(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }

// whole is what stands for all addresses of one caller: of an IPv6 network of 64 bits, anybody who has one address has
// them all.
func whole(address netip.Addr) netip.Addr {
	if !address.Is6() {
		return address
	}
	prefix, err := address.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.Addr()
}
