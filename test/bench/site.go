package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
	"puente/core/base/clock"
	"puente/core/base/store"
	"puente/core/testkit/ports"
	"puente/core/testkit/provision"
	"puente/core/testkit/synapse"
)

// Who is on the homeserver.
const (
	domain             = "localhost"
	aliceID            = id.UserID("@alice:" + domain)
	bobID              = id.UserID("@bob:" + domain)
	password           = "bench-password"
	asToken            = "as-token-of-the-benchmarks"
	hsToken            = "hs-token-of-the-benchmarks" //nolint:gosec // G101: of a homeserver that lives as long as the run
	provisioningSecret = "provisioning-secret-of-the-benchmarks"
	botID              = id.UserID("@puente_whatsapp:" + domain)
)

// patience is how long something may take that ought to come, before the run gives up.
const patience = 3 * time.Minute

// site is a homeserver with a business on it: agents, customers, conversations, Puente, and a plain bridgev2 on a
// copy of Puente's database.
type site struct {
	*bench
	dir        string
	homeserver string
	server     *synapse.Server // nil: the homeserver is not Synapse
	databases  *databases
	front      *front
	sink       *sink
	provider   *provider
	raw        raw
	alice      as
	started    int // programs so far
	workers    int // how much they handle at once, and the bare homeserver is asked at once

	database store.Config // Puente's
	puente   *program
	plain    *program
	chats    []chat

	mu   sync.Mutex
	said []id.EventID // by agents
}

// chat is one conversation.
type chat struct {
	emulator.Customer
	room  id.RoomID
	ghost as
}

// newSite starts the provider and what stands between it, Puente and the homeserver.
func (b *bench) newSite(ctx context.Context, kind string) (*site, error) {
	dir, err := os.MkdirTemp(b.dir, kind+"-")
	if err != nil {
		return nil, err
	}
	s := &site{bench: b, dir: dir, sink: newSink()}
	if s.databases, err = newDatabases(ctx, kind, dir); err != nil {
		return nil, err
	}
	if s.database, err = s.databases.fresh(ctx); err != nil {
		return s, err
	}
	if s.front, err = startFront(); err != nil {
		return s, err
	}
	s.provider, err = startProvider(context.WithoutCancel(ctx), s.front.url)
	return s, err
}

// withSynapse gives the site a Synapse and its agents, and starts Puente there.
func (s *site) withSynapse(ctx context.Context) error {
	address := ports.Address()
	s.homeserver = "http://" + address
	registration, err := s.register()
	if err != nil {
		return err
	}
	_, port, _ := strings.Cut(address, ":")
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	s.server, err = synapse.Start(ctx, s.synapse, synapse.Options{
		Dir: filepath.Join(s.dir, "synapse"), ServerName: domain, Port: number, Registrations: []string{registration},
	})
	if err != nil {
		return err
	}
	s.raw = newRaw(s.homeserver)
	for _, user := range []id.UserID{aliceID, bobID} {
		if err = s.server.RegisterUser(ctx, user.Localpart(), password, user.Localpart(), false); err != nil {
			return err
		}
	}
	if s.alice.token, _, err = s.server.Login(ctx, aliceID.Localpart(), password); err != nil {
		return err
	}
	return s.open(ctx)
}

// open starts Puente for the first time and logs the business in.
func (s *site) open(ctx context.Context) (err error) {
	if s.puente, err = s.startPuente(ctx, s.database); err != nil {
		return err
	}
	return s.logIn(ctx)
}

func (s *site) close() error {
	var err error
	if s.plain != nil {
		err = s.plain.stop()
	}
	if s.puente != nil {
		err = errors.Join(err, s.puente.stop())
	}
	if s.provider != nil {
		s.provider.stop()
	}
	if s.server != nil {
		err = errors.Join(err, s.server.Stop())
	}
	if s.front != nil {
		s.front.stop()
	}
	if s.databases != nil {
		err = errors.Join(err, s.databases.close())
	}
	return err
}

// logIn connects the business's number by the provisioning API.
func (s *site) logIn(ctx context.Context) error {
	client := provision.Client{Puente: s.puente.address, Network: "whatsapp", Secret: provisioningSecret}
	_, err := client.LogIn(ctx, "token", map[string]string{"phone_number_id": phoneNumberID, "waba_id": wabaID, "access_token": accessToken})
	return err
}

