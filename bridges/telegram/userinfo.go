package telegram

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/core/base/errs"
)

// lookAgain is after how long a person's picture is asked for again.
const lookAgain = 24 * time.Hour

// maxAvatar is the largest picture of a person or group that is fetched, in bytes; Telegram's are below 1 MB.
const maxAvatar = 8 << 20

// names remembers what each person was last called and when their picture was looked at, so that an ordinary message
// asks and writes nothing.
type names struct {
	mu    sync.Mutex
	known map[networkid.UserID]*known
}

type known struct {
	mu     sync.Mutex // held while the person is shown anew: they may write in several chats at once
	name   string
	isBot  bool
	looked time.Time
}

// maxKnown bounds what names remembers.
const maxKnown = 100_000

func (n *names) of(person networkid.UserID) *known {
	n.mu.Lock()
	defer n.mu.Unlock()
	one := n.known[person]
	if one == nil {
		if n.known == nil || len(n.known) >= maxKnown {
			n.known = map[networkid.UserID]*known{}
		}
		one = &known{}
		n.known[person] = one
	}
	return one
}

// meet finds the person behind a user, and shows what the user is called now.
func (cl *Client) meet(ctx context.Context, user models.User) (networkid.UserID, error) {
	c := cl.connector
	person, err := c.personOf(ctx, user.ID, user.Username)
	if err != nil {
		return "", err
	}
	seen, now, name := c.names.of(person), c.clock.Now(), nameOf(user)
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if seen.name == name && seen.isBot == user.IsBot && now.Sub(seen.looked) < lookAgain {
		return person, nil
	}
	ghost, err := c.bridge.GetGhostByID(ctx, person)
	if err != nil {
		return "", errs.Temporary(fmt.Errorf("find a person's ghost: %w", err), 0)
	}
	info := &bridgev2.UserInfo{Name: &name, IsBot: &user.IsBot}
	meta := ghost.Metadata.(*GhostMeta)
	if user.ID > 0 && now.Sub(meta.Looked) >= lookAgain {
		info.Avatar = cl.avatarOf(ctx, user.ID)
		info.ExtraUpdates = func(context.Context, *bridgev2.Ghost) bool {
			meta.Looked = now
			return true
		}
	}
	ghost.UpdateInfo(ctx, info)
	seen.name, seen.isBot, seen.looked = name, user.IsBot, now
	return person, nil
}

// nameOf is what a user is called.
func nameOf(user models.User) string {
	name := fullName(user.FirstName, user.LastName)
	switch {
	case name != "":
		return name
	case user.Username != "":
		return "@" + user.Username
	}
	return "Telegram user"
}

func fullName(first, last string) string {
	return strings.TrimSpace(strings.TrimSpace(first) + " " + strings.TrimSpace(last))
}

// avatarOf is a person's picture; nil if there is none to see. It is an ornament: no failure of it counts.
func (cl *Client) avatarOf(ctx context.Context, userID int64) *bridgev2.Avatar {
	api, err := cl.api()
	if err != nil {
		return nil
	}
	photos, err := api.GetUserProfilePhotos(ctx, &bot.GetUserProfilePhotosParams{UserID: userID, Limit: 1})
	if err != nil {
		cl.connector.log.Debug().Err(err).Msg("No picture of a person")
		return nil
	} else if len(photos.Photos) == 0 || len(photos.Photos[0]) == 0 {
		return &bridgev2.Avatar{Remove: true}
	}
	photo := atLeast(photos.Photos[0], avatarSide)
	return cl.avatar(photo.FileUniqueID, photo.FileID)
}

// avatarSide is how large a picture of a person should be, in pixels.
const avatarSide = 320

// atLeast is the smallest of a photo's sizes with the side, or the largest.
func atLeast(sizes []models.PhotoSize, side int) models.PhotoSize {
	best := largest(sizes)
	for _, size := range sizes {
		if min(size.Width, size.Height) >= side && size.Width < best.Width {
			best = size
		}
	}
	return best
}

// largest is the largest of a photo's sizes, which must not be none.
func largest(sizes []models.PhotoSize) models.PhotoSize {
	best := sizes[0]
	for _, size := range sizes[1:] {
		if size.Width*size.Height > best.Width*best.Height {
			best = size
		}
	}
	return best
}

// avatar is a picture that is fetched when it is wanted. unique stays the same as long as the picture does.
func (cl *Client) avatar(unique, fileID string) *bridgev2.Avatar {
	return &bridgev2.Avatar{ID: networkid.AvatarID(unique), Get: func(ctx context.Context) ([]byte, error) {
		api, err := cl.api()
		if err != nil {
			return nil, err
		}
		body, _, err := api.OpenFile(ctx, fileID)
		if err != nil {
			return nil, err
		}
		defer func() { _ = body.Close() }()
		data, err := io.ReadAll(io.LimitReader(body, maxAvatar))
		if err != nil {
			return nil, fmt.Errorf("fetch a picture: %w", err)
		}
		return data, nil
	}}
}

// GetUserInfo implements bridgev2.NetworkAPI. People are shown by what their messages tell (see meet).
func (cl *Client) GetUserInfo(_ context.Context, ghost *bridgev2.Ghost) (*bridgev2.UserInfo, error) {
	if ghost.ID == cl.GetUserID() {
		return &bridgev2.UserInfo{Name: ptr.Ptr(about(cl, func(meta *LoginMeta) string { return meta.Name }))}, nil
	}
	if ghost.Name == "" {
		return &bridgev2.UserInfo{Name: ptr.Ptr("Telegram user")}, nil
	}
	return nil, nil
}
