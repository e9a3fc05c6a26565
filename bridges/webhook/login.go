package webhook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

const flowSystem = "system"

// GetLoginFlows implements bridgev2.NetworkConnector.
func (c *Connector) GetLoginFlows() []bridgev2.LoginFlow {
	return []bridgev2.LoginFlow{{
		ID: flowSystem, Name: "System", Description: "Connect one of the company's own systems, or give it a new token",
	}}
}

// CreateLogin implements bridgev2.NetworkConnector.
func (c *Connector) CreateLogin(_ context.Context, user *bridgev2.User, flowID string) (bridgev2.LoginProcess, error) {
	if flowID != flowSystem {
		return nil, network.UnknownFlow(flowID)
	}
	return &systemLogin{connector: c, user: user}, nil
}

// systemLogin asks where the system is called, and makes what each side proves itself with.
type systemLogin struct {
	connector *Connector
	user      *bridgev2.User
}

var _ bridgev2.LoginProcessUserInput = (*systemLogin)(nil)

const (
	fieldSystem   = "system"
	fieldName     = "display_name"
	fieldCallback = "callback_url"
	fieldSecret   = "signing_secret"

	secretPrefix = "whsec_"
	freshSecret  = "a new one" // what stands in the place of a secret if none is given
)

// Start implements bridgev2.LoginProcess.
func (l *systemLogin) Start(context.Context) (*bridgev2.LoginStep, error) {
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeUserInput, StepID: "dev.puente.webhook.system",
		Instructions: "The system posts what its people do to Puente, and Puente calls the system. The ID of a system that is connected already gives it a new token.",
		UserInputParams: &bridgev2.LoginUserInputParams{Fields: []bridgev2.LoginInputDataField{
			{Type: bridgev2.LoginInputFieldTypeUsername, ID: fieldSystem, Name: "ID", Description: "one lower-case word that stands in addresses, such as shop",
				Pattern: systemName.String()},
			{Type: bridgev2.LoginInputFieldTypeUsername, ID: fieldName, Name: "Name", Description: "as agents read it, such as Shop", Validate: validName},
			{Type: bridgev2.LoginInputFieldTypeURL, ID: fieldCallback, Name: "Callback URL", Description: "where Puente posts to: https, or http on this machine", Validate: validCallback},
			{Type: bridgev2.LoginInputFieldTypeToken, ID: fieldSecret, Name: "Signing secret", Description: "whsec_… if the system has one already",
				DefaultValue: freshSecret, Validate: validSecret},
		}},
	}, nil
}

// SubmitUserInput implements bridgev2.LoginProcessUserInput.
func (l *systemLogin) SubmitUserInput(ctx context.Context, input map[string]string) (*bridgev2.LoginStep, error) {
	given, err := l.read(input)
	if err != nil {
		return nil, err
	}
	token := newToken()
	given.meta.TokenHash = hashToken(token)
	login, err := l.user.NewLogin(ctx, &database.UserLogin{
		ID: loginID(given.system), RemoteName: given.meta.DisplayName, RemoteProfile: status.RemoteProfile{Name: given.meta.DisplayName}, Metadata: &given.meta,
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("keep the login: %w", err)
	}
	client, err := l.connector.client(ctx, given.system)
	if err != nil {
		return nil, err
	}
	pinged := client.ping(ctx)
	if given.fresh && refusedBy(pinged) == callbackForbids {
		// It cannot know the secret yet, and so does right to refuse.
		pinged = nil
		client.noteCallback(callbackAnswers, true)
	}
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeComplete, StepID: "dev.puente.webhook.complete",
		Instructions:   client.instructions(token, pinged),
		CompleteParams: &bridgev2.LoginCompleteParams{UserLoginID: login.ID, UserLogin: login},
	}, nil
}

// given is what an operator typed.
type given struct {
	system string
	meta   LoginMeta
	fresh  bool // Puente made the signing secret
}

// read checks all fields again: the provisioning API knows no Validate.
func (l *systemLogin) read(input map[string]string) (g given, err error) {
	g.system = strings.TrimSpace(input[fieldSystem])
	if !systemName.MatchString(g.system) {
		return g, told("ID of a system", "the ID must be one lower-case word of at most 32 letters, digits and hyphens.")
	}
	if g.meta.DisplayName, err = validName(input[fieldName]); err != nil {
		return g, told("name of a system", err.Error())
	}
	if g.meta.CallbackURL, err = validCallback(input[fieldCallback]); err != nil {
		return g, told("callback URL", err.Error())
	}
	if g.meta.Secret, err = validSecret(input[fieldSecret]); err != nil {
		return g, told("signing secret", err.Error())
	}
	if g.fresh = g.meta.Secret == freshSecret; g.fresh {
		g.meta.Secret = newSecret()
	}
	return g, nil
}

func told(what, words string) error {
	return errs.Tell(fmt.Errorf("%s: %w", what, errs.ErrInvalid), words)
}

func validName(text string) (string, error) {
	text = strings.TrimSpace(text)
	f := &faults{}
	if f.word("", text); len(f.list) > 0 {
		return "", errors.New("the name must be one line of 1 to 255 characters")
	}
	return text, nil
}

// validCallback wants encryption on the way, but not within one machine.
func validCallback(text string) (string, error) {
	text = strings.TrimSpace(text)
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || parsed.User != nil || parsed.Fragment != "" {
		return "", errors.New("it must be a web address such as https://shop.example/puente")
	}
	switch addr, err := netip.ParseAddr(parsed.Hostname()); {
	case parsed.Scheme == "https":
	case parsed.Scheme == "http" && (parsed.Hostname() == "localhost" || err == nil && addr.IsLoopback()):
	default:
		return "", errors.New("it must begin with https://, or with http:// on this machine (127.0.0.1)")
	}
	return text, nil
}

func validSecret(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || text == freshSecret {
		return freshSecret, nil
	}
	encoded, ok := strings.CutPrefix(text, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	// Source: Standard Webhooks, "Secret": 24 to 64 bytes.
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return "", errors.New("it must be whsec_ and 24 to 64 bytes in base64; leave it to Puente to make one")
	}
	return text, nil
}

// newToken makes an API token: 256 random bits.
func newToken() string { return "puentetoken_" + base64.RawURLEncoding.EncodeToString(random()) }

// newSecret makes a signing secret as Standard Webhooks writes it.
func newSecret() string { return secretPrefix + base64.StdEncoding.EncodeToString(random()) }

func random() []byte {
	bytes := make([]byte, 32)
	_, _ = rand.Read(bytes) // never fails: crypto/rand ends the program instead
	return bytes
}

// instructions are what the operator gives to the system, and whether the system answered.
func (cl *Client) instructions(token string, pinged error) string {
	text := fmt.Sprintf("Give these to %s; they are shown only now:\n\n* API token: `%s`\n* signing secret: `%s`\n\nIt posts events to `%s`.",
		cl.meta.DisplayName, token, cl.meta.Secret, cl.address("events"))
	if cl.connector.env.PublicURL == "" {
		text += " Put Puente's address before it, or set public_url in the config."
	}
	if pinged != nil {
		text += "\n\n⚠️ A test call to its callback did not succeed: " + pingWords(pinged)
	}
	return text
}

// pingWords say why a test call failed, and what to do.
func pingWords(err error) string {
	if words := errs.Message(err); words != "" {
		return words
	}
	return "the connection broke before an answer came. Is a server for HTTP running there?"
}

// Cancel implements bridgev2.LoginProcess.
func (l *systemLogin) Cancel() {}
