package crash

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// trapAt sets a trap for the next message of one side of a chat.
func (l *load) trapAt(name string, p place, at moment, c *chat, dir string) (*trap, func()) {
	t := c.next(dir).token
	g := p.gate(l.w)
	one := newTrap(name, at, func(x exchange) bool { return p.match(x, t) })
	g.set(one)
	return one, func() { g.unset(one) }
}

// lured does something that leads into a trap while nobody else writes on that side of the chat.
func (l *load) lured(name string, p place, at moment, c *chat, dir string, do func() error) (<-chan struct{}, func(), error) {
	c.turns[dir].Lock()
	defer c.turns[dir].Unlock()
	one, off := l.trapAt(name, p, at, c, dir)
	return one.fired, off, do()
}

// any returns a conversation with one customer on a network that has a room already; "" is any network.
func (l *load) any(network string) (*chat, error) {
	var list []*chat
	for _, c := range l.all() {
		if (network == "" || c.provider.id == network) && len(c.members) == 1 && c.where() != "" {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no conversation on %q has a room yet", network)
	}
	return list[l.dice(len(list))], nil
}

// lure is what leads Puente into the trap of a marked point.
type lure = func(l *load, point string) (<-chan struct{}, func(), error)

// comesIn lets a customer write a text.
func comesIn(network string, p place, at moment) lure {
	return func(l *load, point string) (<-chan struct{}, func(), error) {
		c, err := l.any(network)
		if err != nil {
			return nil, nil, err
		}
		return l.lured(point, p, at, c, in, func() error { return l.write(c, in, "") })
	}
}

// goesOut lets an agent write a text.
func goesOut(network string, p place, at moment) lure {
	return func(l *load, point string) (<-chan struct{}, func(), error) {
		c, err := l.any(network)
		if err != nil {
			return nil, nil, err
		}
		return l.lured(point, p, at, c, out, func() error { return l.write(c, out, "") })
	}
}

// goesOutBySignal lets an agent write a text to a customer on Signal.
func goesOutBySignal(at moment) lure {
	return func(l *load, point string) (<-chan struct{}, func(), error) {
		c, err := l.any("signal")
		if err != nil {
			return nil, nil, err
		}
		c.turns[out].Lock()
		defer c.turns[out].Unlock()
		t := c.next(out).token
		one := &lineTrap{point: point, at: at, fired: make(chan struct{}), match: func(line []byte) bool { return names(exchange{body: line}, t) }}
		l.w.daemon.set(one)
		return one.fired, func() { l.w.daemon.unset(one) }, l.write(c, out, "")
	}
}

// inParts lets a customer send three pictures in one message, and stops before the second is in the room.
func inParts(network string) lure {
	return func(l *load, point string) (<-chan struct{}, func(), error) {
		c, err := l.any(network)
		if err != nil {
			return nil, nil, err
		}
		second := place{func(w *world) *gate { return w.matrix }, func(x exchange, t token) bool {
			t.part = 2
			return x.Method == http.MethodPut && strings.Contains(x.URL.Path, "/send/") && bytes.Contains(x.body, []byte(t.String()))
		}}
		return l.lured(point, second, beforeForward, c, in, func() error { return l.writePictures(c) })
	}
}

// firstContact lets somebody new write, on each network in turn.
func firstContact(p place, at moment) lure {
	return func(l *load, point string) (<-chan struct{}, func(), error) {
		c, err := l.meet(l.w.providers[l.dice(len(l.w.providers))])
		if err != nil {
			return nil, nil, err
		}
		return l.lured(point, p, at, c, in, func() error { return l.write(c, in, "") })
	}
}

// pictureComesIn lets a customer send a picture.
func pictureComesIn(network string, p place, at moment) lure {
	return func(l *load, point string) (<-chan struct{}, func(), error) {
		c, err := l.any(network)
		if err != nil {
			return nil, nil, err
		}
		return l.lured(point, p, at, c, in, func() error {
			// The shop sends pictures by upload and by address in turns.
			for range 2 {
				if err := l.writeOnePicture(c, in); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// pictureGoesOut lets an agent send a picture.
func pictureGoesOut(network string, p place, at moment) lure {
	return func(l *load, point string) (<-chan struct{}, func(), error) {
		c, err := l.any(network)
		if err != nil {
			return nil, nil, err
		}
		return l.lured(point, p, at, c, out, func() error { return l.writeOnePicture(c, out) })
	}
}

// operatorsAreTold connects another system, which Puente tells the operators of: what it tells them waits in the journal
// under a source of its own, as the nearest thing to a job.
func operatorsAreTold(at moment) lure {
	return func(l *load, point string) (<-chan struct{}, func(), error) {
		l.mu.Lock()
		name := fmt.Sprintf("Branch %d", len(l.branches)+1)
		l.branches = append(l.branches, name)
		l.mu.Unlock()
		one := newTrap(point, at, func(x exchange) bool {
			return x.Method == http.MethodPut && strings.Contains(x.URL.Path, "/send/") && bytes.Contains(x.body, []byte(name))
		})
		l.w.matrix.set(one)
		fields := map[string]string{
			"system": strings.ToLower(strings.ReplaceAll(name, " ", "-")), "display_name": name,
			"callback_url": l.w.shop.url + "/callback", "signing_secret": l.w.provider("webhook").fields["signing_secret"],
		}
		go func() {
			// The kill may cut off the answer; what counts is that the operators hear of it.
			_, _ = l.w.provisioning("webhook").LogIn(l.w.ctx, "system", fields)
		}()
		return one.fired, func() { l.w.matrix.unset(one) }, nil
	}
}

// agentComes lets an agent more stand in the config at the next start, and stops where Puente invites them into the
// second room.
func agentComes(l *load, point string) (<-chan struct{}, func(), error) {
	name, err := l.w.hire(l.w.ctx)
	if err != nil {
		return nil, nil, err
	}
	invited := 0
	one := newTrap(point, answerLost, func(x exchange) bool {
		if x.Method == http.MethodPost && strings.HasSuffix(x.URL.Path, "/invite") && bytes.Contains(x.body, []byte(userID(name))) {
			invited++
		}
		return invited == 2
	})
	l.w.matrix.set(one)
	l.w.puente.kill("to read the config again")
	return one.fired, func() { l.w.matrix.unset(one) }, nil
}

// hitPatience is how long a marked point may take to be reached.
const hitPatience = 45 * time.Second
