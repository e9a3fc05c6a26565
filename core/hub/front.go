package hub

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/format"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

// front is @puente, the one face for people: they invite it and talk to it, and the bridges' own bots stay out of
// their way.
type front struct {
	hub      *Hub
	commands []command
	logins   *logins
}

// command is one word that the front understands.
type command struct {
	name, args, help string
	operator         bool // only for operators
	team             bool // only for the team
	run              func(ctx context.Context, req request) (answer string, err error)
}

// request is a command as somebody gave it.
type request struct {
	sender id.UserID
	room   id.RoomID
	event  id.EventID
	at     time.Time
	bridge *hosted // set in a conversation's room
	args   []string
	rest   string // everything behind the command's name, as typed
	// mentions are whom it mentions.
	mentions []id.UserID
}

func newFront(h *Hub) *front {
	f := &front{hub: h, logins: newLogins(h)}
	f.commands = []command{
		{name: "help", help: "this list", run: f.help},
		{name: "channels", help: "which networks Puente speaks, and which accounts are connected", run: f.channels},
		{name: "status", help: "how each connection is, and what waits or failed", run: f.status},
		{name: "logins", help: "the business's accounts", run: f.listLogins},
		{name: "login", args: "<network> [flow]", help: "connect an account of the business", operator: true, run: f.logins.begin},
		{name: "cancel", help: "stop a login", operator: true, run: f.logins.cancel},
		{name: "logout", args: "<network> <login>", help: "disconnect an account", operator: true, run: f.logout},
		{name: "failed", help: "what could not be delivered and was set aside", operator: true, run: f.failed},
		{name: "retry", args: "<number>…", help: "try again what was set aside", operator: true, run: f.retry},
	}
	return f
}

// invited joins the room of whoever may talk to Puente; others are turned down with a reason.
func (f *front) invited(ctx context.Context, evt *event.Event) error {
	f.hub.agents.retryJoin(ctx)
	if !f.mayTalk(evt.Sender) && !f.hub.agents.isRoom(evt.RoomID) && f.hub.Agents.OperatorsRoom != evt.RoomID.String() {
		_, err := f.hub.bot.LeaveRoom(ctx, evt.RoomID, &mautrix.ReqLeave{Reason: "Puente talks only to the company's agents and operators"})
		return leaveError(err)
	}
	if err := f.hub.bot.EnsureJoined(ctx, evt.RoomID); err != nil {
		return errs.Temporary(fmt.Errorf("join %s: %w", evt.RoomID, err), 0)
	}
	if f.hub.agents.isRoom(evt.RoomID) {
		return f.hub.agents.readLate(ctx, evt.RoomID)
	}
	if f.hub.Agents.OperatorsRoom == evt.RoomID.String() {
		return nil
	}
	return f.say(ctx, evt.RoomID, evt.ID, "Hello, this is Puente. Write `help` to see what I can do for you.")
}

func leaveError(err error) error {
	if err == nil || isRefusal(err) {
		return nil
	}
	return errs.Temporary(fmt.Errorf("decline an invitation: %w", err), 0)
}

func (f *front) mayTalk(user id.UserID) bool {
	return user.Homeserver() == f.hub.Domain || f.hub.isOperator(user) || f.hub.agents.Is(user)
}

// handle answers a message in a room that no bridge owns, if @puente is in it.
func (f *front) handle(ctx context.Context, evt *event.Event) error {
	if !f.hub.as.StateStore.IsInRoom(ctx, evt.RoomID, f.hub.Front()) || f.hub.agents.isRoom(evt.RoomID) {
		return nil
	}
	switch evt.Type {
	case event.EventEncrypted:
		return f.say(ctx, evt.RoomID, evt.ID, "I cannot read encrypted messages here. Please start a chat with me without encryption.")
	case event.EventMessage:
	default:
		return nil
	}
	msg := evt.Content.AsMessage()
	if msg.MsgType != event.MsgText || msg.RelatesTo.GetReplaceID() != "" {
		return nil
	}
	text, prefixed := strings.CutPrefix(strings.TrimSpace(msg.Body), CommandPrefix)
	if !prefixed && (f.hub.operators.isRoom(evt.RoomID) || !f.isPrivate(ctx, evt.RoomID)) {
		return nil
	}
	if f.logins.running(evt.Sender, evt.RoomID) && !prefixed && !strings.EqualFold(strings.TrimSpace(text), "cancel") {
		return f.logins.input(ctx, evt, strings.TrimSpace(text))
	}
	return f.run(ctx, request{sender: evt.Sender, room: evt.RoomID, event: evt.ID, at: sentAt(evt), mentions: mentionsIn(evt)}, strings.TrimSpace(text))
}

// isPrivate tells whether a person is alone with @puente, so that every message is meant for it.
func (f *front) isPrivate(ctx context.Context, room id.RoomID) bool {
	joined, err := f.hub.bot.JoinedMembers(ctx, room)
	return err == nil && len(joined.Joined) <= 2
}

