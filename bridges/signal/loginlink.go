package signal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix/bridgev2"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

// linkPatience is how long a code to link can be scanned; Signal ends it earlier.
const linkPatience = 3 * time.Minute

// linkLogin links the daemon to a phone. ref: reference/signal-cli.md §3, startLink and finishLink
type linkLogin struct {
	connector *Connector
	user      *bridgev2.User
	uri       string
}

var _ bridgev2.LoginProcessDisplayAndWait = (*linkLogin)(nil)

// Start implements bridgev2.LoginProcess.
func (l *linkLogin) Start(ctx context.Context) (*bridgev2.LoginStep, error) {
	var err error
	if l.uri, err = l.connector.daemon.StartLink(ctx); err != nil {
		return nil, explainLogin(err)
	}
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeDisplayAndWait, StepID: "dev.puente.signal.link",
		Instructions:         "On the phone, open Signal, Settings, Linked devices, and scan this code within a minute. The phone must stay in use: Signal unlinks devices of a phone that is not used for about 30 days.",
		DisplayAndWaitParams: &bridgev2.LoginDisplayAndWaitParams{Type: bridgev2.LoginDisplayTypeQR, Data: l.uri},
	}, nil
}

// Wait implements bridgev2.LoginProcessDisplayAndWait.
func (l *linkLogin) Wait(ctx context.Context) (*bridgev2.LoginStep, error) {
	number, err := l.connector.daemon.FinishLink(ctx, l.uri, l.connector.config.DeviceName, linkPatience)
	if err != nil {
		return nil, explainLink(err)
	}
	return l.connector.connect(ctx, l.user, number)
}

// Cancel implements bridgev2.LoginProcess. The code ends by itself.
func (l *linkLogin) Cancel() {}

func explainLink(err error) error {
	var refused *daemon.Error
	switch {
	case errors.As(err, &refused) && refused.Says("timed out"), daemon.IsLost(err):
		return errs.Tell(fmt.Errorf("link: %w", err), "The code was not scanned in time.")
	case errors.As(err, &refused) && refused.Says("already exists"):
		return errs.Tell(fmt.Errorf("link: %w", err), "The signal-cli daemon has this account already: connect it with `login signal existing`.")
	}
	return explainLogin(err)
}
