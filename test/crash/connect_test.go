package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"puente/core/base/errs"
)

// loginStep is what the provisioning API answers while a login is under way.
type loginStep struct {
	LoginID      string `json:"login_id"`
	Type         string `json:"type"`
	StepID       string `json:"step_id"`
	Instructions string `json:"instructions"`
}

// shownToken is where the login of a system shows the token.
var shownToken = regexp.MustCompile("API token: `([^`]+)`")

// connect logs the business's accounts in, as an operator's own tool does.
func (w *world) connect(ctx context.Context) error {
	for _, p := range w.providers {
		said, err := w.login(ctx, p.id, p.flow, p.fields)
		if err != nil {
			return fmt.Errorf("connect %s: %w", p.id, err)
		}
		if p.connected == nil {
			continue
		}
		found := shownToken.FindStringSubmatch(said)
		if found == nil {
			return fmt.Errorf("the token in what the login of %s shows: %w", p.id, errs.ErrNotFound)
		}
		p.connected(found[1])
	}
	return nil
}

// login goes through a flow of one step and returns what is said at its end.
func (w *world) login(ctx context.Context, network, flow string, fields map[string]string) (string, error) {
	base := "http://" + w.listen + "/" + network + "/_matrix/provision/v3/login"
	var step loginStep
	if err := provision(ctx, base+"/start/"+flow, nil, &step); err != nil {
		return "", fmt.Errorf("begin to log in: %w", err)
	}
	path := "/step/" + url.PathEscape(step.LoginID) + "/" + url.PathEscape(step.StepID) + "/" + url.PathEscape(step.Type)
	if err := provision(ctx, base+path, fields, &step); err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	return step.Instructions, nil
}

func provision(ctx context.Context, address string, body, into any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+sharedWord)
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answered, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	} else if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s: %s", resp.Status, answered)
	}
	return json.Unmarshal(answered, into)
}
