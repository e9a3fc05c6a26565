package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"

	"puente/bridges/whatsapp/emulator"
	"puente/core/app"
	"puente/core/base/config"
	"puente/core/testkit/synapse"
)

// Who and what is in every demo.
const (
	serverName   = "localhost"
	password     = "puente-demo"
	businessName = "Lamp Shop"
	// networkShown is the network that the script plays in every detail.
	networkShown = "whatsapp"
)

// agents are the people who answer; the first is the operator.
func agents() [][2]string { return [][2]string{{"alice", "Alice Martín"}, {"bob", "Bob Weber"}} }

// world is all that a demo starts. Its parts start in the order of the fields and stop in the opposite one.
type world struct {
	opts     Options
	dir      string
	anyPorts bool
	progress *progress

	kept      kept
	install   synapse.Installation
	log       *os.File // the emulators'
	providers []provider
	started   int                // of the providers
	emulator  *emulator.Emulator // WhatsApp's
	page      *phonePage
	server    *synapse.Server
	puente    *app.App
	running   bool // puente was started
	config    *config.Config
}

// setupSteps is how many steps start takes.
const setupSteps = 6

// emulated is what the second step starts.
func (w *world) emulated(ctx context.Context) error {
	if err := w.choosePorts(); err != nil {
		return err
	}
	var err error
	if w.log, err = os.OpenFile(emulatorLog(w.dir), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return fmt.Errorf("open the emulators' log: %w", err)
	}
	log := zerolog.New(w.log).With().Timestamp().Logger()
	w.providers = providers(place{dir: filepath.Join(w.dir, "emulator"), kept: w.kept, log: log}, w.opts.Networks)
	for _, p := range w.providers {
		w.progress.detail(p.id())
		// They live until stop, which ends the parts in order.
		if err = p.start(context.WithoutCancel(ctx), base(w.kept.Ports.Puente)); err != nil {
			return fmt.Errorf("start the emulated %s: %w", p.id(), err)
		}
		w.started++
		if detailed, ok := p.(*whatsApp); ok {
			w.emulator = detailed.Emulator
		}
	}
	w.page, err = servePhones(address(w.kept.Ports.Phone), w.providers, log)
	return err
}

func (w *world) start(ctx context.Context) error {
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"Installing Synapse", w.installSynapse},
		{"Starting the emulated networks", w.emulated},
		{"Writing the config and the registration", w.prepare},
		{"Starting Synapse", w.startSynapse},
		{"Starting Puente", w.startPuente},
		{"Connecting the business's accounts", w.connect},
	}
	for _, step := range steps {
		if err := w.progress.step(step.name, func() error { return step.do(ctx) }); err != nil {
			return err
		}
	}
	return nil
}

// installSynapse puts it where every run of this folder shares it.
func (w *world) installSynapse(ctx context.Context) (err error) {
	w.install, err = synapse.Install(ctx, filepath.Join(w.opts.Dir, "synapse-venv"), w.progress.detail)
	return err
}

// choosePorts takes those of the last run as far as they are free.
func (w *world) choosePorts() (err error) {
	if w.kept, err = load(w.dir); err != nil {
		return err
	}
	if w.anyPorts && w.opts.PortBase == 0 {
		w.kept.Ports, err = freePorts()
	} else {
		w.kept.Ports, err = choosePorts(w.opts.PortBase, w.kept.Ports)
	}
	if err != nil {
		return err
	}
	return w.kept.save(w.dir)
}

// prepare writes what Puente and Synapse must know of each other before either starts.
func (w *world) prepare(context.Context) (err error) {
	if w.config, err = writeConfig(w.dir, w.kept, shown(w.opts.Networks, w.providers), w.providers); err != nil {
		return err
	}
	if err = app.Identity(w.config).Registration().Save(registrationPath(w.dir)); err != nil {
		return fmt.Errorf("write the registration: %w", err)
	}
	return nil
}

func (w *world) startSynapse(ctx context.Context) (err error) {
	w.server, err = synapse.Start(ctx, w.install, synapse.Options{
		Dir: filepath.Join(w.dir, "synapse"), ServerName: serverName, Port: w.kept.Ports.Homeserver,
		Registrations: []string{registrationPath(w.dir)}, AutoAcceptInvites: true,
	})
	if err != nil {
		return err
	}
	for _, agent := range agents() {
		if err = w.server.RegisterUser(ctx, agent[0], password, agent[1], false); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) startPuente(ctx context.Context) (err error) {
	if w.puente, err = app.New(ctx, w.config, app.Options{Networks: shown(w.opts.Networks, w.providers)}); err != nil {
		return fmt.Errorf("start Puente: %w", err)
	}
	if err = w.puente.Start(ctx); err != nil {
		return fmt.Errorf("start Puente: %w", err)
	}
	w.running = true
	return nil
}

// stop ends what was started, the last first, and waits for it.
func (w *world) stop() error {
	var err error
	if w.puente != nil {
		if w.running {
			w.puente.Hub.Stop()
		}
		w.puente.Close()
	}
	if w.page != nil {
		err = w.page.stop()
	}
	for _, p := range w.providers[:w.started] {
		p.stop()
	}
	if w.server != nil {
		err = errors.Join(err, w.server.Stop())
	}
	if w.log != nil {
		err = errors.Join(err, w.log.Close())
	}
	return err
}

func (w *world) logs() string {
	return strings.Join([]string{puenteLog(w.dir), emulatorLog(w.dir), filepath.Join(w.dir, "synapse", "synapse.log")}, ", ")
}

func puenteLog(dir string) string { return filepath.Join(dir, "puente.log") }

func emulatorLog(dir string) string { return filepath.Join(dir, "emulator.log") }

func (w *world) welcome(out io.Writer) {
	var people strings.Builder
	for _, agent := range agents() {
		fmt.Fprintf(&people, "    agent            %s, password %s\n", agent[0], password)
	}
	_, _ = fmt.Fprintf(out, `
Puente is ready.

  The team's side: log in with any Matrix client, such as Element Desktop (or Element Web in Firefox or Chrome)
    homeserver       %s
%s
  The customers' side: play the customers of %s in a browser
    phone page       %s/

  Write on the phone page, and it appears in the agents' room list; answer there, and it appears on the phone.
  "!puente help" in a customer's room lists what else can be sent. alice may also talk to %s.
  Customers with some numbers make sending fail; the page says which when you add one.

  Logs: %s

Ctrl-C ends it; the next start goes on from here.
`, w.server.URL(), people.String(), w.networkNames(), base(w.kept.Ports.Phone), app.Identity(w.config).Front(), w.logs())
}

// networkNames are the networks as people call them: "WhatsApp, Telegram and Signal".
func (w *world) networkNames() string {
	var names []string
	for _, n := range shown(w.opts.Networks, w.providers) {
		names = append(names, n.DisplayName)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
