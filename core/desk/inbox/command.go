package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
)

// commands are the inbox's.
func (i *Inbox) commands() []Verb {
	room := func(name, args, help string, run Do) Verb {
		return Verb{channel.Verb{Name: name, Args: args, Help: help, Room: true}, run}
	}
	anywhere := func(name, args, help string, run Do) Verb {
		return Verb{channel.Verb{Name: name, Args: args, Help: help, Room: true, Chat: true}, run}
	}
	return []Verb{
		room("claim", "", "take this conversation, if it is nobody's", i.claim),
		room("assign", "<colleague | me | team …>", "give it to somebody, or to a team", i.assign),
		room("release", "", "give it back: it is nobody's then", i.releaseIt),
		room("resolve", "[category] [| summary]", "the work is done, until the customer writes again", i.resolve),
		room("snooze", "[2h | tomorrow 9:00 | monday | forever]", "put it aside for a time; a message of the customer opens it", i.snooze),
		room("open", "", "open it again", i.open),
		room("pending", "", "leave it to the bot", i.pending),
		room("label", "<label> … -<label> …", "add labels, or take them off with a -", i.label),
		room("priority", "low | medium | high | urgent | none", "how urgent it is", i.priority),
		room("say", "<short code>", "send a canned response", i.say),
		room("guest", "[<user ID> <2h | tomorrow 18:00 | end>]", "let somebody from outside take part for a time", i.guest),
		room("history", "", "what was done to this conversation, and by whom", i.history),
		anywhere("canned", "[add <short code> <text> | remove <short code>]", "the canned responses", i.canned),
		anywhere("online", "", "you are there, and are given conversations", i.beThere(Online)),
		anywhere("busy", "", "you work, and are given nothing more", i.beThere(Busy)),
		anywhere("offline", "", "you are not there; what you have goes back to the queue", i.beThere(Offline)),
		anywhere("auto", "", "your client shows whether you are there", i.beThere("")),
		{channel.Verb{Name: "queue", Help: "what is nobody's, the longest waiting first", Room: false, Chat: true}, i.queue},
		{channel.Verb{Name: "mine", Help: "your open conversations", Chat: true}, i.mine},
		{channel.Verb{Name: "team", Help: "who is there, and what each has to do", Room: true, Chat: true}, i.showTeam},
	}
}

// cutWord parts a text behind its first word.
func cutWord(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		return text, ""
	}
	return text[:end], strings.TrimSpace(text[end:])
}

func (i *Inbox) claim(ctx context.Context, cmd channel.Command, c *Conversation) (string, error) {
	return "", i.Claim(ctx, c.ID, cmd.By.ID)
}

// assign understands a colleague by name or mention, "me", and a team.
func (i *Inbox) assign(ctx context.Context, cmd channel.Command, c *Conversation) (string, error) {
	text := strings.TrimSpace(cmd.Text)
	word, name := cutWord(text)
	switch {
	case strings.EqualFold(word, "team") && name != "":
		team, ok := i.team(name)
		if !ok {
			return "", i.noTeam(name)
		}
		return "", i.Transfer(ctx, c.ID, team.Name, cmd.By.ID)
	case strings.EqualFold(text, "me"):
		return "", i.Assign(ctx, c.ID, cmd.By.ID, cmd.By.ID)
	case len(cmd.Mentions) == 1:
		text = cmd.Mentions[0]
	case text == "":
		return "", errs.Tell(fmt.Errorf("assign: %w", errs.ErrInvalid), "write to whom: `!puente assign me`, `!puente assign Bob` or `!puente assign team sales`.")
	}
	agent, err := i.agents.named(ctx, text)
	if err != nil {
		return "", err
	}
	return "", i.Assign(ctx, c.ID, agent.ID, cmd.By.ID)
}

