package config

import (
	"fmt"
	"slices"
	"strings"
)

// Desk is the team's shared inbox; see inbox.Settings.
type Desk struct {
	Enabled        bool              `yaml:"enabled"`
	Teams          []Team            `yaml:"teams"`
	Capacity       int               `yaml:"capacity"`        // 0: no limit
	AssigneePolicy string            `yaml:"assignee_policy"` // off, warn, assignee
	ClaimOnAnswer  bool              `yaml:"claim_on_answer"`
	OfflineGrace   Duration          `yaml:"offline_grace"` // 0: never
	Presence       bool              `yaml:"presence"`
	BusinessHours  map[string]string `yaml:"business_hours"` // day of the week → spans; see hours.Plan
	Holidays       []string          `yaml:"holidays"`
	Timezone       string            `yaml:"timezone"`
	WaitingTooLong Duration          `yaml:"waiting_too_long"` // 0: never
	Views          []string          `yaml:"views"`
	Buttons        bool              `yaml:"buttons"`
	Closing        Closing           `yaml:"closing"`
	Survey         string            `yaml:"survey"` // empty: none
	Fallback       bool              `yaml:"fallback"`
}

// Team is a part of the company's people.
type Team struct {
	Name     string            `yaml:"name"`
	Members  []string          `yaml:"members"`
	Channels []string          `yaml:"channels"`
	Routing  string            `yaml:"routing"`
	Hours    map[string]string `yaml:"hours"`
}

// Closing is what is asked of whoever resolves a conversation.
type Closing struct {
	Required   bool     `yaml:"required"`
	Categories []string `yaml:"categories"`
}

// tidy takes out the team of the example, which has no name.
func (d *Desk) tidy() {
	d.Teams = slices.DeleteFunc(d.Teams, func(t Team) bool { return t.Name == "" && len(t.Members) == 0 && len(t.Channels) == 0 })
}

func (c *Config) validateDesk(v validator) {
	d := &c.Desk
	v.oneOf("desk.assignee_policy", d.AssigneePolicy, "off", "warn", "assignee")
	v.require(d.Capacity >= 0, "desk.capacity", "must be 0 (no limit) or more")
	v.require(d.OfflineGrace >= 0, "desk.offline_grace", "must be 0s (never) or more")
	v.require(d.WaitingTooLong >= 0, "desk.waiting_too_long", "must be 0s (never) or more")
	for _, view := range d.Views {
		v.oneOf("desk.views", view, "unassigned", "mine", "teams", "waiting", "snoozed", "resolved")
	}
	for i, team := range d.Teams {
		path := element("desk.teams", i)
		v.require(team.Name != "", path+".name", "is missing: say what people call the team")
		v.require(!strings.ContainsAny(team.Name, "/|\n"), path+".name", "must not contain / or |")
		twice := slices.IndexFunc(d.Teams, func(t Team) bool { return strings.EqualFold(t.Name, team.Name) }) < i
		v.require(!twice, path+".name", fmt.Sprintf("is %q like another team's: give it a name of its own", team.Name))
		v.users(path+".members", team.Members)
		v.oneOf(path+".routing", team.Routing, "manual", "round_robin", "least_busy")
	}
}
