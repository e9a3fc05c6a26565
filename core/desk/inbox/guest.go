package inbox

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
)

// A guest is somebody who is not of the team, a partner on another homeserver mostly, and may take part in one
// conversation until a time.

// guest is a row of pu_guest.
type guest struct {
	conversation string
	id           string
	until        time.Time
}

const (
	guestColumns = `SELECT conversation, guest, until FROM pu_guest `
	guestsQuery  = guestColumns + `WHERE conversation=$1 AND ended_at IS NULL ORDER BY until, guest`
	dueGuests    = guestColumns + `WHERE ended_at IS NULL AND until<=$1 ORDER BY until LIMIT 100`
	keepGuest    = `INSERT INTO pu_guest (conversation, guest, until, invited_by, invited_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (conversation, guest) DO UPDATE SET until=excluded.until, invited_by=excluded.invited_by, invited_at=excluded.invited_at, ended_at=NULL`
	endGuest = `UPDATE pu_guest SET ended_at=$3 WHERE conversation=$1 AND guest=$2 AND ended_at IS NULL`
	isGuest  = `SELECT EXISTS (SELECT 1 FROM pu_guest WHERE conversation=$1 AND guest=$2 AND ended_at IS NULL AND until>$3)`
)

var userID = regexp.MustCompile(`^@[^:\s]+:\S+$`)

// longestVisit is for how long a guest may be invited at most.
const longestVisit = 90 * 24 * time.Hour

// Host lets a guest into a conversation until a time.
func (i *Inbox) Host(ctx context.Context, c *Conversation, id string, until time.Time, by string) error {
	now := i.Clock.Now()
	switch {
	case !userID.MatchString(id):
		return errs.Tell(fmt.Errorf("guest: %w", errs.ErrInvalid), "write the guest's whole user ID: `!puente guest @partner:example.org 2h`.")
	case !until.After(now) || until.Sub(now) > longestVisit:
		return errs.Tell(fmt.Errorf("time of a guest: %w", errs.ErrInvalid), "a guest stays from now on, for at most 90 days.")
	}
	if member, err := i.agents.is(ctx, id); err != nil {
		return err
	} else if member {
		return errs.Tell(fmt.Errorf("guest: %w", errs.ErrConflict), "that is one of the team, who may write here anyway.")
	}
	if err := i.Rooms.Invite(ctx, c.Ref, id); err != nil {
		return err
	}
	return i.guestDeed(ctx, "conversation.guest_invited", c.ID, id, by, keepGuest, c.ID, id, until.UnixMilli(), by, now.UnixMilli())
}

// Dismiss ends a guest's visit. First they leave the room: a visit that is noted as ended is not looked at again. Who has
// become one of the team stays in it.
func (i *Inbox) Dismiss(ctx context.Context, c *Conversation, id, by string) error {
	guests, err := i.listGuests(ctx, guestsQuery, c.ID)
	if err != nil {
		return err
	} else if !slices.ContainsFunc(guests, func(g guest) bool { return g.id == id }) {
		return noGuest()
	}
	if err = i.removeGuest(ctx, c, id); err != nil {
		return err
	}
	return i.guestDeed(ctx, "conversation.guest_left", c.ID, id, by, endGuest, c.ID, id, i.store.now())
}

func (i *Inbox) removeGuest(ctx context.Context, c *Conversation, id string) error {
	if member, err := i.agents.is(ctx, id); err != nil || member {
		return err
	}
	err := i.Rooms.Remove(ctx, c.Ref, id, "Your visit to this conversation has ended")
	if errors.Is(err, errs.ErrNotFound) { // the room is gone
		return nil
	}
	return err
}

func noGuest() error {
	return errs.Tell(fmt.Errorf("guest: %w", errs.ErrNotFound), "that is no guest of this conversation.")
}

func (i *Inbox) guestDeed(ctx context.Context, action, conversation, id, by, query string, args ...any) error {
	return i.store.txn(ctx, func(ctx context.Context) error {
		changed, err := i.store.exec(ctx, "change a guest's visit", query, args...)
		if err != nil {
			return err
		} else if !changed {
			return noGuest()
		}
		err = i.Audit.Write(ctx, audit.Entry{
			At: i.Clock.Now(), Actor: by, Action: action, Object: "conversation", ObjectID: conversation, After: audit.Facts{"guest": id},
		})
		return errs.Temporary(err, 0)
	})
}