func (i *Inbox) noTeam(name string) error {
	list := make([]string, len(i.Teams))
	for n, team := range i.Teams {
		list[n] = team.Name
	}
	words := "there are no teams; they are named under `desk.teams` in Puente's config."
	if len(list) > 0 {
		words = "there is no such team. There are: " + strings.Join(list, ", ") + "."
	}
	return errs.Tell(fmt.Errorf("team %q: %w", name, errs.ErrNotFound), words)
}

func (i *Inbox) releaseIt(ctx context.Context, cmd channel.Command, c *Conversation) (string, error) {
	return "", i.Assign(ctx, c.ID, "", cmd.By.ID)
}

func (i *Inbox) resolve(ctx context.Context, cmd channel.Command, c *Conversation) (string, error) {
	category, summary, _ := strings.Cut(cmd.Text, "|")
	return "", i.Resolve(ctx, c.ID, Ending{Category: strings.TrimSpace(category), Summary: strings.TrimSpace(summary)}, cmd.By.ID)
}

func (i *Inbox) snooze(ctx context.Context, cmd channel.Command, c *Conversation) (string, error) {
	if text := strings.TrimSpace(cmd.Text); strings.EqualFold(text, "forever") {
		return "", i.Snooze(ctx, c.ID, time.Time{}, cmd.By.ID)
	}
	until, ok := readUntil(cmd.Text, cmd.At, i.zone())
	if !ok {
		return "", errs.Tell(fmt.Errorf("snooze: %w", errs.ErrInvalid), "I do not understand that time. Write 30m, 2h, 3d, 18:00, tomorrow, tomorrow 14:30, monday 9:00 or 2026-12-24 10:00.")
	}
	return "", i.Snooze(ctx, c.ID, until, cmd.By.ID)
}

func (i *Inbox) open(ctx context.Context, cmd channel.Command, c *Conversation) (string, error) {
	return "", i.Reopen(ctx, c.ID, cmd.By.ID)
}

func (i *Inbox) pending(ctx context.Context, cmd channel.Command, c *Conversation) (string, error) {
	return "", i.Suspend(ctx, c.ID, cmd.By.ID)
}

func (i *Inbox) label(ctx context.Context, cmd channel.Command, c *Conversation) (string, error) {
	var add, remove []string
	for _, word := range strings.Fields(strings.ToLower(strings.ReplaceAll(cmd.Text, ",", " "))) {
		if off, ok := strings.CutPrefix(word, "-"); ok {
			remove = append(remove, off)
		} else {
			add = append(add, strings.TrimPrefix(word, "+"))
		}
	}
	if len(add)+len(remove) == 0 {
		return "", errs.Tell(fmt.Errorf("label: %w", errs.ErrInvalid), "write the labels: `!puente label refund vip -new`.")
	}
	return "", i.Label(ctx, c.ID, add, remove, cmd.By.ID)
}

func (i *Inbox) priority(ctx context.Context, cmd channel.Command, c *Conversation) (string, error) {
	word := Priority(strings.ToLower(strings.TrimSpace(cmd.Text)))
	if word == "none" {
		word = ""
	} else if word == "" {
		word = "?"
	}
	return "", i.SetPriority(ctx, c.ID, word, cmd.By.ID)
}

func (i *Inbox) say(ctx context.Context, cmd channel.Command, c *Conversation) (string, error) {
	return "", i.SayCanned(ctx, c, strings.TrimSpace(cmd.Text), cmd.By, cmd.ID)
}

