package hub

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// roomCommand is one word that Puente understands in a customer's room.
type roomCommand struct {
	name, args, help string
	open             bool // for everybody in the room, guests too
	run              func(ctx context.Context, h *Hub, req request) (answer string, err error)
}

// isFor tells whether the user may give the command.
func (c roomCommand) isFor(h *Hub, user id.UserID) bool { return c.open || h.isTeam(user) }

func roomCommands(b *hosted) []roomCommand {
	list := []roomCommand{
		{"help", "", "this list", true, helpInRoom},
		{"note", "<text>", "write something that stays among you, with a file too", true, func(ctx context.Context, _ *Hub, req request) (string, error) {
			return "", req.bridge.lock(ctx, req.room, req.event)
		}},
		{"templates", "", "the approved templates", false, listTemplates},
		{"template", "<name> [language] [value | value …]", "send an approved template; as a reply to a picture, video, file or location it takes that for its header", false, sendTemplate},
		{"buttons", "<question> | <answer> | <answer>", "ask with up to three buttons", false, sendButtons},
		{"list", "<question> | <button> | <answer> | <answer> …", "ask with a list of up to ten answers", false, sendList},
	}
	if b.matrix.Crypto != nil {
		list = append(list, roomCommand{"encrypt", "", "encrypt this room; it cannot be undone", false, encryptRoom})
	}
	for _, command := range b.commands(true) {
		list = append(list, b.bridgeCommand(command))
	}
	for _, verb := range b.hub.verbs(func(v channel.Verb) bool { return v.Room }) {
		list = append(list, roomCommand{verb.Name, verb.Args, verb.Help, false, deskCommand(verb)})
	}
	return list
}

// handleRoomCommand answers a command in a customer's room. It never reaches the customer.
func (h *Hub) handleRoomCommand(ctx context.Context, b *hosted, evt *event.Event, text string) error {
	if err := h.notes.keep(ctx, evt.RoomID, evt.ID); err != nil {
		return err
	}
	if evt.Content.AsMessage().RelatesTo.GetReplaceID() != "" {
		return b.answerCommand(ctx, evt, "Commands cannot be edited into a message. Nothing was sent; write it anew.")
	}
	name, rest := text, ""
	if end := strings.IndexFunc(text, unicode.IsSpace); end >= 0 {
		name, rest = text[:end], text[end:]
	}
	if name == "" {
		name = "help"
	}
	list := roomCommands(b)
	index := slices.IndexFunc(list, func(c roomCommand) bool { return strings.EqualFold(c.name, name) })
	answer := "I do not know that command. Nothing was sent to the customer. Write `" + CommandPrefix + " help`."
	if index >= 0 && !list[index].isFor(h, evt.Sender) {
		answer = onlyTeam
	} else if index >= 0 {
		req := request{
			sender: evt.Sender, room: evt.RoomID, event: evt.ID, at: sentAt(evt), bridge: b, rest: strings.TrimSpace(rest), mentions: mentionsIn(evt),
			args: []string{evt.Content.AsMessage().RelatesTo.GetReplyTo().String()},
		}
		var err error
		if answer, err = list[index].run(ctx, h, req); err != nil {
			if _, again := errs.IsTemporary(err); again {
				return err
			}
			b.log.Info().Err(err).Str("command", list[index].name).Msg("Command in a room failed")
			answer = "Nothing was sent: " + reasonOf(err)
		}
	}
	if answer == "" {
		return nil
	}
	return b.answerCommand(ctx, evt, answer)
}

func (b *hosted) answerCommand(ctx context.Context, evt *event.Event, answer string) error {
	return b.answerTo(ctx, evt, evt.ID, answer)
}

// answerTo says what came of what one of the team did, as a reply to an event if it is not empty.
func (b *hosted) answerTo(ctx context.Context, evt *event.Event, to id.EventID, answer string) error {
	if err := b.answer(withTxn(ctx, "command", evt.ID.String()), evt.RoomID, to, answer); err != nil {
		return errs.Temporary(err, 0)
	}
	return nil
}

func helpInRoom(_ context.Context, h *Hub, req request) (string, error) {
	var text strings.Builder
	text.WriteString("In this room (the customer sees none of this):\n")
	for _, c := range roomCommands(req.bridge) {
		if !c.isFor(h, req.sender) {
			continue
		}
		fmt.Fprintf(&text, "%s – %s\n", strings.TrimSpace(CommandPrefix+" "+c.name+" "+c.args), c.help)
	}
	return text.String(), nil
}

// templates returns the templates of the account that the room belongs to.
func (b *hosted) templates(ctx context.Context, room id.RoomID) ([]channel.Template, error) {
	templater, ok := b.connector.(network.Templater)
	if !ok {
		return nil, errs.Tell(fmt.Errorf("templates on %s: %w", b.network.ID, errs.ErrUnsupported), b.network.DisplayName+" has no templates.")
	}
	login, err := b.loginOf(ctx, room)
	if err != nil {
		return nil, err
	}
	return templater.Templates(ctx, login)
}

