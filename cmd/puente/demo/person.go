package demo

import (
	"context"

	"puente/core/testkit/person"
)

// logIn logs an agent in on a new device and lets it sync until it is stopped.
func (w *world) logIn(ctx context.Context, localpart string) (*person.Person, error) {
	agent, err := person.LogIn(ctx, w.server, localpart, password)
	if err != nil {
		return nil, err
	}
	agent.Follow(ctx)
	return agent, nil
}
