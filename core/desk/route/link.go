package route

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
	"puente/core/desk/customer"
	"puente/core/desk/inbox"
)

// A link joins two conversations: what is said in one is said in the other too, and what stays among the team stays
// there. A conversation is in one link at most, and what Puente itself said is never passed on: so there are no loops.

// link is a row of pu_link, seen from one of its conversations.
type link struct {
	id    string
	other string // the conversation on the other side
}

func scanLink(row dbutil.Scannable) (found link, err error) {
	err = row.Scan(&found.id, &found.other)
	if errors.Is(err, sql.ErrNoRows) {
		return link{}, fmt.Errorf("link: %w", errs.ErrNotFound)
	} else if err != nil {
		return link{}, errs.Temporary(fmt.Errorf("find a link: %w", err), 0)
	}
	return found, nil
}

const (
	linkQuery = `SELECT id, CASE WHEN one=$1 THEN other ELSE one END FROM pu_link WHERE ended_at IS NULL AND (one=$1 OR other=$1)`
	// A room has one conversation, and that is in one link at most: both are found by their indexes.
	linkInQuery = `SELECT l.id, l.other FROM pu_conversation c JOIN pu_link l ON l.one=c.id AND l.ended_at IS NULL WHERE c.room_id=$1
		UNION ALL SELECT l.id, l.one FROM pu_conversation c JOIN pu_link l ON l.other=c.id AND l.ended_at IS NULL WHERE c.room_id=$1`
	// What a command did when it was given before.
	madeQuery  = `SELECT id, other FROM pu_link WHERE id=$1 AND one=$2`
	endedQuery = `SELECT id, CASE WHEN one=$1 THEN other ELSE one END FROM pu_link WHERE ended_by=$2 AND ended_at=$3 AND (one=$1 OR other=$1)`
	keepLink   = `INSERT INTO pu_link (id, one, other, linked_by, linked_at) VALUES ($1, $2, $3, $4, $5)`
	endLink    = `UPDATE pu_link SET ended_by=$2, ended_at=$3 WHERE id=$1 AND ended_at IS NULL`
)

// linkOf is the link of a conversation, or an errs.ErrNotFound.
func (r *Router) linkOf(ctx context.Context, conversation string) (link, error) {
	return scanLink(r.DB.QueryRow(ctx, linkQuery, conversation))
}

// linkIn is the link of the conversation in a room, or an errs.ErrNotFound. Every message asks for it.
func (r *Router) linkIn(ctx context.Context, room string) (link, error) {
	return scanLink(r.DB.QueryRow(ctx, linkInQuery, room))
}

// Link joins two conversations. The ID is chosen by the cause.
func (r *Router) Link(ctx context.Context, id string, one, other *inbox.Conversation, by string) error {
	if one.ID == other.ID {
		return errs.Tell(fmt.Errorf("link: %w", errs.ErrInvalid), "that is this conversation itself.")
	}
	return r.DB.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, side := range []*inbox.Conversation{one, other} {
			// The row is locked, so that two links of one conversation are made one after another.
			if err := r.Inbox.Show(ctx, side.ID); err != nil {
				return err
			}
			if _, err := r.linkOf(ctx, side.ID); err == nil {
				return errs.Tell(fmt.Errorf("link of conversation %s: %w", side.ID, errs.ErrConflict),
					fmt.Sprintf("the conversation with %s is linked already. `!puente unlink` there ends it.", side.Name))
			} else if !errors.Is(err, errs.ErrNotFound) {
				return err
			}
		}
		_, err := r.DB.Exec(ctx, keepLink, id, one.ID, other.ID, by, r.Clock.Now().UnixMilli())
		if err != nil {
			return errs.Temporary(fmt.Errorf("link two conversations: %w", err), 0)
		}
		return r.auditLink(ctx, "conversation.linked", one, other, by)
	})
}

