package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"puente/core/base/config"
	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
	"puente/core/desk/customer"
	"puente/core/desk/hours"
	"puente/core/desk/inbox"
	"puente/core/desk/route"
	"puente/core/desk/send"
	"puente/core/hub/network"
)

// Desk is the business floor: what the hub tells goes to each part in turn, and people's commands to whoever knows them.
type Desk struct {
	Inbox     *inbox.Inbox
	Customers *customer.Customers
	Consent   *consent.Ledger
	Gate      *send.Gate
	Router    *route.Router
	commands  []channel.Commands
	rooms     later
	also      channel.Listener // is told everything after the desk; nil: nobody
}

// later is the hub, which is made after the desk.
type later struct{ channel.Rooms }

// newDesk makes the business floor; its rooms are set before anything runs.
func newDesk(cfg *config.Config, a *App, opts Options) (*Desk, error) {
	c := opts.Clock
	settings, err := inboxSettings(cfg.Desk)
	if err != nil {
		return nil, err
	}
	d := &Desk{}
	log := audit.New(a.relaxed)
	d.Customers = customer.New(a.relaxed, log, c)
	if d.Consent, err = consent.New(a.relaxed, log, c, consent.Options{Policy: consent.DefaultPolicy()}); err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	d.Inbox = inbox.New(inbox.Options{
		Settings: settings, DB: a.relaxed, Customers: d.Customers, Consent: d.Consent, Audit: log, Rooms: &d.rooms, Clock: c,
		Log: a.log.With().Str("component", "inbox").Logger(),
	})
	d.Gate = send.New(send.Options{
		Policy: send.Policy(cfg.Desk.AssigneePolicy), Inbox: d.Inbox, Customers: d.Customers, Consent: d.Consent, Rooms: &d.rooms, Clock: c,
		Log: a.log.With().Str("component", "gate").Logger(),
	})
	d.Router = route.New(route.Options{
		Fallback: cfg.Desk.Fallback, Called: called(opts.Networks), DB: a.relaxed, Inbox: d.Inbox, Customers: d.Customers, Consent: d.Consent, Audit: log, Rooms: &d.rooms, Clock: c,
		Log: a.log.With().Str("component", "route").Logger(),
	})
	d.Inbox.CardLines = d.Router.CardLines
	d.commands = []channel.Commands{d.Inbox, d.Router}
	return d, nil
}

// called is what people call the networks.
func called(networks []network.Network) (list []route.Called) {
	for _, one := range networks {
		list = append(list, route.Called{Network: one.ID, Name: one.DisplayName, Also: one.AlsoCalled})
	}
	return list
}

// inboxSettings reads the desk's part of the config.
func inboxSettings(cfg config.Desk) (inbox.Settings, error) {
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return inbox.Settings{}, fmt.Errorf("desk.timezone is %q: write a zone such as Europe/Madrid: %w", cfg.Timezone, errs.ErrInvalid)
	}
	settings := inbox.Settings{
		Capacity: cfg.Capacity, ClaimOnAnswer: cfg.ClaimOnAnswer, OfflineGrace: cfg.OfflineGrace.Std(), Presence: cfg.Presence,
		Zone: zone, Views: cfg.Views, WaitingLong: cfg.WaitingTooLong.Std(), Buttons: cfg.Buttons,
		Closing: inbox.Closing{Required: cfg.Closing.Required, Categories: cfg.Closing.Categories}, Survey: cfg.Survey,
	}
	plan := hours.Plan{Timezone: cfg.Timezone, Week: cfg.BusinessHours, Holidays: cfg.Holidays}
	if settings.Hours, err = hours.Parse(plan); err != nil {
		return settings, inDesk(err, "business_hours")
	}
	for i, team := range cfg.Teams {
		one := inbox.Team{Name: team.Name, Members: team.Members, Channels: team.Channels, Routing: inbox.Routing(team.Routing)}
		if len(team.Hours) > 0 {
			if one.Hours, err = hours.Parse(hours.Plan{Timezone: cfg.Timezone, Week: team.Hours, Holidays: cfg.Holidays}); err != nil {
				return settings, inDesk(err, fmt.Sprintf("teams[%d].hours", i))
			}
		}
		settings.Teams = append(settings.Teams, one)
	}
	return settings, nil
}

// inDesk tells of what is wrong with hours in the words of the config: of the week at key, of holidays and the time zone
// where they stand.
func inDesk(err error, key string) error {
	var problems hours.Problems
	if !errors.As(err, &problems) {
		return fmt.Errorf("desk.%s: %w", key, err)
	}
	for i, problem := range problems {
		week, isWeek := strings.CutPrefix(problem.Field, "week")
		problems[i].Field = "desk." + problem.Field
		if isWeek {
			problems[i].Field = "desk." + key + week
		}
	}
	return problems
}

// HandleChannelEvent implements channel.Listener.
func (d *Desk) HandleChannelEvent(ctx context.Context, evt channel.Event) error {
	for _, part := range []channel.Listener{d.Inbox, d.Gate, d.Router, d.also} {
		if part == nil {
			continue
		}
		if err := part.HandleChannelEvent(ctx, evt); err != nil {
			return err
		}
	}
	return nil
}

// MayLeave implements channel.Gate.
func (d *Desk) MayLeave(ctx context.Context, out channel.Outgoing) error {
	return d.Gate.MayLeave(ctx, out)
}

// Verbs implements channel.Clerk.
func (d *Desk) Verbs() (verbs []channel.Verb) {
	for _, part := range d.commands {
		verbs = append(verbs, part.Verbs()...)
	}
	return verbs
}

// Run implements channel.Clerk.
func (d *Desk) Run(ctx context.Context, cmd channel.Command) (string, error) {
	for _, part := range d.commands {
		if slices.ContainsFunc(part.Verbs(), func(v channel.Verb) bool { return v.Name == cmd.Name }) {
			return part.Run(ctx, cmd)
		}
	}
	return "", fmt.Errorf("command %q: %w", cmd.Name, errs.ErrUnsupported)
}

// Press implements channel.Clerk.
func (d *Desk) Press(ctx context.Context, press channel.Press) (string, error) {
	return d.Inbox.Press(ctx, press)
}

func (d *Desk) start(ctx context.Context) {
	if d != nil {
		d.Inbox.Start(ctx)
	}
}

func (d *Desk) stop() {
	if d != nil {
		d.Inbox.Stop()
	}
}