// Standing is what somebody is to a conversation.
type Standing string

// The standings.
const (
	Member  Standing = "member" // of the team
	Guest   Standing = "guest"  // whose time is not over
	Outside Standing = ""
)

// Standing tells whether somebody may write to the customer at all.
func (i *Inbox) Standing(ctx context.Context, c *Conversation, id string) (Standing, error) {
	if member, err := i.agents.is(ctx, id); err != nil || member {
		return Member, err
	}
	var is bool
	if err := i.store.db.QueryRow(ctx, isGuest, c.ID, id, i.store.now()).Scan(&is); err != nil {
		return Outside, errs.Temporary(fmt.Errorf("ask whether somebody is a guest: %w", err), 0)
	} else if is {
		return Guest, nil
	}
	return Outside, nil
}

func (i *Inbox) listGuests(ctx context.Context, query string, args ...any) ([]guest, error) {
	rows, err := i.store.db.Query(ctx, query, args...)
	scan := func(row dbutil.Scannable) (g guest, err error) {
		var until int64
		err = row.Scan(&g.conversation, &g.id, &until)
		g.until = time.UnixMilli(until).UTC()
		return g, err
	}
	list, err := dbutil.NewRowIterWithError(rows, scan, err).AsList()
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("list guests: %w", err), 0)
	}
	return list, nil
}

// dismissDue ends the visits whose time is over. The gate stops guests on the moment; here they leave the room.
func (i *Inbox) dismissDue(ctx context.Context) (failed error) {
	list, err := i.listGuests(ctx, dueGuests, i.store.now())
	if err != nil {
		return err
	}
	for _, one := range list { // one who cannot be removed holds up no other
		c, err := i.store.byID(ctx, one.conversation)
		if err == nil {
			err = i.Dismiss(ctx, c, one.id, audit.Puente)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// guest is the command: it invites, lists and dismisses.
func (i *Inbox) guest(ctx context.Context, cmd channel.Command, c *Conversation) (string, error) {
	who, rest, _ := strings.Cut(strings.TrimSpace(cmd.Text), " ")
	if who == "" {
		return i.showGuests(ctx, c)
	}
	if len(cmd.Mentions) == 1 && !userID.MatchString(who) {
		who, rest = cmd.Mentions[0], lastWords(cmd.Text, cmd.At)
	}
	rest = strings.TrimSpace(rest)
	if strings.EqualFold(rest, "end") {
		return "The visit has ended.", i.Dismiss(ctx, c, who, cmd.By.ID)
	}
	until, ok := readUntil(rest, cmd.At, i.zone())
	if rest == "" || !ok {
		return "", errs.Tell(fmt.Errorf("time of a guest: %w", errs.ErrInvalid), "write for how long: `!puente guest "+who+" 2h`, or until when: `tomorrow 18:00`.")
	}
	if err := i.Host(ctx, c, who, until, cmd.By.ID); err != nil {
		return "", err
	}
	return who + " is invited, can read everything in this room, what was written before and notes too, and may write to the customer until " + i.showTime(until) + ".", nil
}

// lastWords are what follows a mention, which may have several words.
func lastWords(text string, now time.Time) string {
	words := strings.Fields(text)
	for n := range words {
		if _, ok := readUntil(strings.Join(words[n:], " "), now, time.UTC); ok && n > 0 {
			return strings.Join(words[n:], " ")
		}
	}
	return words[len(words)-1]
}

func (i *Inbox) showGuests(ctx context.Context, c *Conversation) (string, error) {
	list, err := i.listGuests(ctx, guestsQuery, c.ID)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, one := range list {
		lines = append(lines, one.id+" until "+i.showTime(one.until))
	}
	if len(lines) == 0 {
		return "There are no guests here. `!puente guest @partner:example.org 2h` invites one.", nil
	}
	return strings.Join(lines, "\n"), nil
}
