package desk

import (
	"strings"
	"testing"

	"puente/test/company"
)

func TestWhoIsThere(t *testing.T) {
	t.Parallel()
	c := town.Build(t, company.Options{
		Agents: threeAgents(), Config: map[string]string{"desk.presence": "true", "desk.offline_grace": "1s"},
		Teams: "        - name: sales\n          members: [\"{alice}\", \"{bob}\"]\n          channels: [whatsapp]\n          routing: least_busy\n",
	})
	bob, carol := c.Agents["bob"], c.Agents["carol"]
	first := c.Opens("whatsapp", "Ana", carol)
	first.Card(carol, "assigned to")
	said := func(word string) func() bool {
		return func() bool {
			answer := carol.Answer(carol.Writes(first.Room, "!puente team"))
			for _, line := range strings.Split(answer, "\n") {
				if strings.HasPrefix(line, "Bob Weber") && strings.Contains(line, word) {
					return true
				}
			}
			return false
		}
	}

	c.Sub(t, "AnAgentWhoseClientEndsIsOffline", func(t *testing.T) {
		bob.Stop() // Synapse believes for half a minute that the client comes back
		c.Until("Bob to be offline", said("offline"))
	})
	c.Sub(t, "WhatTheAgentHadGoesToTheOther", func(t *testing.T) {
		second := c.Opens("whatsapp", "Ben", carol)
		second.Card(carol, "assigned to Alice Martín")
		first.Card(carol, "assigned to Alice Martín")
	})
}
