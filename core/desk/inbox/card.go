package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"puente/core/desk/channel"
)

// The buttons of the card. ref: button.go
const (
	buttonClaim   = "✋"
	buttonResolve = "✅"
	buttonSnooze  = "💤"
)

// facts are what the card says, for programs: the state event dev.puente.conversation.
type facts struct {
	Conversation string     `json:"conversation_id"`
	Customer     string     `json:"customer_id,omitempty"`
	Status       Status     `json:"status"`
	SnoozedUntil *time.Time `json:"snoozed_until,omitempty"`
	Assignee     string     `json:"assignee,omitempty"`
	Team         string     `json:"team,omitempty"`
	Priority     Priority   `json:"priority,omitempty"`
	Labels       []string   `json:"labels,omitempty"`
}

// face is what the room of a conversation shows.
func (i *Inbox) face(ctx context.Context, c *Conversation) (channel.Face, error) {
	person, err := i.person(ctx, c)
	if err != nil {
		return channel.Face{}, err
	}
	if i.CardLines != nil {
		more, err := i.CardLines(ctx, c)
		if err != nil {
			return channel.Face{}, err
		}
		person.lines = append(person.lines, more...)
	}
	face := channel.Face{
		Topic: i.topic(ctx, c), Card: i.card(ctx, c, person), Views: append(i.viewsOf(c), person.views...), Order: fmt.Sprintf("%015d", c.OpenedAt.UnixMilli()),
		Since: c.changedAt,
		Facts: facts{
			Conversation: c.ID, Customer: c.Customer, Status: c.Status, Assignee: c.Assignee, Team: c.Team, Priority: c.Priority, Labels: c.Labels,
		},
	}
	if !c.SnoozedUntil.IsZero() {
		until, known := c.SnoozedUntil, face.Facts.(facts)
		known.SnoozedUntil = &until
		face.Facts = known
	}
	if i.Buttons {
		face.Buttons = []string{buttonClaim, buttonResolve, buttonSnooze}
	}
	return face, nil
}

// topic is the card in one line.
func (i *Inbox) topic(ctx context.Context, c *Conversation) string {
	parts := []string{i.statusWords(c)}
	if c.Assignee != "" {
		parts = append(parts, i.agents.name(ctx, c.Assignee))
	} else if c.active() {
		parts = append(parts, "nobody's")
	}
	if c.Priority != "" {
		parts = append(parts, string(c.Priority))
	}
	return strings.Join(parts, " · ")
}

func (i *Inbox) statusWords(c *Conversation) string {
	switch {
	case c.Status == Snoozed && c.SnoozedUntil.IsZero():
		return "snoozed until the customer writes"
	case c.Status == Snoozed:
		return "snoozed until " + i.showTime(c.SnoozedUntil)
	case i.waitsLong(c):
		return string(c.Status) + ", waiting since " + i.showTime(c.WaitingSince)
	}
	return string(c.Status)
}

func (i *Inbox) showTime(at time.Time) string { return at.In(i.zone()).Format("Mon 2 Jan 15:04") }

// card is the notice at the room's beginning, in Markdown.
func (i *Inbox) card(ctx context.Context, c *Conversation, person person) string {
	// Clients show the beginning of what is pinned in one line.
	details := []string{"**" + Plain(c.title()) + "** – " + i.statusWords(c)}
	if c.Assignee != "" {
		details = append(details, "assigned to "+Plain(i.agents.name(ctx, c.Assignee)))
	} else if c.active() {
		details = append(details, "nobody's")
	}
	if c.Team != "" {
		details = append(details, "team "+Plain(c.Team))
	}
	if c.Priority != "" {
		details = append(details, "priority "+string(c.Priority))
	}
	if len(c.Labels) > 0 {
		details = append(details, "labels: "+Plain(strings.Join(c.Labels, ", ")))
	}
	lines := append([]string{strings.Join(details, " · ")}, person.lines...)
	lines = append(lines, i.legend())
	return strings.Join(lines, "  \n")
}

// legend says what can be done with the card.
func (i *Inbox) legend() string {
	text := "Write in this message's thread to note something among you. Commands: `!puente help`"
	if i.Buttons {
		text = fmt.Sprintf("%s take it · %s resolve · %s until tomorrow  \n%s", buttonClaim, buttonResolve, buttonSnooze, text)
	}
	return text
}

// Plain lets somebody else's words stand in Markdown as they are, on one line.
// Source: CommonMark, "Backslash escapes": they may stand before any ASCII punctuation.
func Plain(words string) string {
	var text strings.Builder
	for _, r := range strings.Join(strings.Fields(words), " ") {
		if r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			text.WriteByte('\\')
		}
		text.WriteRune(r)
	}
	return text.String()
}

// viewsOf are the keys of the views that a conversation is in, of those that were shown.
func (i *Inbox) viewsOf(c *Conversation) (keys []string) {
	in := func(kind, key string, is bool) {
		if is && i.shows(kind) {
			keys = append(keys, key)
		}
	}
	in(ViewUnassigned, ViewUnassigned, c.Status == Open && c.Assignee == "")
	in(ViewMine, mineKey(c.Assignee), c.active() && slices.Contains(i.shownTo, c.Assignee))
	team, known := i.team(c.Team)
	in(ViewTeams, teamKey(team.Name), c.active() && known)
	in(ViewWaiting, ViewWaiting, i.waitsLong(c))
	in(ViewSnoozed, ViewSnoozed, c.Status == Snoozed)
	in(ViewResolved, ViewResolved, c.Status == Resolved)
	return keys
}

func mineKey(agent string) string { return ViewMine + ":" + agent }
func teamKey(team string) string  { return "team:" + team }

// waitsLong tells whether the customer waits longer than the company wants.
func (i *Inbox) waitsLong(c *Conversation) bool {
	return i.WaitingLong > 0 && c.Status == Open && !c.WaitingSince.IsZero() && i.Hours.Between(c.WaitingSince, i.Clock.Now()) >= i.WaitingLong
}

// allViews are the views that there should be, for these agents.
func (i *Inbox) allViews(team []string) (views []channel.View) {
	add := func(kind string, view channel.View) {
		if i.shows(kind) {
			views = append(views, view)
		}
	}
	add(ViewUnassigned, channel.View{Key: ViewUnassigned, Name: "Unassigned", Topic: "Open conversations that are nobody's, the oldest first", Members: team})
	for _, agent := range team {
		views = append(views, i.mineOf(agent, []string{agent})...)
	}
	for _, one := range i.Teams {
		members := slices.DeleteFunc(slices.Clone(one.Members), func(m string) bool { return !slices.Contains(team, m) })
		slices.Sort(members)
		add(ViewTeams, channel.View{Key: teamKey(one.Name), Name: "Team " + one.Name, Topic: "Open conversations of the team", Members: slices.Compact(members)})
	}
	add(ViewWaiting, channel.View{Key: ViewWaiting, Name: "Waiting too long", Topic: "Customers who wait longer than they should", Members: team})
	add(ViewSnoozed, channel.View{Key: ViewSnoozed, Name: "Snoozed", Topic: "Conversations that are put aside", Members: team})
	add(ViewResolved, channel.View{Key: ViewResolved, Name: "Resolved", Topic: "Conversations that are done", Members: team})
	return views
}

// mineOf is the view of what is an agent's, if there are such views.
func (i *Inbox) mineOf(agent string, members []string) []channel.View {
	if !i.shows(ViewMine) {
		return nil
	}
	return []channel.View{{Key: mineKey(agent), Name: "Mine", Topic: "Open conversations that are yours", Members: members}}
}