// Unlink ends a conversation's link and returns the other side's conversation. The same person's doing it at the same time
// again is a repetition, and ends no other link.
func (r *Router) Unlink(ctx context.Context, c *inbox.Conversation, by string, at time.Time) (other *inbox.Conversation, err error) {
	err = r.DB.DoTxn(ctx, nil, func(ctx context.Context) error {
		found, err := scanLink(r.DB.QueryRow(ctx, endedQuery, c.ID, by, at.UnixMilli()))
		if err == nil {
			other, err = r.Inbox.Get(ctx, found.other)
			return err
		} else if !errors.Is(err, errs.ErrNotFound) {
			return err
		}
		found, err = r.linkOf(ctx, c.ID)
		if errors.Is(err, errs.ErrNotFound) {
			return errs.Tell(err, "this conversation is not linked.")
		} else if err != nil {
			return err
		}
		if other, err = r.Inbox.Get(ctx, found.other); err != nil {
			return err
		}
		if _, err = r.DB.Exec(ctx, endLink, found.id, by, at.UnixMilli()); err != nil {
			return errs.Temporary(fmt.Errorf("end a link: %w", err), 0)
		}
		for _, side := range []*inbox.Conversation{c, other} {
			if err = r.Inbox.Show(ctx, side.ID); err != nil {
				return err
			}
		}
		return r.auditLink(ctx, "conversation.unlinked", c, other, by)
	})
	return other, err
}

func (r *Router) auditLink(ctx context.Context, action string, one, other *inbox.Conversation, by string) error {
	for _, side := range [][2]*inbox.Conversation{{one, other}, {other, one}} {
		err := r.Audit.Write(ctx, audit.Entry{
			At: r.Clock.Now(), Actor: by, Action: action, Object: "conversation", ObjectID: side[0].ID, After: audit.Facts{"with": side[1].ID},
		})
		if err != nil {
			return errs.Temporary(err, 0)
		}
	}
	return nil
}

// CardLines are what a conversation's card says of its link.
func (r *Router) CardLines(ctx context.Context, c *inbox.Conversation) ([]string, error) {
	found, err := r.linkOf(ctx, c.ID)
	if errors.Is(err, errs.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	other, err := r.Inbox.Get(ctx, found.other)
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("🔗 Linked: everything is also said to [%s on %s](%s). `!puente unlink` ends it.",
		inbox.Plain(other.Name), r.Rooms.NetworkName(other.Ref.Network), r.Rooms.Link(other.Ref, ""))}, nil
}

// link is the command.
func (r *Router) link(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	whom, greeting, _ := strings.Cut(words(cmd), "|")
	other, err := r.linkTo(ctx, cmd, c, strings.TrimSpace(whom))
	if err != nil {
		return "", err
	}
	for _, side := range [][2]*inbox.Conversation{{c, other}, {other, c}} {
		text := strings.TrimSpace(greeting)
		if text == "" {
			text = fmt.Sprintf("You are connected with %s now: what you write here, both of you read.", side[1].Name)
		}
		if err = r.tellBoth(ctx, side[0], "link:"+cmd.ID, text, fmt.Sprintf("🔗 Linked with %s on %s (%s). What is said here is said there too, by customers and by you. `!puente unlink` ends it.",
			side[1].Name, r.Rooms.NetworkName(side[1].Ref.Network), r.Rooms.Link(side[1].Ref, ""))); err != nil {
			return "", err
		}
	}
	return "", nil
}

// linkTo links a conversation with the one that a command names, unless this very command has done it before: it is given
// again when not everybody could be told.
func (r *Router) linkTo(ctx context.Context, cmd channel.Command, c *inbox.Conversation, whom string) (*inbox.Conversation, error) {
	id := "lin_" + cmd.ID
	made, err := scanLink(r.DB.QueryRow(ctx, madeQuery, id, c.ID))
	if err == nil {
		return r.Inbox.Get(ctx, made.other)
	} else if !errors.Is(err, errs.ErrNotFound) {
		return nil, err
	}
	other, err := r.conversationNamed(ctx, c, whom)
	if err != nil {
		return nil, err
	}
	return other, r.Link(ctx, id, c, other, cmd.By.ID)
}

