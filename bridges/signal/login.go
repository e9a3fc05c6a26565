package signal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

const (
	flowLink     = "link"
	flowRegister = "register"
	flowExisting = "existing"
)

// GetLoginFlows implements bridgev2.NetworkConnector.
func (c *Connector) GetLoginFlows() []bridgev2.LoginFlow {
	return []bridgev2.LoginFlow{
		{ID: flowLink, Name: "Linked device", Description: "Link Puente to the Signal app on the business's phone by a QR code"},
		{ID: flowRegister, Name: "Own number", Description: "Register a number that no phone uses with Signal; it takes a captcha and a code by SMS or call"},
		{ID: flowExisting, Name: "Existing account", Description: "Use an account that the signal-cli daemon has already"},
	}
}

// CreateLogin implements bridgev2.NetworkConnector.
func (c *Connector) CreateLogin(_ context.Context, user *bridgev2.User, flowID string) (bridgev2.LoginProcess, error) {
	switch flowID {
	case flowLink:
		return &linkLogin{connector: c, user: user}, nil
	case flowRegister:
		return &registerLogin{connector: c, user: user}, nil
	case flowExisting:
		return &existingLogin{connector: c, user: user}, nil
	}
	return nil, network.UnknownFlow(flowID)
}

const (
	fieldNumber  = "number"
	numberPrompt = "with country code, such as +4930123456"
	numberForm   = `^\+[1-9][0-9]{6,14}$`
)

func numberField() bridgev2.LoginInputDataField {
	return bridgev2.LoginInputDataField{
		Type: bridgev2.LoginInputFieldTypePhoneNumber, ID: fieldNumber, Name: "Phone number", Description: numberPrompt, Pattern: numberForm,
	}
}

// connect keeps an account that the daemon has as a login, and begins to take its messages.
func (c *Connector) connect(ctx context.Context, user *bridgev2.User, number string) (*bridgev2.LoginStep, error) {
	meta := &LoginMeta{Number: number}
	aci, err := c.ownACI(ctx, number)
	if err != nil && aci == "" {
		c.log.Warn().Err(err).Msg("The signal-cli daemon does not tell a new account's ACI")
	}
	meta.ACI = aci
	if contact, err := c.daemon.Contact(ctx, number, either(aci, number)); err == nil && contact != nil {
		meta.Name = contact.DisplayName()
	}
	login, err := user.NewLogin(ctx, &database.UserLogin{
		ID: c.loginIDFor(meta), RemoteName: remoteName(*meta), RemoteProfile: status.RemoteProfile{Name: meta.Name}, Metadata: meta,
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("keep the login: %w", err)
	}
	login.Client.Connect(ctx)
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeComplete, StepID: "dev.puente.signal.complete",
		Instructions:   "Signal offers nothing to businesses and forbids bulk and automatic messages: answer people, and send no campaigns from this account.",
		CompleteParams: &bridgev2.LoginCompleteParams{UserLoginID: login.ID, UserLogin: login},
	}, nil
}

// remoteName is what operators know the account by. It stands in logs: the number's end is all that it shows of it.
func remoteName(meta LoginMeta) string {
	return fmt.Sprintf("%s (…%s)", either(meta.Name, "Signal account"), meta.Number[max(len(meta.Number)-3, 0):])
}

// loginIDFor keeps the ID of an account that was connected before, whatever is known of it now.
func (c *Connector) loginIDFor(meta *LoginMeta) networkid.UserLoginID {
	for _, client := range c.clients() {
		if client.isSelf(meta.ACI, meta.Number) {
			return client.login.ID
		}
	}
	return loginID(meta.ACI, meta.Number)
}

// existingLogin takes an account that the daemon has.
type existingLogin struct {
	connector *Connector
	user      *bridgev2.User
}

var _ bridgev2.LoginProcessUserInput = (*existingLogin)(nil)

// Start implements bridgev2.LoginProcess.
func (l *existingLogin) Start(ctx context.Context) (*bridgev2.LoginStep, error) {
	if _, err := l.connector.daemon.Accounts(ctx); err != nil {
		return nil, explainLogin(err)
	}
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeUserInput, StepID: "dev.puente.signal.existing",
		Instructions:    "The account must be on the signal-cli daemon that Puente speaks to.",
		UserInputParams: &bridgev2.LoginUserInputParams{Fields: []bridgev2.LoginInputDataField{numberField()}},
	}, nil
}

// SubmitUserInput implements bridgev2.LoginProcessUserInput.
func (l *existingLogin) SubmitUserInput(ctx context.Context, input map[string]string) (*bridgev2.LoginStep, error) {
	number := strings.TrimSpace(input[fieldNumber])
	numbers, err := l.connector.daemon.Accounts(ctx)
	if err != nil {
		return nil, explainLogin(err)
	} else if !slices.Contains(numbers, number) {
		return nil, errs.Tell(fmt.Errorf("account on the daemon: %w", errs.ErrNotFound),
			"The signal-cli daemon has no account of this number. Link it with `login signal link`, or register it with `login signal register`.")
	}
	return l.connector.connect(ctx, l.user, number)
}

// Cancel implements bridgev2.LoginProcess.
func (l *existingLogin) Cancel() {}

// explainLogin says in the operator's words why the daemon did not do it.
func explainLogin(err error) error {
	var refused *daemon.Error
	switch {
	case errs.Message(err) != "":
		return err
	case !errors.As(err, &refused):
		return errs.Tell(err, "The signal-cli daemon did not answer in time. Look at its log and try again.")
	case refused.Code == daemon.CodeNoMethod:
		return errs.Tell(err, "The signal-cli daemon runs for one account alone. Start it without -a.")
	case refused.Code == daemon.CodeRateLimit:
		return errs.Tell(err, "Signal wants you to wait: there were too many tries. Try again in some hours.")
	case refused.Code == daemon.CodeIO:
		return errs.Tell(err, "The signal-cli daemon cannot reach Signal's server. Look at its log and try again.")
	}
	return errs.Tell(err, "Signal refused it; the log of the signal-cli daemon says why.")
}
