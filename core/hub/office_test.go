package hub

import (
	"context"
	"sync"

	"puente/core/desk/channel"
)

// office is a business floor that gives leave and takes orders, as a test wants, and remembers what it was asked.
type office struct {
	mu      sync.Mutex
	leaving []channel.Outgoing
	presses []channel.Press
	orders  []channel.Command
	verbs   []channel.Verb
	leave   func(channel.Outgoing) error
	press   func(channel.Press) (string, error)
	run     func(channel.Command) (string, error)
}

func (o *office) MayLeave(_ context.Context, out channel.Outgoing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.leaving = append(o.leaving, out)
	if o.leave == nil {
		return nil
	}
	return o.leave(out)
}

func (o *office) Verbs() []channel.Verb { return o.verbs }

func (o *office) Run(_ context.Context, cmd channel.Command) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.orders = append(o.orders, cmd)
	if o.run == nil {
		return "", nil
	}
	return o.run(cmd)
}

func (o *office) Press(_ context.Context, press channel.Press) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.presses = append(o.presses, press)
	if o.press == nil {
		return "", nil
	}
	return o.press(press)
}

// asked are the questions of the gate since the last time.
func (o *office) asked() []channel.Outgoing {
	o.mu.Lock()
	defer o.mu.Unlock()
	taken := o.leaving
	o.leaving = nil
	return taken
}

// pressed are the buttons that were pressed since the last time.
func (o *office) pressed() []channel.Press {
	o.mu.Lock()
	defer o.mu.Unlock()
	taken := o.presses
	o.presses = nil
	return taken
}

// ordered are the commands that were given since the last time.
func (o *office) ordered() []channel.Command {
	o.mu.Lock()
	defer o.mu.Unlock()
	taken := o.orders
	o.orders = nil
	return taken
}

// decides changes how the office answers.
func (o *office) decides(change func(*office)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change(o)
}

// staffed has a world's hub ask an office, which knows nothing of a world before.
func staffed(o *office) func(*world) {
	return func(w *world) {
		o.decides(func(o *office) {
			o.leaving, o.presses, o.orders, o.leave, o.press, o.run = nil, nil, nil, nil, nil, nil
		})
		w.opts.Gate, w.opts.Clerk = o, o
	}
}
