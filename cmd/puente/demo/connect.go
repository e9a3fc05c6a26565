package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// provisioner logs accounts in as an operator's own tool does: by bridgev2's provisioning API, with the shared secret.
type provisioner struct {
	base   string // up to and with /v3
	secret string
	client *http.Client
}

// loginStep is what the API answers while a login is under way.
type loginStep struct {
	LoginID string `json:"login_id"`
	Type    string `json:"type"`
	StepID  string `json:"step_id"`
}

// connect logs the emulated number in, unless an earlier run has.
func (w *world) connect(ctx context.Context) error {
	p := provisioner{
		base:   w.puente.Hub.URL() + "/whatsapp/_matrix/provision/v3",
		secret: w.kept.ProvisioningSecret,
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}},
	}
	var known struct {
		LoginIDs []string `json:"login_ids"`
	}
	if err := p.call(ctx, http.MethodGet, "/logins", nil, &known); err != nil {
		return fmt.Errorf("list the logins: %w", err)
	} else if slices.Contains(known.LoginIDs, phoneNumberID) {
		return nil
	}
	return p.logIn(ctx, map[string]string{
		"phone_number_id": phoneNumberID, "waba_id": wabaID, "access_token": w.kept.AccessToken,
	})
}

// logIn goes through the login flow, whose one question takes all the fields.
func (p provisioner) logIn(ctx context.Context, fields map[string]string) error {
	var step loginStep
	if err := p.call(ctx, http.MethodPost, "/login/start/token", nil, &step); err != nil {
		return fmt.Errorf("begin to log the number in: %w", err)
	}
	path := "/login/step/" + url.PathEscape(step.LoginID) + "/" + url.PathEscape(step.StepID) + "/" + url.PathEscape(step.Type)
	if err := p.call(ctx, http.MethodPost, path, fields, &step); err != nil {
		return fmt.Errorf("log the number in: %w", err)
	} else if step.Type != "complete" {
		return fmt.Errorf("log the number in: the login wants another step, %s", step.Type)
	}
	return nil
}

func (p provisioner) call(ctx context.Context, method, path string, body, into any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode the request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(encoded))
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+p.secret)
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
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
