package inbox

import (
	"context"
	"fmt"
	"strings"

	"puente/core/desk/channel"
)

// mostListed is how many conversations a list in a chat shows.
const mostListed = 20

func (i *Inbox) queue(ctx context.Context, _ channel.Command, _ *Conversation) (string, error) {
	list, err := i.store.list(ctx, queueQuery, mostListed)
	if err != nil {
		return "", err
	}
	return i.listing(list, "Nothing is nobody's."), nil
}

func (i *Inbox) mine(ctx context.Context, cmd channel.Command, _ *Conversation) (string, error) {
	list, err := i.store.list(ctx, ofAgentQuery, cmd.By.ID)
	if err != nil {
		return "", err
	}
	return i.listing(list[:min(len(list), mostListed)], "You have no open conversations."), nil
}

func (i *Inbox) listing(list []*Conversation, nothing string) string {
	if len(list) == 0 {
		return nothing
	}
	lines := make([]string, len(list))
	for n, c := range list {
		lines[n] = fmt.Sprintf("* [%s](%s) on %s", Plain(c.title()), i.Rooms.Link(c.Ref, ""), i.Rooms.NetworkName(c.Ref.Network))
		if !c.WaitingSince.IsZero() {
			lines[n] += ", waiting since " + i.showTime(c.WaitingSince)
		}
	}
	return strings.Join(lines, "\n")
}

func (i *Inbox) showTeam(ctx context.Context, _ channel.Command, _ *Conversation) (string, error) {
	list, err := i.agents.all(ctx)
	if err != nil {
		return "", err
	}
	desk, err := i.staff(ctx)
	if err != nil {
		return "", err
	}
	all, err := i.agents.presences(ctx)
	if err != nil {
		return "", err
	}
	lines := make([]string, len(list))
	for n, agent := range list {
		lines[n] = fmt.Sprintf("%s – %s, %d open", called(agent), i.agents.stateOf(all, agent.ID), desk.load[agent.ID])
	}
	return strings.Join(lines, "\n"), nil
}
