package inbox

import (
	"slices"
	"strings"
	"time"

	"puente/core/desk/channel"
	"puente/core/desk/hours"
)

// Routing says who gets a conversation that is nobody's.
type Routing string

// The ways of routing. ref: reference/field-map.md, assignment
const (
	Manual     Routing = "manual"      // whoever takes it
	RoundRobin Routing = "round_robin" // the agents take turns
	LeastBusy  Routing = "least_busy"  // who has the fewest open conversations
)

// The kinds of views. ref: channel.View
const (
	ViewUnassigned = "unassigned"
	ViewMine       = "mine"
	ViewTeams      = "teams"
	ViewWaiting    = "waiting"
	ViewSnoozed    = "snoozed"
	ViewResolved   = "resolved"
)

// Views lists the kinds of views that there are.
func Views() []string {
	return []string{ViewUnassigned, ViewMine, ViewTeams, ViewWaiting, ViewSnoozed, ViewResolved}
}

// Team is a part of the company's people.
type Team struct {
	Name    string
	Members []string // IDs
	// Channels are whose new conversations are this team's: a network ("whatsapp") or one account on it
	// ("whatsapp/1065…").
	Channels []string
	Routing  Routing
	Hours    hours.Hours // when its members work; outside of it they count as offline
}

// takes tells whether a new conversation is the team's, and how closely: by its account (2) or its network (1).
func (t Team) takes(ref channel.Ref) int {
	switch {
	case slices.Contains(t.Channels, ref.Network+"/"+ref.Account):
		return 2
	case slices.Contains(t.Channels, ref.Network):
		return 1
	}
	return 0
}

// Closing says what is asked of whoever resolves a conversation.
type Closing struct {
	Required   bool     // a category must be given
	Categories []string // those that there are; none: any word
}

// Settings are a company's rules for its inbox.
type Settings struct {
	Teams []Team
	// Capacity is how many open conversations an agent is given at most; 0: no limit. Agents may take more themselves.
	Capacity int
	// ClaimOnAnswer makes whoever answers a conversation that is nobody's its assignee.
	ClaimOnAnswer bool
	// OfflineGrace is after how long an offline agent's conversations go back to the queue; 0: never.
	OfflineGrace time.Duration
	Presence     bool // agents' clients tell whether they are there
	Hours        hours.Hours
	Zone         *time.Location // in which times are shown; nil: UTC
	Views        []string
	WaitingLong  time.Duration // after which a customer waits too long; 0: never
	Buttons      bool          // the card has buttons
	Closing      Closing
	Survey       string // what the customer is asked at the end; empty: nothing
}

func (s Settings) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

func (s Settings) team(name string) (Team, bool) {
	index := slices.IndexFunc(s.Teams, func(t Team) bool { return strings.EqualFold(t.Name, name) })
	if index < 0 {
		return Team{}, false
	}
	return s.Teams[index], true
}

// teamFor is the team that a new conversation belongs to; empty if it is none's.
func (s Settings) teamFor(ref channel.Ref) string {
	best, name := 0, ""
	for _, team := range s.Teams {
		if how := team.takes(ref); how > best {
			best, name = how, team.Name
		}
	}
	return name
}

func (s Settings) shows(view string) bool { return slices.Contains(s.Views, view) }
