package hub

import (
	"context"
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/status"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

// logins runs the bridges' own login flows as a talk with @puente: one question after another.
type logins struct {
	hub *Hub
	mu  sync.Mutex
	now map[talk]*loginTalk
}

type talk struct {
	user id.UserID
	room id.RoomID
}

// loginTalk is one step of a login under way. Each step is a new one, so that a step which ends in the background does
// not change what is being answered.
type loginTalk struct {
	bridge  *hosted
	process bridgev2.LoginProcess
	step    *bridgev2.LoginStep
	given   map[string]string
	asking  int        // which of the step's fields is being asked for
	key     id.EventID // names the step in what is said of it, so that no two logins are taken for one
	picture id.EventID // the QR code that it shows, if any
}

func (t *loginTalk) next(step *bridgev2.LoginStep) *loginTalk {
	return &loginTalk{bridge: t.bridge, process: t.process, step: step, given: map[string]string{}, key: id.EventID(rand.Text())}
}

func newLogins(h *Hub) *logins { return &logins{hub: h, now: map[talk]*loginTalk{}} }

func (l *logins) running(user id.UserID, room id.RoomID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now[talk{user, room}] != nil
}

// begin starts `login <network> [flow]`.
func (l *logins) begin(ctx context.Context, req request) (string, error) {
	if req.bridge != nil {
		return "Log in from a chat with me alone, not in a customer's room.", nil
	} else if len(req.args) == 0 {
		return "Which network? Write `login <network>`; `channels` lists them.", nil
	}
	b := l.hub.byID[strings.ToLower(req.args[0])]
	if b == nil {
		return fmt.Sprintf("There is no network `%s`; `channels` lists them.", strings.Trim(req.args[0], "`")), nil
	}
	if !l.hub.front.isPrivate(ctx, req.room) {
		return "Log in from a chat with me alone: others would read what you write here.", nil
	}
	flow, question := chooseFlow(b, req.args[1:])
	if question != "" {
		return question, nil
	}
	user, err := b.owner(ctx)
	if err != nil {
		return "", errs.Temporary(err, 0)
	}
	where := talk{req.sender, req.room}
	if before := l.end(where); before != nil {
		before.process.Cancel()
	}
	ctx = b.log.WithContext(ctx)
	process, err := b.connector.CreateLogin(ctx, user, flow)
	if err != nil {
		return "", fmt.Errorf("begin a login: %w", err)
	}
	step, err := process.Start(ctx)
	if err != nil {
		return "", fmt.Errorf("begin a login: %w", err)
	}
	return l.show(ctx, where, &loginTalk{bridge: b, process: process}, step)
}

func chooseFlow(b *hosted, args []string) (flow, question string) {
	flows := b.connector.GetLoginFlows()
	if len(args) == 0 && len(flows) == 1 {
		return flows[0].ID, ""
	}
	var list strings.Builder
	for _, f := range flows {
		if len(args) > 0 && f.ID == args[0] {
			return f.ID, ""
		}
		fmt.Fprintf(&list, "\n* `login %s %s` – %s: %s", b.network.ID, f.ID, f.Name, f.Description)
	}
	return "", "There are several ways:\n" + list.String()
}

// show asks for what the step wants, or ends the talk.
func (l *logins) show(ctx context.Context, where talk, current *loginTalk, step *bridgev2.LoginStep) (string, error) {
	current = current.next(step)
	switch {
	case step.Type == bridgev2.LoginStepTypeComplete:
		l.end(where)
		return l.complete(ctx, current, step)
	case step.Type == bridgev2.LoginStepTypeUserInput && len(step.UserInputParams.Fields) > 0:
		l.set(where, current)
		return strings.TrimSpace(step.Instructions + "\n\n" + question(step.UserInputParams.Fields[0])), nil
	case step.Type == bridgev2.LoginStepTypeDisplayAndWait:
		return l.displayAndWait(ctx, where, current, step)
	}
	l.end(where)
	current.process.Cancel()
	return "", errs.Tell(fmt.Errorf("login step %s: %w", step.Type, errs.ErrUnsupported),
		"this login needs a browser. Use the provisioning API at /"+current.bridge.network.ID+"/_matrix/provision.")
}

func question(field bridgev2.LoginInputDataField) string {
	text := "**" + field.Name + "**"
	if field.Description != "" {
		text += " – " + field.Description
	}
	if len(field.Options) > 0 {
		text += " (" + strings.Join(field.Options, ", ") + ")"
	}
	if field.DefaultValue != "" {
		text += fmt.Sprintf(" (write `-` for %s)", field.DefaultValue)
	}
	return text
}

// displayAndWait shows a code and waits in the background until the other side has dealt with it.
func (l *logins) displayAndWait(ctx context.Context, where talk, current *loginTalk, step *bridgev2.LoginStep) (string, error) {
	waiter, ok := current.process.(bridgev2.LoginProcessDisplayAndWait)
	if !ok {
		return "", fmt.Errorf("login cannot wait: %w", errs.ErrUnsupported)
	}
	picture, code, err := l.showCode(ctx, where, step.DisplayAndWaitParams)
	if err != nil {
		current.process.Cancel()
		return "", err
	}
	current.picture = picture
	l.set(where, current)
	l.hub.goDo(func() { l.wait(where, current, waiter) })
	return strings.TrimSpace(step.Instructions + "\n\n" + code), nil
}

// wait tells what comes of a step that the other side deals with; nothing if the login was stopped meanwhile.
func (l *logins) wait(where talk, current *loginTalk, waiter bridgev2.LoginProcessDisplayAndWait) {
	ctx := current.bridge.log.WithContext(l.hub.background)
	next, err := waiter.Wait(ctx)
	l.hideCode(ctx, where, current.picture)
	if !l.is(where, current) {
		return
	} else if ctx.Err() != nil {
		current.process.Cancel()
		return
	}
	answer := ""
	if err == nil {
		answer, err = l.show(ctx, where, current, next)
	}
	if err != nil {
		answer = l.failed(where, current, err)
	}
	if answer == "" {
		return
	}
	if err = l.hub.front.say(ctx, where.room, current.key, answer); err != nil {
		l.hub.Log.Warn().Err(err).Msg("Could not answer in a login")
	}
}

// failed ends a login that went wrong and says so.
func (l *logins) failed(where talk, current *loginTalk, err error) string {
	l.end(where)
	current.process.Cancel()
	l.hub.Log.Warn().Err(err).Str("bridge", current.bridge.network.ID).Msg("Login failed")
	return "The login failed: " + reasonOf(err) + " Write `login " + current.bridge.network.ID + "` to try again."
}

// input takes the answer to the question that was asked last. What was typed may be a token: it is redacted.
func (l *logins) input(ctx context.Context, evt *event.Event, text string) error {
	where := talk{evt.Sender, evt.RoomID}
	l.mu.Lock()
	current := l.now[where]
	l.mu.Unlock()
	if current == nil || current.step.UserInputParams == nil {
		return nil
	}
	field := current.step.UserInputParams.Fields[current.asking]
	l.hideSecret(ctx, evt, field)
	if text == "-" {
		text = field.DefaultValue
	}
	value, err := validate(field, text)
	if err != nil {
		return l.hub.front.say(ctx, evt.RoomID, evt.ID, fmt.Sprintf("That is no %s: %s. Try again, or write `cancel`.", field.Name, err))
	}
	current.given[field.ID] = value
	if current.asking++; current.asking < len(current.step.UserInputParams.Fields) {
		return l.hub.front.say(ctx, evt.RoomID, evt.ID, question(current.step.UserInputParams.Fields[current.asking]))
	}
	return l.submit(ctx, where, evt, current)
}

func (l *logins) submit(ctx context.Context, where talk, evt *event.Event, current *loginTalk) error {
	submitter, ok := current.process.(bridgev2.LoginProcessUserInput)
	if !ok {
		return fmt.Errorf("login takes no input: %w", errs.ErrUnsupported)
	}
	step, err := submitter.SubmitUserInput(current.bridge.log.WithContext(ctx), current.given)
	var answer string
	if err == nil {
		answer, err = l.show(ctx, where, current, step)
	}
	if err != nil {
		answer = l.failed(where, current, err)
	}
	return l.hub.front.say(ctx, evt.RoomID, evt.ID, answer)
}

func (l *logins) hideSecret(ctx context.Context, evt *event.Event, field bridgev2.LoginInputDataField) {
	if field.Type != bridgev2.LoginInputFieldTypePassword && field.Type != bridgev2.LoginInputFieldTypeToken {
		return
	}
	if _, err := l.hub.bot.RedactEvent(ctx, evt.RoomID, evt.ID); err != nil {
		l.hub.Log.Debug().Err(err).Msg("Could not redact a secret in a login; @puente has no right to in that room")
		if err = l.hub.front.say(ctx, evt.RoomID, evt.ID, "I may not delete messages here: please delete the "+field.Name+" that you just wrote."); err != nil {
			l.hub.Log.Warn().Err(err).Msg("Could not answer in a login")
		}
	}
}

func validate(field bridgev2.LoginInputDataField, text string) (string, error) {
	if len(field.Options) > 0 && !slices.Contains(field.Options, text) {
		return "", fmt.Errorf("it is none of %s", strings.Join(field.Options, ", "))
	}
	if field.Pattern != "" {
		if ok, err := regexp.MatchString(field.Pattern, text); err != nil || !ok {
			return "", fmt.Errorf("it must look like `%s`", field.Pattern)
		}
	}
	if field.Validate != nil {
		return field.Validate(text)
	}
	return text, nil
}

func (l *logins) complete(ctx context.Context, current *loginTalk, step *bridgev2.LoginStep) (string, error) {
	name := ""
	if params := step.CompleteParams; params != nil && params.UserLogin != nil {
		name = network.Plain(params.UserLogin.RemoteName)
	}
	l.hub.Log.Info().Str("bridge", current.bridge.network.ID).Msg("Account connected")
	answer := fmt.Sprintf("Connected: **%s**. ", name) + step.Instructions
	return strings.TrimSpace(answer), ctx.Err()
}

func (l *logins) cancel(_ context.Context, req request) (string, error) {
	where := talk{req.sender, req.room}
	current := l.end(where)
	if current == nil {
		return "No login is under way here.", nil
	}
	current.process.Cancel()
	return "The login was stopped.", nil
}

func (l *logins) set(where talk, current *loginTalk) {
	l.mu.Lock()
	l.now[where] = current
	l.mu.Unlock()
}

// end forgets the login and returns it; nil if there was none.
func (l *logins) end(where talk) *loginTalk {
	l.mu.Lock()
	defer l.mu.Unlock()
	current := l.now[where]
	delete(l.now, where)
	return current
}

func (l *logins) is(where talk, current *loginTalk) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now[where] == current
}

