package inbox

import (
	"context"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// Press implements channel.Clerk: the buttons of the card, and some more that fingers know.
func (i *Inbox) Press(ctx context.Context, press channel.Press) (string, error) {
	c, err := i.store.byRoom(ctx, press.Ref.Room)
	if err != nil {
		return "", errs.Tell(err, "nothing is known of this conversation yet.")
	}
	agent := press.By.ID
	switch press.Button {
	case buttonClaim, "🙋":
		err = i.Claim(ctx, c.ID, agent)
	case buttonResolve, "✔":
		err = i.Resolve(ctx, c.ID, Ending{}, agent)
	case buttonSnooze, "⏰":
		until, _ := readUntil("", press.At, i.zone())
		err = i.Snooze(ctx, c.ID, until, agent)
	case "🔓", "↩":
		err = i.Assign(ctx, c.ID, "", agent)
	case "🔁":
		err = i.Reopen(ctx, c.ID, agent)
	default:
		return "", nil // a colleague's comment on the card
	}
	return "", err
}
