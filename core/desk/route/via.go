package route

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/desk/inbox"
)

func (r *Router) prefer(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	network := strings.ToLower(words(cmd))
	if network == "none" {
		network = ""
	} else if network == "" {
		return "", errs.Tell(fmt.Errorf("prefer: %w", errs.ErrInvalid), "write the channel: `!puente prefer telegram`, or none.")
	}
	return "Done.", r.Customers.Prefer(ctx, c.Customer, network, cmd.By.ID)
}

// Best lists a customer's conversations in the order in which they are to be written in: the preferred network's first,
// then by when the customer wrote last.
func (r *Router) Best(ctx context.Context, id string) ([]*inbox.Conversation, error) {
	who, err := r.Customers.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	list, err := r.Inbox.OfCustomer(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b *inbox.Conversation) int {
		return rank(b, who.Preferred) - rank(a, who.Preferred)
	})
	return list, nil
}

func rank(c *inbox.Conversation, preferred string) int {
	if c.Ref.Network == preferred {
		return 1
	}
	return 0
}

// via answers on another of the customer's channels, and leaves a trace here.
func (r *Router) via(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	network, text, _ := strings.Cut(words(cmd), " ")
	if strings.TrimSpace(text) == "" {
		return "", errs.Tell(fmt.Errorf("via: %w", errs.ErrInvalid), "write the channel and the words: `!puente via telegram Your order is ready.`")
	}
	list, err := r.Best(ctx, c.Customer)
	if err != nil {
		return "", err
	}
	list = slices.DeleteFunc(list, func(one *inbox.Conversation) bool { return one.ID == c.ID })
	index := slices.IndexFunc(list, func(one *inbox.Conversation) bool { return strings.EqualFold(one.Ref.Network, network) })
	if index < 0 {
		return "", errs.Tell(fmt.Errorf("via %s: %w", network, errs.ErrNotFound), "the customer has no other conversation there."+r.elsewhere(list))
	}
	to := list[index]
	sent, err := r.Rooms.Send(ctx, to.Ref, channel.Message{Key: "via:" + cmd.ID, By: cmd.By.ID, Text: strings.TrimSpace(text)})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Written on %s: %s", r.Rooms.NetworkName(to.Ref.Network), r.Rooms.Link(to.Ref, sent)), nil
}

func (r *Router) elsewhere(list []*inbox.Conversation) string {
	if len(list) == 0 {
		return " `!puente merge` joins the customer with another."
	}
	var networks []string
	for _, one := range list {
		if name := r.Rooms.NetworkName(one.Ref.Network); !slices.Contains(networks, name) {
			networks = append(networks, name)
		}
	}
	return " There is: " + strings.Join(networks, ", ") + "."
}
