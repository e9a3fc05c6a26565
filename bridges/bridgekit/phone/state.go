package phone

import (
	"maps"
	"net/http"
	"net/url"
)

// place is where one phone is: whose it is, which chat is open, and what the next message answers or changes.
type place struct {
	Customer, Chat string // empty: the first
	Reply, Edit    string // messages
	All            bool   // show the oldest messages too
}

// state is what the page's address says: a place for each network, and which phone a narrow window shows. So each
// window has its own, a reload keeps it, and links work without a script.
type state struct {
	shown  string // ID of a network
	only   string // ID of the one network that is asked for, to renew its phone
	places map[string]place
}

func (s *server) readState(r *http.Request) state {
	q := r.URL.Query()
	out := state{shown: q.Get("show"), only: q.Get("only"), places: map[string]place{}}
	for _, n := range s.networks {
		id := n.ID()
		out.places[id] = place{
			Customer: q.Get(id + ".customer"), Chat: q.Get(id + ".chat"),
			Reply: q.Get(id + ".reply"), Edit: q.Get(id + ".edit"), All: q.Get(id+".all") != "",
		}
	}
	if _, ok := s.network(out.shown); !ok && len(s.networks) > 0 {
		out.shown = s.networks[0].ID()
	}
	return out
}

// with is the state after a phone went to another place; a narrow window shows that phone then.
func (st state) with(id string, p place) state {
	places := maps.Clone(st.places)
	places[id] = p
	return state{shown: id, only: st.only, places: places}
}

// address is the page in this state, with all phones.
func (st state) address(path string) string { return st.withQuery(path, url.Values{}) }

// redirect is where a form leads afterwards: to the page with the phones that were asked for.
func (st state) redirect() string {
	if st.only != "" {
		return st.withQuery("/", url.Values{"only": {st.only}})
	}
	return st.address("/")
}

func (st state) withQuery(path string, q url.Values) string {
	set := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	set("show", st.shown)
	for id, p := range st.places {
		set(id+".customer", p.Customer)
		set(id+".chat", p.Chat)
		set(id+".reply", p.Reply)
		set(id+".edit", p.Edit)
		if p.All {
			set(id+".all", "1")
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
