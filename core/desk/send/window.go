package send

import (
	"context"
	"fmt"
	"strings"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// open asks whether the network lets us write freely now. How long ago the customer wrote is not known of conversations
// from before there was a desk; then the bridge, which knows, decides.
func (p *passage) open(ctx context.Context) error {
	if p.Template != "" || p.Content.Kind == "reaction" || p.conversation.LastIn.IsZero() || p.Rules.AllowsFreeText(p.Clock.Now(), p.conversation.LastIn) {
		return nil
	}
	words := fmt.Sprintf("the customer wrote more than %s ago, and %s takes no free text any more.", spanWords(p.Rules), p.Rooms.NetworkName(p.Network))
	if p.Rules.Templates {
		words += p.templateOffer(ctx)
	}
	words += p.otherChannels(ctx)
	return errs.Tell(fmt.Errorf("send outside of the window: %w", errs.ErrForbidden), words)
}

func spanWords(rules channel.Rules) string {
	return fmt.Sprintf("%d hours", int(rules.FreeTextWindow.Hours()))
}

// mostOffered is how many templates a refusal shows.
const mostOffered = 3

// templateOffer shows approved templates with the command that sends each, filled in as far as the customer is known.
func (p *passage) templateOffer(ctx context.Context) string {
	list, err := p.Rooms.Templates(ctx, p.Ref)
	if err != nil {
		p.Log.Warn().Err(err).Str("conversation", p.conversation.ID).Msg("Could not list the templates for a refusal")
		return " Send a template: `!puente templates` lists them."
	}
	var offers []string
	for _, t := range list {
		if len(offers) < mostOffered && t.Status == "APPROVED" && t.Category != "AUTHENTICATION" && p.wants(ctx, t) {
			offers = append(offers, p.offer(t))
		}
	}
	if len(offers) == 0 {
		return " There is no approved template to send instead."
	}
	return " Send a template instead:\n" + strings.Join(offers, "\n")
}

// wants tells whether the customer allows what a template is for: another one would only be refused, too.
func (p *passage) wants(ctx context.Context, t channel.Template) bool {
	if p.customer.ID == "" {
		return true
	}
	decision, err := p.Consent.Allowed(ctx, p.customer.ID, p.Network, purposeOf(t))
	return err != nil || decision.Allowed
}

// offer is one template: the command, what it must be a reply to, and how the customer would read it.
func (p *passage) offer(t channel.Template) string {
	header, body := p.values(t.HeaderVariables()), p.values(t.Variables())
	all := append(append([]string{}, header...), body...)
	for range t.ButtonVariables() {
		all = append(all, "…")
	}
	command := "`" + strings.TrimSpace("!puente template "+t.Name+" "+t.Language+" "+strings.Join(all, " | ")) + "`"
	if attachment := t.Header.Attachment(); attachment != "" {
		command += " as a reply to a " + attachment
	}
	return "• " + command + " – " + inOneLine(t.Render(header, body))
}

// mostPreviewed is how many characters of a template a refusal shows.
const mostPreviewed = 160

// inOneLine is the beginning of a text.
func inOneLine(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > mostPreviewed {
		line = append(line[:mostPreviewed-1], '…')
	}
	return string(line)
}

// values fills in what is known: the name, where a variable is called so or is the first of numbered ones, and the
// customer's attributes by their names. The rest is left to the agent.
func (p *passage) values(names []string) []string {
	values := make([]string, len(names))
	first, _, _ := strings.Cut(p.customer.Name, " ")
	for i, name := range names {
		switch {
		case (name == "1" || name == "name" || name == "first_name") && first != "":
			values[i] = value(first)
		case p.customer.Attributes[name] != "":
			values[i] = value(p.customer.Attributes[name])
		default:
			values[i] = "…"
		}
	}
	return values
}

// separators are what a value in a command must not have: they end the value, or the command where it is shown.
var separators = strings.NewReplacer("|", "/", "`", "'")

// value lets something stand among others in a command, on one line and without what separates them.
func value(text string) string { return strings.Join(strings.Fields(separators.Replace(text)), " ") }

// otherChannels names where else this customer can be written to.
func (p *passage) otherChannels(ctx context.Context) string {
	if p.customer.ID == "" {
		return ""
	}
	list, err := p.Inbox.OfCustomer(ctx, p.customer.ID)
	if err != nil {
		p.Log.Warn().Err(err).Str("conversation", p.conversation.ID).Msg("Could not look for a customer's other channels")
		return ""
	}
	var lines []string
	for _, other := range list {
		if other.ID != p.conversation.ID {
			lines = append(lines, p.Rooms.NetworkName(other.Ref.Network)+": "+p.Rooms.Link(other.Ref, ""))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "\nThe customer also writes on\n" + strings.Join(lines, "\n")
}
