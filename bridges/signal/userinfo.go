package signal

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

// ghosts remembers when each person's profile was looked at. Its lock keeps two groups from updating one ghost at once.
type ghosts struct {
	mu   sync.Mutex
	seen map[networkid.UserID]time.Time
}

const (
	// profileAge is how often a profile is looked at without a reason: nobody tells of a new picture.
	profileAge = 24 * time.Hour
	mostSeen   = 100_000 // bounds what ghosts remembers
)

// GetUserInfo implements bridgev2.NetworkAPI.
func (cl *Client) GetUserInfo(ctx context.Context, ghost *bridgev2.Ghost) (*bridgev2.UserInfo, error) {
	if ghost.ID == cl.GetUserID() {
		return &bridgev2.UserInfo{Name: ptr.Ptr(either(cl.meta().Name, remoteName(cl.meta())))}, nil
	}
	recipient, err := cl.connector.recipient(ctx, ghost.ID)
	if err != nil {
		return nil, err
	}
	return cl.profile(ctx, recipient)
}

// profile is what the daemon knows of a person.
func (cl *Client) profile(ctx context.Context, recipient string) (*bridgev2.UserInfo, error) {
	contact, err := cl.connector.daemon.Contact(ctx, cl.account(), recipient)
	if err != nil {
		cl.noteAccount(err)
		return nil, again("ask about a customer", err)
	} else if contact == nil {
		return &bridgev2.UserInfo{Name: ptr.Ptr("Signal user")}, nil
	}
	info := &bridgev2.UserInfo{Name: ptr.Ptr(either(contact.DisplayName(), "Signal user")), Avatar: &bridgev2.Avatar{Remove: true}}
	if contact.Profile.HasAvatar {
		info.Avatar = &bridgev2.Avatar{
			ID:  networkid.AvatarID("profile:" + strconv.FormatInt(contact.Profile.LastUpdate, 10)),
			Get: func(ctx context.Context) ([]byte, error) { return cl.avatar(ctx, daemon.To{Recipient: recipient}) },
		}
	}
	return info, nil
}

// keepProfile shows a person's name and picture if they are new. The name comes with each message; the rest is asked
// for when the name changed, and once a day.
func (cl *Client) keepProfile(ctx context.Context, person networkid.UserID, recipient, name string) error {
	ghost, err := cl.connector.bridge.GetGhostByID(ctx, person)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find a customer's ghost: %w", err), 0)
	}
	c := cl.connector
	c.ghosts.mu.Lock()
	defer c.ghosts.mu.Unlock()
	now := c.clock.Now()
	if looked, ok := c.ghosts.seen[person]; ok && now.Sub(looked) < profileAge && (name == "" || ghost.Name == name) {
		return nil
	}
	info, err := cl.profile(ctx, recipient)
	if err != nil {
		c.log.Warn().Err(err).Str("login_id", cl.self()).Msg("Could not ask for a customer's profile")
		info = &bridgev2.UserInfo{}
	} else {
		c.ghosts.keep(person, now)
	}
	if name != "" {
		info.Name = &name
	}
	if info.Name != nil {
		ghost.UpdateInfo(ctx, info)
	}
	return nil
}

func (g *ghosts) keep(person networkid.UserID, at time.Time) {
	if g.seen == nil || len(g.seen) >= mostSeen {
		g.seen = map[networkid.UserID]time.Time{}
	}
	g.seen[person] = at
}

// nameOf is what somebody is called, and who they are in Matrix.
func (cl *Client) nameOf(ctx context.Context, uuid, number string) (string, id.UserID) {
	person, err := cl.connector.person(ctx, uuid, number)
	if err != nil {
		return "somebody", ""
	}
	ghost, err := cl.connector.bridge.GetGhostByID(ctx, person)
	if err != nil {
		return "somebody", ""
	}
	if ghost.Name == "" {
		if err = cl.keepProfile(ctx, person, either(uuid, number), ""); err != nil {
			cl.connector.log.Warn().Err(err).Msg("Could not ask who is mentioned")
		}
	}
	return either(ghost.Name, "somebody"), ghost.Intent.GetMXID()
}

// recipient is how the daemon is told whom something is for: by ACI where it is known.
// ref: reference/signal-cli.md §3, recipient strings
func (c *Connector) recipient(ctx context.Context, person networkid.UserID) (string, error) {
	list, err := c.env.Handles.Of(ctx, person)
	if err != nil {
		return "", err
	}
	newest := map[string]string{}
	for _, handle := range list {
		if newest[handle.Kind] == "" {
			newest[handle.Kind] = handle.Value
		}
	}
	for _, kind := range []string{handleACI, handlePNI, handlePhone} {
		if newest[kind] != "" {
			return newest[kind], nil
		}
	}
	if name := newest[handleUsername]; name != "" {
		return "u:" + name, nil
	}
	return "", errs.Tell(fmt.Errorf("address of a customer: %w", errs.ErrNotFound), "Puente does not know this customer's Signal address.")
}
