package telegram

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

const flowToken = "token"

// GetLoginFlows implements bridgev2.NetworkConnector. Business accounts have none: they connect themselves, in Telegram.
func (c *Connector) GetLoginFlows() []bridgev2.LoginFlow {
	return []bridgev2.LoginFlow{{ID: flowToken, Name: "Bot token", Description: "Connect a bot with the token that BotFather gave you"}}
}

// CreateLogin implements bridgev2.NetworkConnector.
func (c *Connector) CreateLogin(_ context.Context, user *bridgev2.User, flowID string) (bridgev2.LoginProcess, error) {
	if flowID != flowToken {
		return nil, network.UnknownFlow(flowID)
	}
	return &tokenLogin{connector: c, user: user}, nil
}

// tokenLogin asks for the token and does not believe it before Telegram has confirmed it.
type tokenLogin struct {
	connector *Connector
	user      *bridgev2.User
}

var _ bridgev2.LoginProcessUserInput = (*tokenLogin)(nil)

const fieldToken = "token"

// Start implements bridgev2.LoginProcess.
func (l *tokenLogin) Start(context.Context) (*bridgev2.LoginStep, error) {
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeUserInput, StepID: "dev.puente.telegram.token",
		Instructions: "In Telegram, write `/newbot` to @BotFather to make a bot, or `/token` to get the token of one that you have.",
		UserInputParams: &bridgev2.LoginUserInputParams{Fields: []bridgev2.LoginInputDataField{{
			Type: bridgev2.LoginInputFieldTypeToken, ID: fieldToken, Name: "Bot token",
			Description: "digits, a colon, and letters", Pattern: botapi.TokenPattern,
		}}},
	}, nil
}

// SubmitUserInput implements bridgev2.LoginProcessUserInput.
func (l *tokenLogin) SubmitUserInput(ctx context.Context, input map[string]string) (*bridgev2.LoginStep, error) {
	token := strings.TrimSpace(input[fieldToken])
	api, err := l.connector.newAPI(token)
	if err != nil {
		return nil, err
	}
	me, err := api.GetMe(ctx)
	if err != nil {
		return nil, explainLogin(err)
	}
	login, err := l.keep(ctx, token, me)
	if err != nil {
		return nil, err
	}
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeComplete, StepID: "dev.puente.telegram.complete", Instructions: afterLogin(me),
		CompleteParams: &bridgev2.LoginCompleteParams{UserLoginID: login.ID, UserLogin: login},
	}, nil
}

// keep makes the login, or gives the one that there is the token, and has it listen.
func (l *tokenLogin) keep(ctx context.Context, token string, me *models.User) (*bridgev2.UserLogin, error) {
	before, err := l.connector.botClient(me.ID)
	if err == nil {
		before.listening.stop() // it would read what is being written
	}
	meta := &LoginMeta{BotID: me.ID, Token: token}
	meta.know(me)
	login, err := l.user.NewLogin(ctx, &database.UserLogin{
		ID: botLogin(me.ID), RemoteName: meta.heading(), RemoteProfile: status.RemoteProfile{Name: meta.Name, Username: meta.Username}, Metadata: meta,
	}, nil)
	if err != nil {
		if before != nil {
			before.listen()
		}
		return nil, fmt.Errorf("keep the login: %w", err)
	}
	login.Client.Connect(ctx)
	return login, nil
}

// afterLogin tells what a bot cannot do as it stands, and how to mend it. ref: reference/telegram-bot.md §4, privacy
// mode, and §5
func afterLogin(me *models.User) string {
	lines := []string{fmt.Sprintf("Customers write to the bot at https://t.me/%s.", me.Username)}
	if !me.CanReadAllGroupMessages {
		lines = append(lines, privacyMend)
	}
	if me.CanConnectToBusiness {
		lines = append(lines, "To answer for a Telegram Business account, its owner connects the bot in Telegram under Settings, Telegram Business, Chatbots.")
	} else {
		lines = append(lines, "To answer for a Telegram Business account, switch on Business Mode at @BotFather (`/mybots`, Bot Settings), then connect the bot in that account's settings.")
	}
	return strings.Join(lines, "\n\n")
}

const privacyMend = "In groups the bot sees only commands, mentions and replies to it (privacy mode). To see everything, write `/setprivacy` to @BotFather, choose Disable, and add the bot to its groups anew; or make it an administrator there."

// explainLogin says in the operator's words why Telegram did not take the token.
func explainLogin(err error) error {
	if _, temporary := errs.IsTemporary(err); temporary {
		return errs.Tell(err, "Telegram could not be reached. Check api_url and try again.")
	} else if botapi.IsUnauthorized(err) {
		return errs.Tell(err, "Telegram does not know this token. Get it from @BotFather with `/token`, and take care to copy all of it.")
	}
	return err
}

// Cancel implements bridgev2.LoginProcess.
func (l *tokenLogin) Cancel() {}
