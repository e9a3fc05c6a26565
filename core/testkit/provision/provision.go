// Package provision logs the business's accounts in as an operator's own tool does: by bridgev2's provisioning API, with the
// shared secret.
package provision

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Client speaks with a running Puente about the accounts on one network.
type Client struct {
	Puente  string // its address, without a slash at the end
	Network string // its ID
	Secret  string // provisioning.shared_secret of the config
}

// mostAnswered bounds an answer, in bytes.
const mostAnswered = 1 << 20

// Logins lists the IDs of the accounts that are logged in.
func (c Client) Logins(ctx context.Context) ([]string, error) {
	var known struct {
		LoginIDs []string `json:"login_ids"`
	}
	if err := c.call(ctx, http.MethodGet, "/logins", nil, &known); err != nil {
		return nil, fmt.Errorf("list the logins: %w", err)
	}
	return known.LoginIDs, nil
}

// LogIn goes through a login flow of one step, which takes of the fields what it wants, and returns what is said at its end.
func (c Client) LogIn(ctx context.Context, flow string, fields map[string]string) (said string, err error) {
	var step struct {
		LoginID      string `json:"login_id"`
		Type         string `json:"type"`
		StepID       string `json:"step_id"`
		Instructions string `json:"instructions"`
	}
	if err = c.call(ctx, http.MethodPost, "/login/start/"+flow, nil, &step); err != nil {
		return "", fmt.Errorf("begin to log in: %w", err)
	}
	path := "/login/step/" + url.PathEscape(step.LoginID) + "/" + url.PathEscape(step.StepID) + "/" + url.PathEscape(step.Type)
	if err = c.call(ctx, http.MethodPost, path, fields, &step); err != nil {
		return "", fmt.Errorf("log in: %w", err)
	} else if step.Type != "complete" {
		return "", fmt.Errorf("log in: the login wants another step, %s", step.Type)
	}
	return step.Instructions, nil
}

func (c Client) call(ctx context.Context, method, path string, body, into any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode the request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.Puente+"/"+c.Network+"/_matrix/provision/v3"+path, bytes.NewReader(encoded))
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Secret)
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswered))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s: %s", resp.Status, answer)
	}
	if err = json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("decode the answer: %w", err)
	}
	return nil
}
