package signal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"
	"maunium.net/go/mautrix/event"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

// mostMembers is of how many people a group's room lists all. In a larger one each comes in with the first message.
const mostMembers = 200

// adminLevel is the power level of a group's admins.
const adminLevel = 50

// keepGroup shows what has changed in a group, if a message says that something has.
func (in *incoming) keepGroup(ctx context.Context, data *daemon.DataMessage) error {
	if data.Group == nil {
		return nil
	}
	portal, err := in.client.connector.bridge.GetExistingPortalByKey(ctx, in.chat)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the room of a group: %w", err), 0)
	} else if portal == nil || portal.MXID == "" {
		return nil // its making asks for all of it
	}
	if known := portal.Metadata.(*PortalMeta).Revision; data.Group.Revision <= known && !data.Group.IsUpdate() {
		return nil
	}
	info, err := in.client.groupInfo(ctx, data.Group.GroupID, portal)
	if err != nil {
		return err
	}
	keep := info.ExtraUpdates
	info.ExtraUpdates = func(ctx context.Context, portal *bridgev2.Portal) bool {
		portal.Metadata.(*PortalMeta).Revision = data.Group.Revision
		if keep != nil {
			keep(ctx, portal)
		}
		return true
	}
	meta := in.existing(bridgev2.RemoteEventChatInfoChange)
	meta.Sender = bridgev2.EventSender{} // the bridge's bot may change everything
	return in.queue(&simplevent.ChatInfoChange{EventMeta: meta, ChatInfoChange: &bridgev2.ChatInfoChange{ChatInfo: info}})
}

// groupInfo is a group as Signal's server knows it.
func (cl *Client) groupInfo(ctx context.Context, groupID string, portal *bridgev2.Portal) (*bridgev2.ChatInfo, error) {
	group, err := cl.connector.daemon.Group(ctx, cl.account(), groupID)
	if err != nil {
		cl.noteAccount(err)
		return nil, again("ask about a group", err)
	} else if group == nil {
		return &bridgev2.ChatInfo{
			Name: ptr.Ptr("Signal group"), Type: ptr.Ptr(database.RoomTypeDefault), Members: &bridgev2.ChatMemberList{MemberMap: bridgev2.ChatMemberMap{}},
		}, nil
	}
	members, people, err := cl.groupMembers(ctx, group, portal.Metadata.(*PortalMeta).Members)
	if err != nil {
		return nil, err
	}
	avatar, err := cl.groupAvatar(ctx, group)
	if err != nil {
		return nil, err
	}
	info := &bridgev2.ChatInfo{
		Name: ptr.Ptr(either(group.Name, "Signal group")), Topic: ptr.Ptr(cl.groupTopic(group)), Type: ptr.Ptr(database.RoomTypeDefault),
		Avatar: avatar, Members: members, ExcludeChangesFromTimeline: true,
		ExtraUpdates: func(_ context.Context, portal *bridgev2.Portal) bool {
			meta := portal.Metadata.(*PortalMeta)
			changed := !slices.Equal(meta.Members, people)
			meta.Members = people
			return changed
		},
	}
	if cl.connector.config.Disappearing {
		info.Disappear = ptr.Ptr(timer(group.Expiration))
	}
	return info, nil
}

func (cl *Client) groupTopic(group *daemon.Group) string {
	switch {
	case !group.IsMember:
		return "Signal group · you are no longer a member"
	case group.Description != "":
		return group.Description
	}
	return "Signal group"
}

// groupMembers are those who are in the group, and those who no longer are.
func (cl *Client) groupMembers(ctx context.Context, group *daemon.Group, before []string) (*bridgev2.ChatMemberList, []string, error) {
	list := &bridgev2.ChatMemberList{TotalMemberCount: len(group.Members), MemberMap: bridgev2.ChatMemberMap{}}
	var people []string
	for _, member := range group.Members {
		if cl.isSelf(member.UUID, member.Number) || (member.UUID == "" && member.Number == "") {
			continue
		}
		person, err := cl.connector.person(ctx, member.UUID, member.Number)
		if err != nil {
			return nil, nil, fmt.Errorf("find a member of a group: %w", err)
		}
		people = append(people, string(person))
		if len(group.Members) > mostMembers {
			continue
		}
		level := 0
		if member.IsAdmin {
			level = adminLevel
		}
		list.MemberMap[person] = bridgev2.ChatMember{
			EventSender: bridgev2.EventSender{Sender: person}, Membership: event.MembershipJoin, PowerLevel: &level,
		}
	}
	slices.Sort(people)
	for _, person := range before {
		if !slices.Contains(people, person) {
			list.MemberMap[networkid.UserID(person)] = bridgev2.ChatMember{
				EventSender: bridgev2.EventSender{Sender: networkid.UserID(person)}, Membership: event.MembershipLeave,
			}
		}
	}
	return list, people, nil
}

// mostAvatar bounds a profile picture.
const mostAvatar = 10 << 20

// groupAvatar is the group's picture. The daemon does not tell whether it changed; bridgev2 compares what it holds.
func (cl *Client) groupAvatar(ctx context.Context, group *daemon.Group) (*bridgev2.Avatar, error) {
	data, err := cl.avatar(ctx, daemon.To{GroupID: group.ID})
	if err != nil {
		return nil, err
	}
	return avatarOf(data, "group"), nil
}

// avatar fetches a picture; nil if there is none.
func (cl *Client) avatar(ctx context.Context, of daemon.To) ([]byte, error) {
	body, _, err := cl.connector.daemon.Avatar(ctx, cl.account(), of)
	var refused *daemon.Error
	if errors.As(err, &refused) {
		return nil, nil // which says that there is none
	} else if err != nil {
		return nil, again("fetch a profile picture", err)
	}
	defer func() { _ = body.Close() }() // which only removes it
	data, err := io.ReadAll(io.LimitReader(body, mostAvatar))
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("fetch a profile picture: %w", err), 0)
	}
	return data, nil
}

// avatarOf is a picture for bridgev2, under an ID that changes with it.
func avatarOf(data []byte, of string) *bridgev2.Avatar {
	if len(data) == 0 {
		return &bridgev2.Avatar{Remove: true}
	}
	return &bridgev2.Avatar{
		ID:  networkid.AvatarID(of + ":" + hashed(string(data)) + ":" + strconv.Itoa(len(data))),
		Get: func(context.Context) ([]byte, error) { return bytes.Clone(data), nil },
	}
}

// isTemporary tells whether an error may not come again.
func isTemporary(err error) bool {
	_, temporary := errs.IsTemporary(err)
	return temporary
}

// again makes an error of the daemon's, when it is asked for something, one that is worth another try.
func again(doing string, err error) error {
	if isTemporary(err) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return errs.Temporary(fmt.Errorf("%s: %w", doing, err), 0)
}