func (b *hosted) loginOf(ctx context.Context, room id.RoomID) (*bridgev2.UserLogin, error) {
	portal, err := b.bridge.GetPortalByMXID(ctx, room)
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("find the conversation: %w", err), 0)
	} else if portal == nil {
		return nil, fmt.Errorf("conversation of %s: %w", room, errs.ErrNotFound)
	}
	login := b.bridge.GetCachedUserLoginByID(portal.Receiver)
	if login == nil {
		return nil, errs.Tell(fmt.Errorf("account of %s: %w", room, errs.ErrNotFound), "the account of this conversation is no longer connected; an operator can log in again.")
	}
	return login, nil
}

func listTemplates(ctx context.Context, _ *Hub, req request) (string, error) {
	list, err := req.bridge.templates(ctx, req.room)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, t := range list {
		if t.Status != "APPROVED" {
			continue
		}
		fmt.Fprintf(&text, "%s %s (%s", t.Name, t.Language, strings.ToLower(t.Category))
		if n := wantedValues(t); n > 0 {
			fmt.Fprintf(&text, ", %s", count(n, "value"))
		}
		if t.Header.Kind != "" && t.Header.Kind != "TEXT" {
			fmt.Fprintf(&text, ", with %s", strings.ToLower(t.Header.Kind))
		}
		fmt.Fprintf(&text, "): %s\n", strings.Join(strings.Fields(t.Body), " "))
	}
	if text.Len() == 0 {
		return "There are no approved templates on this account.", nil
	}
	return text.String(), nil
}

func sendTemplate(ctx context.Context, h *Hub, req request) (string, error) {
	list, err := req.bridge.templates(ctx, req.room)
	if err != nil {
		return "", err
	}
	template, values, err := pickTemplate(list, req.rest)
	if err != nil {
		return "", err
	}
	content := fillTemplate(template, values)
	msg := &event.MessageEventContent{MsgType: event.MsgText, Body: template.Render(content.Header, content.Variables)}
	if err = req.bridge.attachHeader(ctx, req, template, msg, &content); err != nil {
		return "", err
	}
	return "", h.say(ctx, req, msg, network.TemplateKey, content)
}

// wantedValues is how many values a template wants: for its header, its body and its buttons, in this order.
func wantedValues(t channel.Template) int {
	return len(t.HeaderVariables()) + len(t.Variables()) + len(t.ButtonVariables())
}

// fillTemplate gives each value its place.
func fillTemplate(t channel.Template, values []string) network.TemplateContent {
	header, body := len(t.HeaderVariables()), len(t.Variables())
	content := network.TemplateContent{
		Name: t.Name, Language: t.Language, Header: values[:header], Variables: values[header : header+body],
	}
	for i, place := range t.ButtonVariables() {
		for len(content.Buttons) <= place {
			content.Buttons = append(content.Buttons, "")
		}
		content.Buttons[place] = values[header+body+i]
	}
	return content
}

// pickTemplate reads "<name> [language] [value | value …]".
func pickTemplate(list []channel.Template, text string) (channel.Template, []string, error) {
	name, rest, _ := strings.Cut(text, " ")
	var found []channel.Template
	for _, t := range list {
		if t.Name == name && t.Status == "APPROVED" {
			found = append(found, t)
		}
	}
	rest = strings.TrimSpace(rest)
	if first, after, _ := strings.Cut(rest, " "); first != "" {
		for _, t := range found {
			if strings.EqualFold(t.Language, first) {
				found, rest = []channel.Template{t}, strings.TrimSpace(after)
				break
			}
		}
	}
	switch {
	case name == "":
		return channel.Template{}, nil, errs.Tell(fmt.Errorf("template: %w", errs.ErrInvalid), "name the template; `"+CommandPrefix+" templates` lists them.")
	case len(found) == 0:
		return channel.Template{}, nil, errs.Tell(fmt.Errorf("template: %w", errs.ErrNotFound), "there is no approved template of that name; `"+CommandPrefix+" templates` lists them.")
	case len(found) > 1:
		return channel.Template{}, nil, errs.Tell(fmt.Errorf("template: %w", errs.ErrInvalid), "the template exists in several languages; write the language behind the name.")
	}
	values := splitValues(rest)
	if want := wantedValues(found[0]); len(values) != want {
		return channel.Template{}, nil, errs.Tell(fmt.Errorf("template: %w", errs.ErrInvalid),
			fmt.Sprintf("the template wants %s and got %d; separate them by |.", count(want, "value"), len(values)))
	}
	return found[0], values, nil
}

func splitValues(text string) []string {
	if text == "" {
		return nil
	}
	values := strings.Split(text, "|")
	for i := range values {
		values[i] = strings.TrimSpace(values[i])
	}
	return values
}

var headerTypes = map[string]event.MessageType{
	"IMAGE": event.MsgImage, "VIDEO": event.MsgVideo, "DOCUMENT": event.MsgFile, "LOCATION": event.MsgLocation,
}