// canned lists, writes and deletes canned responses. Those of a team are written as <team>/<short code>.
func (i *Inbox) canned(ctx context.Context, cmd channel.Command, _ *Conversation) (string, error) {
	word, rest := cutWord(cmd.Text)
	code, content := cutWord(rest)
	canned := Canned{ShortCode: strings.ToLower(code), Content: content}
	if name, short, ok := strings.Cut(canned.ShortCode, "/"); ok {
		team, known := i.team(name)
		if !known {
			return "", i.noTeam(name)
		}
		canned.Team, canned.ShortCode = team.Name, short
	}
	switch word {
	case "":
		return i.listCanned(ctx)
	case "add":
		return "Kept. Send it with `!puente say " + canned.ShortCode + "`.", i.KeepCanned(ctx, canned, cmd.By.ID)
	case "remove":
		return "Deleted.", i.DropCanned(ctx, canned, cmd.By.ID)
	}
	return "", errs.Tell(fmt.Errorf("canned: %w", errs.ErrInvalid), "write `!puente canned`, `!puente canned add <short code> <text>` or `!puente canned remove <short code>`.")
}

func (i *Inbox) listCanned(ctx context.Context) (string, error) {
	list, err := i.Canned(ctx)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, one := range list {
		code := one.ShortCode
		if one.Team != "" {
			code = one.Team + "/" + code
		}
		lines = append(lines, code+" – "+strings.Join(strings.Fields(one.Content), " "))
	}
	if len(lines) == 0 {
		return "There are no canned responses yet. Write one with `!puente canned add <short code> <text>`; it may hold " + variableHelp + ".", nil
	}
	return strings.Join(lines, "\n"), nil
}

func (i *Inbox) beThere(said Availability) func(context.Context, channel.Command, *Conversation) (string, error) {
	answer := map[Availability]string{
		Online: "You are online.", Busy: "You are busy: you are given nothing more.", Offline: "You are offline.", "": "Your client shows whether you are there.",
	}[said]
	if said == Offline && i.OfflineGrace > 0 {
		answer = fmt.Sprintf("You are offline. What you have goes back to the queue in %s.", i.OfflineGrace)
	}
	return func(ctx context.Context, cmd channel.Command, _ *Conversation) (string, error) {
		return answer, i.SetAvailability(ctx, cmd.By.ID, said)
	}
}

// mostHistory is how many deeds a history shows.
const mostHistory = 15

// history is what was done to a conversation and to its customer, the newest first.
func (i *Inbox) history(ctx context.Context, _ channel.Command, c *Conversation) (string, error) {
	entries, err := i.Audit.Of(ctx, "conversation", c.ID, mostHistory)
	if err == nil && c.Customer != "" {
		var more []audit.Entry
		more, err = i.Audit.Of(ctx, "customer", c.Customer, mostHistory)
		entries = append(entries, more...)
	}
	if err != nil {
		return "", errs.Temporary(err, 0)
	}
	if len(entries) == 0 {
		return "Nothing was done to this conversation yet.", nil
	}
	slices.SortStableFunc(entries, func(a, b audit.Entry) int { return b.At.Compare(a.At) })
	entries = entries[:min(len(entries), mostHistory)]
	lines := make([]string, len(entries))
	for n, entry := range entries {
		what := strings.TrimPrefix(entry.Action, "conversation.")
		what = strings.NewReplacer(".", " ", "_", " ").Replace(what)
		lines[n] = fmt.Sprintf("%s  %s: %s%s", i.showTime(entry.At), i.actor(ctx, entry.Actor, c), what, i.showFacts(ctx, entry.After))
	}
	return strings.Join(lines, "\n"), nil
}

// actor is what the team calls who did something.
func (i *Inbox) actor(ctx context.Context, actor string, c *Conversation) string {
	switch actor {
	case audit.Puente:
		return "Puente"
	case c.Customer:
		return "the customer"
	}
	return i.agents.name(ctx, actor)
}

func (i *Inbox) showFacts(ctx context.Context, facts audit.Facts) string {
	var parts []string
	for _, name := range []string{"assignee", "team", "priority", "labels", "guest"} {
		switch value := facts[name].(type) {
		case string:
			if name == "assignee" {
				value = i.agents.name(ctx, value)
			}
			parts = append(parts, value)
		case []any:
			for _, one := range value {
				parts = append(parts, fmt.Sprint(one))
			}
		}
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