// need has at least n conversations open, and tells whether some had to be opened for that.
func (s *site) need(ctx context.Context, n int) (grown bool, err error) {
	if len(s.chats) >= n {
		return false, nil
	}
	return true, s.grow(ctx, n)
}

// grow lets customers write until there are n conversations, with alice in all of them.
func (s *site) grow(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, patience+time.Duration(n)*time.Second)
	defer cancel()
	s.front.to(s.puente.handler)
	before, shown := len(s.chats), 0
	customers := make([]emulator.Customer, 0, n-before)
	for len(customers) < n-before {
		customer, err := s.provider.customer()
		if err != nil {
			return err
		}
		spoken, err := s.provider.Chat(customer.UserID, "")
		if err != nil {
			return err
		} else if _, err = spoken.SendText("Hello"); err != nil {
			return err
		}
		customers = append(customers, customer)
	}
	for {
		var rooms int
		if err := s.puente.db.QueryRow(ctx, "SELECT COUNT(*) FROM message WHERE sender_id<>''").Scan(&rooms); err != nil {
			return fmt.Errorf("count the conversations: %w", err)
		}
		rooms = min(rooms, n)
		if rooms/100 > shown {
			shown = rooms / 100
			s.progress.say("%s: %d of %d conversations are open", s.databases.kind, rooms, n)
		}
		waiting, err := s.puente.waiting(ctx)
		if err != nil {
			return err
		}
		if waiting == 0 && s.provider.Waiting() == 0 && rooms == n {
			break
		}
		if err = clock.Sleep(ctx, clock.System{}, 20*poll); err != nil {
			return fmt.Errorf("open %d conversations, of which %d are: %w", n, rooms, err)
		}
	}
	return s.enter(ctx, customers)
}

const roomOfQuery = `SELECT portal.mxid, portal.id FROM portal JOIN pu_handle ON pu_handle.person=portal.id
	WHERE pu_handle.network='whatsapp' AND pu_handle.kind='user_id' AND pu_handle.value=$1`

// enter finds the conversations of new customers and lets alice in.
func (s *site) enter(ctx context.Context, customers []emulator.Customer) error {
	for _, customer := range customers {
		one := chat{Customer: customer, ghost: as{token: asToken}}
		var person string
		if err := s.puente.db.QueryRow(ctx, roomOfQuery, customer.UserID).Scan(&one.room, &person); err != nil {
			return fmt.Errorf("find a conversation: %w", err)
		}
		one.ghost.user = id.NewUserID("puente_whatsapp_"+person, domain)
		s.chats = append(s.chats, one)
	}
	added := s.chats[len(s.chats)-len(customers):]
	return atOnce(ctx, 4, len(added), func(ctx context.Context, i int) error {
		return s.raw.join(ctx, s.alice, added[i].room)
	})
}

// fork starts a plain bridgev2 on a copy of Puente's database as it is now.
func (s *site) fork(ctx context.Context) error {
	if s.plain != nil {
		if err := s.plain.stop(); err != nil {
			return err
		}
		s.plain = nil
	}
	if err := s.restart(ctx, func() error {
		copied, err := s.databases.copy(ctx, s.database)
		if err != nil {
			return err
		}
		s.plain, err = s.startPlain(ctx, copied)
		return err
	}); err != nil {
		return err
	}
	s.front.to(s.puente.handler)
	return nil
}

// restart stops Puente, does something in between, and starts it again.
func (s *site) restart(ctx context.Context, between func() error, environment ...string) error {
	if err := s.settle(ctx); err != nil {
		return err
	} else if err = s.puente.stop(); err != nil {
		return err
	}
	s.puente = nil
	for _, step := range []func() error{func() error { return s.disown(ctx) }, between, func() error { return s.disown(ctx) }} {
		if err := step(); err != nil {
			return err
		}
	}
	started, err := s.startPuente(ctx, s.database, environment...)
	s.puente = started
	return err
}

// settle waits until nothing is under way any more: the peer whose turn is next shall have the machine to itself.
func (s *site) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for quiet := 0; quiet < 10; quiet++ {
		if err := s.provider.WaitDelivered(ctx); err != nil {
			return err
		}
		waiting, err := s.puente.waiting(ctx)
		if err != nil {
			return err
		} else if waiting > 0 {
			quiet = 0
		}
		if err = clock.Sleep(ctx, clock.System{}, 2*poll); err != nil {
			return fmt.Errorf("wait until nothing is under way (%d entries wait): %w", waiting, err)
		}
	}
	return nil
}
