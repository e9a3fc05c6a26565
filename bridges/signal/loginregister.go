package signal

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/bridgev2"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

// registerPage is where a person solves the captcha of a registration. ref: reference/signal-cli.md §3, register
const registerPage = "https://signalcaptchas.org/registration/generate.html"

// registerLogin registers a number as its own phone. Which step comes next, the daemon's answers decide.
type registerLogin struct {
	connector *Connector
	user      *bridgev2.User
	number    string
	captcha   string
	code      string
}

var _ bridgev2.LoginProcessUserInput = (*registerLogin)(nil)

const (
	fieldCaptcha = "captcha"
	fieldCode    = "code"
	fieldPIN     = "pin"

	// callMe, instead of a code, asks for a call.
	callMe = "call me"
)

// Start implements bridgev2.LoginProcess.
func (l *registerLogin) Start(context.Context) (*bridgev2.LoginStep, error) {
	return l.ask("number", "Registering logs out every phone that uses Signal with this number.", numberField()), nil
}

func (l *registerLogin) ask(step, instructions string, fields ...bridgev2.LoginInputDataField) *bridgev2.LoginStep {
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeUserInput, StepID: "dev.puente.signal.register." + step, Instructions: instructions,
		UserInputParams: &bridgev2.LoginUserInputParams{Fields: fields},
	}
}

// SubmitUserInput implements bridgev2.LoginProcessUserInput.
func (l *registerLogin) SubmitUserInput(ctx context.Context, input map[string]string) (*bridgev2.LoginStep, error) {
	if number := strings.TrimSpace(input[fieldNumber]); number != "" {
		l.number = number
		return l.register(ctx, false)
	} else if captcha := strings.TrimSpace(input[fieldCaptcha]); captcha != "" {
		l.captcha = captcha
		return l.register(ctx, false)
	}
	if code := strings.TrimSpace(input[fieldCode]); strings.EqualFold(code, callMe) {
		return l.register(ctx, true)
	} else if code != "" {
		l.code = strings.NewReplacer("-", "", " ", "").Replace(code)
	}
	return l.verify(ctx, strings.TrimSpace(input[fieldPIN]))
}

// Cancel implements bridgev2.LoginProcess. A registration without its code ends by itself.
func (l *registerLogin) Cancel() {}

// register asks Signal for a code: by message first, and by a call a minute later at the earliest.
// ref: reference/signal-cli.md §3, register
func (l *registerLogin) register(ctx context.Context, call bool) (*bridgev2.LoginStep, error) {
	err := l.connector.daemon.Register(ctx, l.number, l.captcha, call)
	var refused *daemon.Error
	switch {
	case err == nil:
		return l.askCode("Signal sends a code. To be called instead, write `" + callMe + "` a minute later."), nil
	case errors.As(err, &refused) && (refused.Code == daemon.CodeCaptchaFailed || refused.Says("captcha")):
		instructions := "Signal wants to know that you are a person."
		if l.captcha != "" {
			instructions = "Signal does not take this captcha: it may be too old or used already."
		}
		return l.ask("captcha", instructions+" Open "+registerPage+", solve the captcha, and copy the address of the link *Open Signal*.",
			bridgev2.LoginInputDataField{
				Type: bridgev2.LoginInputFieldTypeToken, ID: fieldCaptcha, Name: "Captcha", Description: "it begins with signalcaptcha://", Pattern: `^signalcaptcha://\S+$`,
			}), nil
	case errors.As(err, &refused) && refused.Code == daemon.CodeUser && call:
		return l.askCode("Signal does not call yet: it does so a minute after its message. Write the code, or `" + callMe + "` again."), nil
	case errors.As(err, &refused) && refused.Code == daemon.CodeUser:
		return nil, errs.Tell(fmt.Errorf("register: %w", err), "Signal does not register this number. Check it, and that it can take a message or a call.")
	}
	return nil, explainLogin(err)
}

func (l *registerLogin) askCode(instructions string) *bridgev2.LoginStep {
	return l.ask("code", instructions, bridgev2.LoginInputDataField{
		Type: bridgev2.LoginInputFieldType2FACode, ID: fieldCode, Name: "Code", Description: "six digits", Pattern: `^([0-9][0-9 -]{4,8}[0-9]|` + callMe + `)$`,
	})
}

// verify hands the code over.
func (l *registerLogin) verify(ctx context.Context, pin string) (*bridgev2.LoginStep, error) {
	err := l.connector.daemon.Verify(ctx, l.number, l.code, pin)
	var refused *daemon.Error
	switch {
	case err == nil:
		return l.connector.connect(ctx, l.user, l.number)
	case errors.As(err, &refused) && refused.Says("pin"):
		instructions := "The number is protected by a Signal PIN."
		if pin != "" {
			instructions = "That is not the number's PIN."
		}
		return l.ask("pin", instructions, bridgev2.LoginInputDataField{
			Type: bridgev2.LoginInputFieldTypePassword, ID: fieldPIN, Name: "PIN", Description: "of the account's registration lock", Pattern: `^\S{4,}$`,
		}), nil
	case errors.As(err, &refused) && (refused.Code == daemon.CodeUser || refused.Says("verification code") || refused.Says("403")):
		return l.askCode("Signal does not take this code. Write it again, or `" + callMe + "` to be called with a new one."), nil
	}
	return nil, explainLogin(err)
}