// logins are the business's accounts on this bridge.
func (b *hosted) logins(ctx context.Context) ([]*bridgev2.UserLogin, error) {
	user, err := b.owner(ctx)
	if err != nil {
		return nil, errs.Temporary(err, 0)
	}
	return user.GetUserLogins(), nil
}

func (b *hosted) stateWords(login *bridgev2.UserLogin) string {
	state := b.stateOf(login.ID)
	switch state.StateEvent {
	case status.StateConnected:
		return "connected"
	case status.StateConnecting, status.StateTransientDisconnect:
		return "connecting"
	case status.StateBadCredentials:
		if state.UserAction == status.UserActionOpenNative && state.Message != "" {
			return strings.TrimSuffix(state.Message, ".")
		}
		return "the provider refuses its credentials; log in again"
	case "":
		return "not started yet"
	}
	return strings.ToLower(string(state.StateEvent))
}

// logout is `logout <network> <login>`.
func (f *front) logout(ctx context.Context, req request) (string, error) {
	if len(req.args) != 2 {
		return "Write `logout <network> <login>`; `logins` lists them.", nil
	}
	b := f.hub.byID[strings.ToLower(req.args[0])]
	if b == nil {
		return fmt.Sprintf("There is no network `%s`; `channels` lists them.", strings.Trim(req.args[0], "`")), nil
	}
	list, err := b.logins(ctx)
	if err != nil {
		return "", err
	}
	for _, login := range list {
		if string(login.ID) == req.args[1] {
			login.Logout(ctx)
			return "Disconnected. The rooms stay; messages to that account are no longer taken in.", nil
		}
	}
	return "There is no such login; `logins` lists them.", nil
}
