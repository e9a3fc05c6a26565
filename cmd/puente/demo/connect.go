package demo

import (
	"context"
	"fmt"
	"slices"

	"puente/core/testkit/provision"
)

// connect logs the business's accounts in, unless an earlier run has.
func (w *world) connect(ctx context.Context) error {
	return connect(ctx, w.providers, w.puente.Hub.URL(), w.kept.ProvisioningSecret, w.progress.detail)
}

func connect(ctx context.Context, list []provider, puenteURL, secret string, detail func(string)) error {
	for _, one := range list {
		detail(one.id())
		client := provision.Client{Puente: puenteURL, Network: one.id(), Secret: secret}
		if err := connectOne(ctx, client, one.account()); err != nil {
			return fmt.Errorf("connect %s: %w", one.id(), err)
		}
	}
	return nil
}

// connectOne logs an account in, unless it is; each of the login's questions takes of the fields what it wants.
func connectOne(ctx context.Context, client provision.Client, a account) error {
	known, err := client.Logins(ctx)
	if err != nil {
		return err
	} else if !a.again && (slices.Contains(known, a.login) || (a.login == "" && len(known) > 0)) {
		return nil
	}
	said, err := client.LogIn(ctx, a.flow, a.fields)
	if err != nil || a.connected == nil {
		return err
	}
	return a.connected(said)
}
