package crash

import (
	"context"
	"fmt"
	"regexp"

	"puente/core/base/errs"
	"puente/core/testkit/provision"
)

// shownToken is where the login of a system shows the token.
var shownToken = regexp.MustCompile("API token: `([^`]+)`")

// connect logs the business's accounts in, as an operator's own tool does.
func (w *world) connect(ctx context.Context) error {
	for _, p := range w.providers {
		said, err := w.provisioning(p.id).LogIn(ctx, p.flow, p.fields)
		if err != nil {
			return fmt.Errorf("connect %s: %w", p.id, err)
		}
		if p.connected == nil {
			continue
		}
		found := shownToken.FindStringSubmatch(said)
		if found == nil {
			return fmt.Errorf("the token in what the login of %s shows: %w", p.id, errs.ErrNotFound)
		}
		p.connected(found[1])
	}
	return nil
}

func (w *world) provisioning(network string) provision.Client {
	return provision.Client{Puente: "http://" + w.listen, Network: network, Secret: sharedWord}
}
