package webhook

import (
	"context"
	"fmt"
	"strings"

	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

// maxAvatar is how large a picture of a person or a conversation may be, in bytes; what is longer is cut and so no picture.
const maxAvatar = 5 << 20

// GetUserInfo implements bridgev2.NetworkAPI. Systems tell of people only with events, so there is nothing to ask.
func (cl *Client) GetUserInfo(_ context.Context, ghost *bridgev2.Ghost) (*bridgev2.UserInfo, error) {
	if ghost.ID == businessID(cl.system) {
		return &bridgev2.UserInfo{Name: &cl.meta.DisplayName}, nil
	} else if ghost.Name == "" {
		return &bridgev2.UserInfo{Name: ptr.Ptr("Customer of " + cl.meta.DisplayName)}, nil
	}
	return nil, nil
}

// meet finds the ghost of a person, or the company's own side, and keeps what is told of them.
func (cl *Client) meet(ctx context.Context, person *Person) (bridgev2.EventSender, error) {
	if person.Role == roleBusiness {
		return bridgev2.EventSender{IsFromMe: true, Sender: businessID(cl.system)}, nil
	}
	who, err := cl.connector.env.Handles.Resolve(ctx, cl.handles(person)...)
	if err != nil {
		return bridgev2.EventSender{}, fmt.Errorf("find a person of a system: %w", err)
	}
	if info := cl.userInfo(person); info != nil {
		ghost, err := cl.connector.bridge.GetGhostByID(ctx, who)
		if err != nil {
			return bridgev2.EventSender{}, errs.Temporary(fmt.Errorf("find a person's ghost: %w", err), 0)
		}
		ghost.UpdateInfo(ctx, info)
	}
	return bridgev2.EventSender{Sender: who}, nil
}

// handles are the names of a person, strongest first. What is empty is passed over.
func (cl *Client) handles(person *Person) []network.Handle {
	return []network.Handle{
		cl.identity(person.ID), {Kind: handlePhone, Value: dialled(person.Phone)}, {Kind: handleEmail, Value: strings.ToLower(person.Email)},
	}
}

func (cl *Client) identity(personID string) network.Handle {
	return network.Handle{Kind: handleID, Value: scoped(cl.system, personID)}
}

// ghostOf returns the ghost of a person who is known already; nil if nobody is.
func (cl *Client) ghostOf(ctx context.Context, person networkid.UserID) (*bridgev2.Ghost, error) {
	if person == "" {
		return nil, nil
	}
	ghost, err := cl.connector.bridge.GetGhostByID(ctx, person)
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("find a person's ghost: %w", err), 0)
	}
	return ghost, nil
}

// userInfo is what an event tells of a person; nil if it tells nothing.
func (cl *Client) userInfo(person *Person) *bridgev2.UserInfo {
	info := &bridgev2.UserInfo{Avatar: cl.connector.avatar(person.AvatarURL)}
	if person.Name != "" {
		info.Name = &person.Name
	} else if info.Avatar == nil {
		return nil
	}
	return info
}

// avatarID stands for a picture until its address changes.
func avatarID(address string) networkid.AvatarID { return networkid.AvatarID(fingerprint(address)) }

// dialled is a phone number in one spelling, whatever signs it was written with.
func dialled(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
	if digits != "" && strings.HasPrefix(strings.TrimSpace(number), "+") {
		return "+" + digits
	}
	return digits
}
