package crash

import (
	"context"
	"fmt"

	"puente/bridges/bridgekit/emulation"
	"puente/bridges/bridgekit/phone"
	"puente/bridges/signal"
	signalemulator "puente/bridges/signal/emulator"
)

func (w *world) startSignal(ctx context.Context) (*provider, error) {
	e := signalemulator.New(signalemulator.Options{
		Accounts: []signalemulator.Account{{Number: accountNumber, Name: "Lamp Shop", Phone: true}},
		// Redeliver stays 0: as the real daemon, this one forgets what it has handed over.
		Latency: w.opts.latency(), AnswerLatency: emulation.Latency{Min: w.opts.latencyMin, Max: w.opts.latencyMax / 4}, Log: w.log,
	})
	bound, err := e.Start(ctx, "tcp:127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the emulated signal-cli: %w", err)
	}
	w.daemon.moveTo(bound[len("tcp:"):])
	p := &provider{
		id: "signal", network: signal.Network(), phones: e.Network(), stop: e.Stop, flow: "existing",
		fields: map[string]string{"number": accountNumber},
		config: map[string]string{"daemon": w.daemon.address(), "send_grace": grace, "message_requests": "at-once"},
		pictures: func(customer, _, caption string, names []string) error {
			chat, err := e.Chat(customer, accountNumber)
			if err != nil {
				return err
			}
			var files []signalemulator.File
			for _, name := range names {
				files = append(files, signalemulator.File{Data: w.photo, Name: name, Mime: "image/jpeg"})
			}
			_, err = chat.SendFiles(caption, files)
			return err
		},
	}
	p.trouble = func(kind trouble, _ token) func() {
		const ioError, limited = -3, -5 // ref: reference/signal-cli.md §4
		switch kind {
		case gone:
			target := w.daemon.moveTo("127.0.0.1:1") // where nobody listens
			e.CutConnections()
			return func() { w.daemon.moveTo(target) }
		case down:
			e.FailNext("send", 2, ioError)
		case slow:
			e.FailNextWith("send", 1, signalemulator.Failure{Code: limited})
		case mute:
			e.FailNextWith("send", 1, signalemulator.Failure{CutAfter: true})
		}
		return func() {}
	}
	p.group = func(name string, members []string) (string, error) {
		var list []signalemulator.Member
		for _, one := range members {
			list = append(list, signalemulator.Member{ACI: one})
		}
		for _, own := range e.Network().Customers() {
			if own.Address == accountNumber {
				list = append(list, signalemulator.Member{ACI: own.ID})
			}
		}
		if _, err := e.AddGroup(signalemulator.Group{Name: name, Members: list}); err != nil {
			return "", err
		}
		return groupChat(e.Network(), members[0])
	}
	return p, nil
}

// groupChat is the newest group on a phone.
func groupChat(phones phone.Network, member string) (string, error) {
	chats, err := phones.Chats(member)
	if err != nil {
		return "", err
	}
	found := ""
	for _, chat := range chats {
		if chat.Group {
			found = chat.ID
		}
	}
	return found, nil
}