// attachHeader takes the file or the place that the command replied to for the template's header.
func (b *hosted) attachHeader(
	ctx context.Context, req request, template channel.Template, msg *event.MessageEventContent, content *network.TemplateContent,
) error {
	wanted, needed := headerTypes[template.Header.Kind]
	if !needed {
		return nil
	}
	tell := func(err error) error { return errs.Tell(err, headerMend(template.Header)) }
	if req.args[0] == "" {
		return tell(fmt.Errorf("template header: %w", errs.ErrInvalid))
	}
	evt, err := b.bridge.Bot.GetEvent(ctx, req.room, id.EventID(req.args[0]))
	if err != nil {
		return errs.Temporary(fmt.Errorf("read what a template is to start with: %w", err), 0)
	}
	said := evt.Content.AsMessage()
	if said.MsgType != wanted {
		return tell(fmt.Errorf("template header is a %s: %w", said.MsgType, errs.ErrInvalid))
	} else if wanted == event.MsgLocation {
		content.Place = &network.Place{GeoURI: said.GeoURI, Body: said.Body}
		msg.Body = "📍 " + said.Body + "\n\n" + msg.Body
		return nil
	}
	msg.MsgType, msg.URL, msg.File, msg.Info, msg.FileName = said.MsgType, said.URL, said.File, said.Info, said.GetFileName()
	return nil
}

// headerMend says how a template gets what it starts with. A file has words that can make it a note; a place has none, and
// stays among the team where it is about a note.
func headerMend(header channel.TemplateHeader) string {
	how := "put one into the room by a message that starts with " + CommandPrefix + " note"
	if header.Kind == "LOCATION" {
		how = "take one that was sent in this room, or share one in the thread of a note"
	}
	return fmt.Sprintf("the template starts with a %s: %s, then reply to it with the command.", header.Attachment(), how)
}

func sendButtons(ctx context.Context, h *Hub, req request) (string, error) {
	parts := splitValues(req.rest)
	if len(parts) < 2 || len(parts) > 4 {
		return "", errs.Tell(fmt.Errorf("buttons: %w", errs.ErrInvalid), "write the question and one to three answers, separated by |.")
	}
	return "", h.ask(ctx, req, network.ChoicesContent{Body: parts[0], Choice: choices(parts[1:])})
}

func sendList(ctx context.Context, h *Hub, req request) (string, error) {
	parts := splitValues(req.rest)
	if len(parts) < 3 || len(parts) > 12 {
		return "", errs.Tell(fmt.Errorf("list: %w", errs.ErrInvalid), "write the question, the words on the button and one to ten answers, separated by |.")
	}
	return "", h.ask(ctx, req, network.ChoicesContent{Body: parts[0], Open: parts[1], Choice: choices(parts[2:])})
}

func choices(titles []string) []network.Choice {
	list := make([]network.Choice, len(titles))
	for i, title := range titles {
		list[i] = network.Choice{ID: fmt.Sprintf("choice-%d", i+1), Title: title}
	}
	return list
}

func (h *Hub) ask(ctx context.Context, req request, content network.ChoicesContent) error {
	return h.say(ctx, req, &event.MessageEventContent{MsgType: event.MsgText, Body: choicesText(content)}, network.ChoicesKey, content)
}

// choicesText is a question with its answers for people who see only text.
func choicesText(content network.ChoicesContent) string {
	text := content.Body + "\n"
	for _, choice := range content.Choice {
		text += fmt.Sprintf("\n[%s]", choice.Title)
	}
	return text
}

// say writes for whoever gave a command.
func (h *Hub) say(ctx context.Context, req request, msg *event.MessageEventContent, key string, content any) error {
	_, err := req.bridge.write(ctx, req.room, req.event.String(), msg, map[string]any{key: content, network.AuthorKey: req.sender.String()})
	return err
}

// write writes into a room as the business's own user; from there the message takes the way of every other. What is
// written under a key is written once.
func (b *hosted) write(ctx context.Context, room id.RoomID, key string, msg *event.MessageEventContent, raw map[string]any) (id.EventID, error) {
	msg.Mentions = &event.Mentions{}
	return b.writeEvent(ctx, room, key, event.EventMessage, &event.Content{Parsed: msg, Raw: raw})
}

// writeEvent is write for any type of event. What the homeserver refuses for good, such as a reaction that is there
// already, is an errs.ErrUnsupported or errs.ErrNotFound, and nothing waits for it.
func (b *hosted) writeEvent(ctx context.Context, room id.RoomID, key string, kind event.Type, content *event.Content) (id.EventID, error) {
	desk := &matrix.ASIntent{Matrix: b.matrix.AS.Intent(b.hub.Desk()), Connector: b.matrix.Connector}
	if err := desk.EnsureJoined(ctx, room); err != nil {
		return "", asked(fmt.Errorf("enter the room: %w", err))
	}
	sent, err := b.sendMessage(withTxn(ctx, "say", key), desk, room, kind, content, nil)
	if err != nil {
		return "", asked(fmt.Errorf("write into the room: %w", err))
	}
	return sent.EventID, nil
}