func (r *Router) unlink(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	other, err := r.Unlink(ctx, c, cmd.By.ID, cmd.At)
	if err != nil {
		return "", err
	}
	for _, side := range [][2]*inbox.Conversation{{c, other}, {other, c}} {
		text := fmt.Sprintf("You are no longer connected with %s.", side[1].Name)
		if err = r.tellBoth(ctx, side[0], "unlink:"+cmd.ID, text, fmt.Sprintf("The link with %s on %s has ended.", side[1].Name, r.Rooms.NetworkName(side[1].Ref.Network))); err != nil {
			return "", err
		}
	}
	return "", nil
}

// tellBoth tells a conversation's team and its customer. It is Puente who says it, so that nobody becomes the assignee by it.
func (r *Router) tellBoth(ctx context.Context, c *inbox.Conversation, key, text, notice string) error {
	if err := r.Rooms.Notify(ctx, c.Ref, key+":"+c.ID, "", notice); err != nil {
		return errs.Temporary(err, 0)
	}
	_, err := r.Rooms.Send(ctx, c.Ref, channel.Message{Key: key + ":" + c.ID, Text: text})
	return err
}

// conversationNamed finds the conversation that somebody means: by its room or a link to it, its ID, or by a channel and a
// customer's name.
func (r *Router) conversationNamed(ctx context.Context, here *inbox.Conversation, text string) (*inbox.Conversation, error) {
	if at := strings.Index(text, "!"); at >= 0 {
		room, _, _ := strings.Cut(strings.ReplaceAll(text[at:], "%3A", ":"), "?")
		room, _, _ = strings.Cut(room, "/")
		found, err := r.Inbox.Find(ctx, room)
		return found, errs.Tell(err, "that room is no conversation.")
	}
	network, name, _ := strings.Cut(text, " ")
	if strings.TrimSpace(name) == "" {
		return nil, errs.Tell(fmt.Errorf("link: %w", errs.ErrInvalid), "write with whom: `!puente link telegram Bob`, or the link of the other room. Behind a | you may write what both are told.")
	}
	fits, err := r.conversationsOn(ctx, here, strings.ToLower(network), name)
	if err != nil {
		return nil, err
	} else if len(fits) == 0 {
		return nil, errs.Tell(fmt.Errorf("conversation: %w", errs.ErrNotFound), "nobody of that name writes on "+network+".")
	}
	all, err := r.Customers.Find(ctx, name, 2)
	if err != nil {
		return nil, err
	} else if len(fits) == 1 && (len(all) == 1 || customer.NamesMatch(fits[0].Name, name)) {
		return fits[0], nil
	}
	var lines []string
	for _, one := range fits {
		lines = append(lines, one.Name+": "+r.Rooms.Link(one.Ref, ""))
	}
	return nil, errs.Tell(fmt.Errorf("conversation: %w", errs.ErrInvalid), "several are called that, or something like it; write the link of the room:\n"+strings.Join(lines, "\n"))
}

// conversationsOn are the conversations on a network with the customers whom a name may mean, but for this one.
func (r *Router) conversationsOn(ctx context.Context, here *inbox.Conversation, network, name string) (fits []*inbox.Conversation, err error) {
	people, err := r.Customers.FindOn(ctx, network, name, 10*mostFound) // some have not written there
	if err != nil {
		return nil, err
	}
	for _, one := range people {
		list, err := r.Inbox.OfCustomer(ctx, one.ID)
		if err != nil {
			return nil, err
		}
		fits = append(fits, slices.DeleteFunc(list, func(c *inbox.Conversation) bool { return c.Ref.Network != network || c.ID == here.ID })...)
	}
	return fits, nil
}