// run looks the command up, checks who asks, and answers.
func (f *front) run(ctx context.Context, req request, text string) error {
	name, rest, _ := strings.Cut(text, " ")
	req.rest, req.args = strings.TrimSpace(rest), strings.Fields(rest)
	if name == "" {
		name = "help"
	}
	commands := f.all()
	index := slices.IndexFunc(commands, func(c command) bool { return strings.EqualFold(c.name, name) })
	if b := f.hub.byID[strings.ToLower(name)]; b != nil {
		return f.runOfBridge(ctx, b, req)
	} else if index < 0 {
		return f.say(ctx, req.room, req.event, fmt.Sprintf("I do not know `%s`. Write `help` to see what I can do.", strings.Trim(name, "`")))
	}
	answer, err := f.allowed(ctx, commands[index], req)
	return f.answer(ctx, req, commands[index].name, answer, err)
}

// answer says what came of a command.
func (f *front) answer(ctx context.Context, req request, name, answer string, err error) error {
	if err != nil {
		if _, again := errs.IsTemporary(err); again {
			return err
		}
		answer = "That did not work: " + reasonOf(err)
		f.hub.Log.Warn().Err(err).Str("command", name).Msg("Command failed")
	}
	if answer == "" {
		return nil
	}
	return f.say(ctx, req.room, req.event, answer)
}

const onlyOperators = "Only an operator may do that. Operators are named under `agents.operators` in Puente's config."

func (f *front) allowed(ctx context.Context, c command, req request) (string, error) {
	if c.operator && !f.hub.isOperator(req.sender) {
		return onlyOperators, nil
	}
	if !f.mayTalk(req.sender) {
		return "", nil
	}
	if c.team && !f.hub.isTeam(req.sender) {
		return onlyTeam, nil
	}
	return c.run(ctx, req)
}

// say answers in Markdown, as a notice.
func (f *front) say(ctx context.Context, room id.RoomID, to id.EventID, markdown string) error {
	content := format.RenderMarkdown(markdown, true, false)
	content.MsgType, content.Mentions = event.MsgNotice, &event.Mentions{}
	if _, err := f.hub.bot.SendMessageEvent(withTxn(ctx, "say", to.String(), markdown), room, event.EventMessage, &content); err != nil {
		return errs.Temporary(fmt.Errorf("answer in %s: %w", room, err), 0)
	}
	return nil
}

func (f *front) help(_ context.Context, req request) (string, error) {
	var text strings.Builder
	text.WriteString("What I can do:\n\n")
	for _, c := range f.all() {
		if c.operator && !f.hub.isOperator(req.sender) || c.team && !f.hub.isTeam(req.sender) {
			continue
		}
		fmt.Fprintf(&text, "* `%s` – %s\n", strings.TrimSpace(c.name+" "+c.args), c.help)
	}
	if f.hub.isOperator(req.sender) {
		for _, b := range f.hub.bridges {
			for _, c := range b.commands(false) {
				fmt.Fprintf(&text, "* `%s %s` – %s\n", b.network.ID, strings.TrimSpace(c.Name+" "+c.Args), c.Help)
			}
		}
	}
	fmt.Fprintf(&text, "\nIn a customer's room write `%s help`.", CommandPrefix)
	return text.String(), nil
}

func (f *front) channels(ctx context.Context, _ request) (string, error) {
	var text strings.Builder
	for _, b := range f.hub.bridges {
		logins, err := b.logins(ctx)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "* **%s** (`%s`): %s\n", b.network.DisplayName, b.network.ID, count(len(logins), "account"))
	}
	if text.Len() == 0 {
		return "No network is configured.", nil
	}
	return text.String() + "\nConnect one with `login <network>`.", nil
}

func (f *front) listLogins(ctx context.Context, _ request) (string, error) {
	var lines []string
	for _, b := range f.hub.bridges {
		logins, err := b.logins(ctx)
		if err != nil {
			return "", err
		}
		for _, login := range logins {
			lines = append(lines, fmt.Sprintf("* `%s` `%s` – %s – %s", b.network.ID, login.ID, network.Plain(login.RemoteName), b.stateWords(login)))
		}
	}
	if len(lines) == 0 {
		return "No account is connected yet. An operator connects one with `login <network>`.", nil
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n"), nil
}

func (f *front) status(ctx context.Context, req request) (string, error) {
	logins, err := f.listLogins(ctx, req)
	if err != nil {
		return "", err
	}
	counts, err := f.hub.Journal.Counts(ctx)
	if err != nil {
		return "", fmt.Errorf("count the journal: %w", err)
	}
	waiting, failed := waitingAndFailed(counts)
	return fmt.Sprintf("%s\n\nJournal: %d waiting, %d set aside as failed.", logins, waiting, failed), nil
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
