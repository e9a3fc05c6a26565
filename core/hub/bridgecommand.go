package hub

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"maunium.net/go/mautrix/id"

	"puente/core/hub/network"
)

// commands are the bridge's own, those for its rooms or those for operators.
func (b *hosted) commands(inRoom bool) []network.Command {
	commander, ok := b.connector.(network.Commander)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(commander.Commands()), func(c network.Command) bool { return c.InRoom != inRoom })
}

func (b *hosted) command(inRoom bool, name string) (network.Command, bool) {
	list := b.commands(inRoom)
	index := slices.IndexFunc(list, func(c network.Command) bool { return strings.EqualFold(c.Name, name) })
	if index < 0 {
		return network.Command{}, false
	}
	return list[index], true
}

// runOfBridge runs `<network> <command> …`, which an operator wrote to @puente.
func (f *front) runOfBridge(ctx context.Context, b *hosted, req request) error {
	name, rest, _ := strings.Cut(req.rest, " ")
	if !f.hub.isOperator(req.sender) {
		return f.say(ctx, req.room, req.event, onlyOperators)
	}
	command, ok := b.command(false, name)
	if !ok {
		return f.say(ctx, req.room, req.event, fmt.Sprintf("%s has no such command. Write `help` to see what I can do.", b.network.DisplayName))
	}
	answer, err := command.Run(b.log.WithContext(ctx), network.Call{Sender: req.sender, EventID: req.event, Args: strings.TrimSpace(rest)})
	return f.answer(ctx, req, b.network.ID+" "+command.Name, answer, err)
}

// bridgeCommand is a bridge's own command as one of a conversation's room.
func (b *hosted) bridgeCommand(command network.Command) roomCommand {
	return roomCommand{command.Name, command.Args, command.Help, false, func(ctx context.Context, _ *Hub, req request) (string, error) {
		login, err := b.loginOf(ctx, req.room)
		if err != nil {
			return "", err
		}
		portal, err := b.bridge.GetPortalByMXID(ctx, req.room)
		if err != nil {
			return "", fmt.Errorf("find the conversation: %w", err)
		}
		return command.Run(b.log.WithContext(ctx), network.Call{
			Sender: req.sender, EventID: req.event, Args: req.rest, Portal: portal, Login: login, ReplyTo: id.EventID(req.args[0]),
		})
	}}
}
