package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

const flowToken = "token"

// GetLoginFlows implements bridgev2.NetworkConnector.
func (c *Connector) GetLoginFlows() []bridgev2.LoginFlow {
	return []bridgev2.LoginFlow{{
		ID: flowToken, Name: "Access token",
		Description: "Connect a number of the WhatsApp Business Platform with a system user's token",
	}}
}

// CreateLogin implements bridgev2.NetworkConnector.
func (c *Connector) CreateLogin(_ context.Context, user *bridgev2.User, flowID string) (bridgev2.LoginProcess, error) {
	if flowID != flowToken {
		return nil, network.UnknownFlow(flowID)
	}
	return &tokenLogin{connector: c, user: user}, nil
}

// tokenLogin asks for the number and the token, and believes neither before Meta has confirmed them.
type tokenLogin struct {
	connector *Connector
	user      *bridgev2.User
}

var _ bridgev2.LoginProcessUserInput = (*tokenLogin)(nil)

const (
	fieldPhoneNumberID = "phone_number_id"
	fieldWABAID        = "waba_id"
	fieldAccessToken   = "access_token"
)

// Start implements bridgev2.LoginProcess.
func (l *tokenLogin) Start(context.Context) (*bridgev2.LoginStep, error) {
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeUserInput, StepID: "dev.puente.whatsapp.token",
		Instructions: "You find these in Meta's App Dashboard under WhatsApp, API Setup. The token should be a system user's, which does not expire.",
		UserInputParams: &bridgev2.LoginUserInputParams{Fields: []bridgev2.LoginInputDataField{
			{Type: bridgev2.LoginInputFieldTypeUsername, ID: fieldPhoneNumberID, Name: "Phone number ID",
				Description: "digits, not the phone number itself", Pattern: "^[0-9]{5,30}$"},
			{Type: bridgev2.LoginInputFieldTypeUsername, ID: fieldWABAID, Name: "WhatsApp Business Account ID",
				Description: "digits", Pattern: "^[0-9]{5,30}$"},
			{Type: bridgev2.LoginInputFieldTypeToken, ID: fieldAccessToken, Name: "Access token",
				Description: "with whatsapp_business_messaging and whatsapp_business_management", Pattern: `^\S{10,}$`},
		}},
	}, nil
}

// SubmitUserInput implements bridgev2.LoginProcessUserInput.
func (l *tokenLogin) SubmitUserInput(ctx context.Context, input map[string]string) (*bridgev2.LoginStep, error) {
	meta := &LoginMeta{WABAID: strings.TrimSpace(input[fieldWABAID]), AccessToken: strings.TrimSpace(input[fieldAccessToken])}
	phoneNumberID := strings.TrimSpace(input[fieldPhoneNumberID])
	client := l.connector.graphClient(meta.AccessToken)
	number, err := client.PhoneNumber(ctx, phoneNumberID)
	if err != nil {
		return nil, explainLogin(err, "Meta does not know this phone number ID with this token.")
	}
	meta.DisplayPhoneNumber, meta.VerifiedName = string(number.DisplayPhoneNumber), number.VerifiedName
	// Without this Meta sends no webhooks for the account. ref: reference/whatsapp-cloud.md §2, subscribing
	if err = client.SubscribeApp(ctx, meta.WABAID, nil); err != nil {
		return nil, explainLogin(err, "Meta does not let this token subscribe to the WhatsApp Business Account; check its ID and the permission whatsapp_business_management.")
	}
	name := strings.TrimSpace(meta.VerifiedName + " " + meta.DisplayPhoneNumber)
	login, err := l.user.NewLogin(ctx, &database.UserLogin{
		ID: loginID(phoneNumberID), RemoteName: name, RemoteProfile: status.RemoteProfile{Name: meta.VerifiedName}, Metadata: meta,
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("keep the login: %w", err)
	}
	login.Client.Connect(ctx)
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeComplete, StepID: "dev.puente.whatsapp.complete",
		Instructions:   l.connector.webhookInstructions(),
		CompleteParams: &bridgev2.LoginCompleteParams{UserLoginID: login.ID, UserLogin: login},
	}, nil
}

func (c *Connector) webhookInstructions() string {
	if c.env.PublicURL == "" {
		return "Set public_url in Puente's config, so that Meta can reach it; then give Meta the callback URL public_url + /whatsapp/webhook."
	}
	return fmt.Sprintf("Give Meta the callback URL %s/whatsapp/webhook and your verify_token, if you have not yet.", c.env.PublicURL)
}

// explainLogin says in the operator's words why Meta did not take what was typed.
func explainLogin(err error, otherwise string) error {
	var refused *graph.Error
	if errors.As(err, &refused) && errs.Message(err) != "" {
		return err
	}
	if _, temporary := errs.IsTemporary(err); temporary {
		return errs.Tell(err, "Meta could not be reached. Check graph_url and try again.")
	}
	return errs.Tell(err, otherwise)
}

// Cancel implements bridgev2.LoginProcess.
func (l *tokenLogin) Cancel() {}
