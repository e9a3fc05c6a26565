package inbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
)

// Canned is an answer that is written once and sent often. ref: reference/field-map.md, canned response
type Canned struct {
	Team      string // whose it is; empty: everybody's
	ShortCode string
	Content   string // Markdown with variables such as {{customer.name}}
}

const (
	cannedColumns = `SELECT team, short_code, content FROM pu_canned_response `
	cannedList    = cannedColumns + `ORDER BY short_code, team`
	// A team's own goes before everybody's.
	cannedByCode = cannedColumns + `WHERE short_code=$1 AND team IN ('', $2) ORDER BY team DESC LIMIT 1`
	keepCanned   = `INSERT INTO pu_canned_response (team, short_code, content, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (team, short_code) DO UPDATE SET content=excluded.content, changed_by=excluded.changed_by, changed_at=excluded.changed_at`
	dropCanned = `DELETE FROM pu_canned_response WHERE team=$1 AND short_code=$2`
)

var shortCode = regexp.MustCompile(`^[a-z0-9_-]{1,32}$`)

// mostCanned is how long a canned response may be, in bytes.
const mostCanned = 4000

// KeepCanned writes a canned response, or replaces it.
func (i *Inbox) KeepCanned(ctx context.Context, canned Canned, by string) error {
	switch {
	case !shortCode.MatchString(canned.ShortCode):
		return errs.Tell(fmt.Errorf("short code: %w", errs.ErrInvalid), "a short code is up to 32 lower-case letters, digits, - and _.")
	case strings.TrimSpace(canned.Content) == "":
		return errs.Tell(fmt.Errorf("canned response: %w", errs.ErrInvalid), "write the text behind the short code.")
	case len(canned.Content) > mostCanned:
		return errs.Tell(fmt.Errorf("canned response: %w", errs.ErrTooLarge), fmt.Sprintf("it is too long; %d bytes are the most.", mostCanned))
	}
	for _, name := range variablesIn(canned.Content) {
		if !knownVariable(name) {
			return errs.Tell(fmt.Errorf("variable of a canned response: %w", errs.ErrInvalid), "there is no variable {{"+name+"}}. There are "+variableHelp+".")
		}
	}
	return i.cannedDeed(ctx, "canned_response.written", canned, by, keepCanned, canned.Team, canned.ShortCode, canned.Content, by, i.store.now())
}

// DropCanned deletes a canned response.
func (i *Inbox) DropCanned(ctx context.Context, canned Canned, by string) error {
	return i.cannedDeed(ctx, "canned_response.deleted", canned, by, dropCanned, canned.Team, canned.ShortCode)
}

func (i *Inbox) cannedDeed(ctx context.Context, action string, canned Canned, by, query string, args ...any) error {
	return i.store.txn(ctx, func(ctx context.Context) error {
		changed, err := i.store.exec(ctx, "change a canned response", query, args...)
		if err != nil {
			return err
		} else if !changed {
			return errs.Tell(fmt.Errorf("canned response: %w", errs.ErrNotFound), "there is no such short code; `!puente canned` lists them.")
		}
		err = i.Audit.Write(ctx, audit.Entry{
			At: i.Clock.Now(), Actor: by, Action: action, Object: "canned_response", ObjectID: canned.ShortCode, After: audit.Facts{"team": canned.Team},
		})
		return errs.Temporary(err, 0)
	})
}

// Canned lists the canned responses.
func (i *Inbox) Canned(ctx context.Context) ([]Canned, error) {
	rows, err := i.store.db.Query(ctx, cannedList)
	list, err := dbutil.NewRowIterWithError(rows, scanCanned, err).AsList()
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("list the canned responses: %w", err), 0)
	}
	return list, nil
}

func scanCanned(row dbutil.Scannable) (c Canned, err error) {
	return c, row.Scan(&c.Team, &c.ShortCode, &c.Content)
}

// SayCanned sends a canned response with its variables filled in. What cannot be filled in is named, and nothing is sent.
func (i *Inbox) SayCanned(ctx context.Context, c *Conversation, code string, by channel.Party, key string) error {
	canned, err := scanCanned(i.store.db.QueryRow(ctx, cannedByCode, strings.ToLower(code), c.Team))
	if errors.Is(err, sql.ErrNoRows) {
		return errs.Tell(fmt.Errorf("canned response: %w", errs.ErrNotFound), "there is no such short code; `!puente canned` lists them.")
	} else if err != nil {
		return errs.Temporary(fmt.Errorf("find a canned response: %w", err), 0)
	}
	text, err := i.fill(ctx, canned.Content, c, by)
	if err != nil {
		return err
	}
	_, err = i.Rooms.Send(ctx, c.Ref, channel.Message{Key: key, By: by.ID, Text: text})
	return err
}

var variable = regexp.MustCompile(`\{\{\s*([A-Za-z0-9_.]+)\s*\}\}`)

const variableHelp = "{{customer.name}}, {{customer.first_name}}, {{customer.language}}, {{customer.attribute.…}}, {{agent.name}} and {{agent.first_name}}"

func variablesIn(text string) (names []string) {
	for _, match := range variable.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, match[1]) {
			names = append(names, match[1])
		}
	}
	return names
}

func knownVariable(name string) bool {
	switch name {
	case "customer.name", "customer.first_name", "customer.language", "agent.name", "agent.first_name":
		return true
	}
	attribute, ok := strings.CutPrefix(name, "customer.attribute.")
	return ok && attribute != ""
}

// fill puts the values in the places of a text's variables.
func (i *Inbox) fill(ctx context.Context, text string, c *Conversation, by channel.Party) (string, error) {
	values := map[string]string{"agent.name": by.Name, "agent.first_name": firstName(by.Name), "customer.name": c.Name, "customer.first_name": firstName(c.Name)}
	if c.Customer != "" {
		who, err := i.Customers.Get(ctx, c.Customer)
		if err != nil {
			return "", err
		}
		values["customer.name"], values["customer.first_name"], values["customer.language"] = who.Name, firstName(who.Name), who.Language
		for key, value := range who.Attributes {
			values["customer.attribute."+key] = value
		}
	}
	var missing []string
	for _, name := range variablesIn(text) {
		if values[name] == "" {
			missing = append(missing, "{{"+name+"}}")
		}
	}
	if len(missing) > 0 {
		return "", errs.Tell(fmt.Errorf("variables of a canned response: %w", errs.ErrNotFound), "nothing is known for "+strings.Join(missing, ", ")+".")
	}
	return variable.ReplaceAllStringFunc(text, func(found string) string { return Plain(values[variable.FindStringSubmatch(found)[1]]) }), nil
}

func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}
