package route

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
	"puente/core/desk/customer"
	"puente/core/desk/inbox"
)

// about says what is known of a customer.
func (r *Router) about(ctx context.Context, _ channel.Command, c *inbox.Conversation) (string, error) {
	who, err := r.Customers.Get(ctx, c.Customer)
	if err != nil {
		return "", err
	}
	lines := []string{who.Name, "ID: " + who.ID}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, name+": "+value)
		}
	}
	add("Language", who.Language)
	add("Labels", strings.Join(who.Labels, ", "))
	add("Prefers", r.Rooms.NetworkName(who.Preferred))
	if !who.Blocked.IsZero() {
		add("Blocked since", who.Blocked.Format("2 Jan 2006"))
	}
	for _, key := range slices.Sorted(maps.Keys(who.Attributes)) {
		add(key, who.Attributes[key])
	}
	list, err := r.Inbox.OfCustomer(ctx, who.ID)
	if err != nil {
		return "", err
	}
	for _, one := range list {
		lines = append(lines, r.channelLine(one))
	}
	return strings.Join(lines, "\n"), nil
}

// channelLine is one of a customer's conversations.
func (r *Router) channelLine(c *inbox.Conversation) string {
	line := fmt.Sprintf("On %s: %s, %s", r.Rooms.NetworkName(c.Ref.Network), c.Status, r.Rooms.Link(c.Ref, ""))
	if !c.LastIn.IsZero() {
		line += ", last wrote " + c.LastIn.Format("2 Jan 2006 15:04")
	}
	return line
}

func (r *Router) rename(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	return "Done.", r.Customers.Rename(ctx, c.Customer, words(cmd), cmd.By.ID)
}

func (r *Router) language(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	return "Done.", r.Customers.SetLanguage(ctx, c.Customer, words(cmd), cmd.By.ID)
}

func (r *Router) attribute(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	key, value, _ := strings.Cut(words(cmd), " ")
	return "Done.", r.Customers.SetAttribute(ctx, c.Customer, strings.ToLower(key), strings.TrimSpace(value), cmd.By.ID)
}

// tag adds labels to a customer and takes others off: all of them, or none if one is wrong.
func (r *Router) tag(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	labels := strings.Fields(strings.ToLower(strings.ReplaceAll(cmd.Text, ",", " ")))
	if len(labels) == 0 {
		return "", errs.Tell(fmt.Errorf("tag: %w", errs.ErrInvalid), "write the labels: `!puente tag vip -new`.")
	}
	return "Done.", r.DB.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, label := range labels {
			var err error
			if off, ok := strings.CutPrefix(label, "-"); ok {
				err = r.Customers.RemoveLabel(ctx, c.Customer, off, cmd.By.ID)
			} else {
				err = r.Customers.AddLabel(ctx, c.Customer, strings.TrimPrefix(label, "+"), cmd.By.ID)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Router) block(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	return "Nothing is sent to this customer any more. What they write still comes. `!puente unblock` takes it back.", r.Customers.Block(ctx, c.Customer, cmd.By.ID)
}

func (r *Router) unblock(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	return "Done.", r.Customers.Unblock(ctx, c.Customer, cmd.By.ID)
}

// mostHistory is how many entries of the ledger are shown.
const mostHistory = 10

// consent shows the ledger, or notes what the customer said elsewhere: by phone, on paper.
func (r *Router) consent(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	state, purpose, _ := strings.Cut(words(cmd), " ")
	switch strings.ToLower(state) {
	case "":
		return r.showConsent(ctx, c)
	case "in", "out":
	default:
		return "", errs.Tell(fmt.Errorf("consent: %w", errs.ErrInvalid), "write `!puente consent`, `!puente consent in marketing` or `!puente consent out`.")
	}
	_, err := r.Consent.Record(ctx, consent.Entry{
		Key: "command:" + cmd.ID, Customer: c.Customer, Network: c.Ref.Network, Purpose: consent.Purpose(strings.ToLower(strings.TrimSpace(purpose))),
		State: consent.State(strings.ToLower(state)), Source: consent.Agent, Event: cmd.ID, Conversation: c.ID, By: cmd.By.ID, At: cmd.At,
	})
	if err != nil {
		return "", err
	}
	return "Noted, with your message as its proof.", nil
}

func (r *Router) showConsent(ctx context.Context, c *inbox.Conversation) (string, error) {
	var lines []string
	for _, purpose := range []consent.Purpose{consent.Marketing, consent.Utility, consent.Service} {
		decision, err := r.Consent.Allowed(ctx, c.Customer, c.Ref.Network, purpose)
		if err != nil {
			return "", err
		}
		word := map[bool]string{true: "allowed", false: "not allowed"}[decision.Allowed]
		if !decision.Explicit {
			word += " (nobody said anything)"
		}
		lines = append(lines, fmt.Sprintf("%s on %s: %s", purpose, r.Rooms.NetworkName(c.Ref.Network), word))
	}
	history, err := r.Consent.History(ctx, c.Customer)
	if err != nil {
		return "", err
	}
	for _, entry := range history[:min(len(history), mostHistory)] {
		lines = append(lines, r.entryLine(entry))
	}
	return strings.Join(lines, "\n"), nil
}

func (r *Router) entryLine(entry consent.Entry) string {
	purpose, network := string(entry.Purpose), r.Rooms.NetworkName(string(entry.Network))
	if purpose == "" {
		purpose = "everything"
	}
	if network == "" {
		network = "all channels"
	}
	return fmt.Sprintf("%s  %s: %s on %s (%s)", entry.At.Format("2 Jan 2006 15:04"), entry.State, purpose, network, entry.Source)
}

// mostFound is how many customers a search shows.
const mostFound = 10

func (r *Router) find(ctx context.Context, cmd channel.Command, _ *inbox.Conversation) (string, error) {
	if words(cmd) == "" {
		return "", errs.Tell(fmt.Errorf("find: %w", errs.ErrInvalid), "write whom to look for: `find Ana`.")
	}
	list, err := r.Customers.Find(ctx, words(cmd), mostFound)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, one := range list {
		line, err := r.customerLine(ctx, one)
		if err != nil {
			return "", err
		}
		lines = append(lines, "* "+line)
	}
	if len(lines) == 0 {
		return "Nobody is called that.", nil
	}
	return strings.Join(lines, "\n"), nil
}

// customerLine is a customer with the rooms of their conversations.
func (r *Router) customerLine(ctx context.Context, who customer.Customer) (string, error) {
	list, err := r.Inbox.OfCustomer(ctx, who.ID)
	if err != nil {
		return "", err
	}
	line := fmt.Sprintf("%s (`%s`)", who.Name, who.ID)
	for _, one := range list {
		line += fmt.Sprintf(" – %s: %s", r.Rooms.NetworkName(one.Ref.Network), r.Rooms.Link(one.Ref, ""))
	}
	return line, nil
}
