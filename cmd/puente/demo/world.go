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
	serverName    = "localhost"
	password      = "puente-demo"
	phoneNumberID = "106540352242922"
	wabaID        = "102290129340398"
	businessName  = "Lamp Shop"
	shownNumber   = "+1 555-078-3881"
)

// agents are the people who answer; the first is the operator.
func agents() [][2]string { return [][2]string{{"alice", "Alice Martín"}, {"bob", "Bob Weber"}} }

// world is all that a demo starts. Its parts start in the order of the fields and stop in the opposite one.
type world struct {
	opts     Options
	dir      string
	anyPorts bool
	progress *progress

	kept     kept
	install  synapse.Installation
	server   *synapse.Server
	emulator *emulator.Emulator
	log      *os.File // the emulator's
	puente   *app.App
	running  bool // puente was started
	config   *config.Config
}

// setupSteps is how many steps start takes.
const setupSteps = 6

func (w *world) start(ctx context.Context) error {
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"Installing Synapse", w.installSynapse},
		{"Writing the config and the registration", w.prepare},
		{"Starting Synapse", w.startSynapse},
		{"Starting the emulated WhatsApp", w.startEmulator},
		{"Starting Puente", w.startPuente},
		{"Connecting the emulated number", w.connect},
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

// prepare chooses the ports and writes what both sides must know of each other before either starts.
func (w *world) prepare(context.Context) (err error) {
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
	if err = w.kept.save(w.dir); err != nil {
		return err
	}
	if w.config, err = writeConfig(w.dir, w.kept, w.opts.Networks); err != nil {
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

func (w *world) startEmulator(ctx context.Context) (err error) {
	w.log, err = os.OpenFile(emulatorLog(w.dir), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the emulator's log: %w", err)
	}
	w.emulator = emulator.New(emulator.Options{
		AppSecret: w.kept.AppSecret, VerifyToken: w.kept.VerifyToken, AccessToken: w.kept.AccessToken, WABAID: wabaID,
		Numbers: []emulator.Number{{
			PhoneNumberID: phoneNumberID, DisplayPhoneNumber: shownNumber, VerifiedName: businessName, Coexistence: true,
		}},
		CallbackURL: base(w.kept.Ports.Puente) + "/whatsapp/webhook",
		DataDir:     filepath.Join(w.dir, "emulator"),
		Log:         zerolog.New(w.log).With().Timestamp().Logger(),
	})
	// It lives until stop, which ends the parts in order.
	_, err = w.emulator.Start(context.WithoutCancel(ctx), address(w.kept.Ports.Phone))
	return err
}

func (w *world) startPuente(ctx context.Context) (err error) {
	if w.puente, err = app.New(ctx, w.config, app.Options{Networks: shown(w.opts.Networks)}); err != nil {
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
	if w.emulator != nil {
		w.emulator.Stop()
	}
	if w.server != nil {
		err = w.server.Stop()
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
  The customer's side: play the customer in a browser
    phone page       %s/

  Write on the phone page, and it appears in the agents' room list; answer there, and it appears on the phone.
  "!puente help" in a customer's room lists what else can be sent. alice may also talk to %s.
  Customers with some phone numbers make sending fail: those ending in 0026, 0429, 0470, 0500 and more.

  Logs: %s

Ctrl-C ends it; the next start goes on from here.
`, w.server.URL(), people.String(), base(w.kept.Ports.Phone), app.Identity(w.config).Front(), w.logs())
}
