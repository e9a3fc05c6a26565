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
	LoginID      string `json:"login_id"`
	Type         string `json:"type"`
	StepID       string `json:"step_id"`
	Instructions string `json:"instructions"`
}

// connect logs the business's accounts in, unless an earlier run has.
func (w *world) connect(ctx context.Context) error {
	return connect(ctx, w.providers, w.puente.Hub.URL(), w.kept.ProvisioningSecret, w.progress.detail)
}

func connect(ctx context.Context, list []provider, puenteURL, secret string, detail func(string)) error {
	for _, one := range list {
		detail(one.id())
		p := provisioner{
			base:   puenteURL + "/" + one.id() + "/_matrix/provision/v3",
			secret: secret,
			client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}},
		}
		if err := p.connect(ctx, one.account()); err != nil {
			return fmt.Errorf("connect %s: %w", one.id(), err)
		}
	}
	return nil
}

func (p provisioner) connect(ctx context.Context, a account) error {
	var known struct {
		LoginIDs []string `json:"login_ids"`
	}
	if err := p.call(ctx, http.MethodGet, "/logins", nil, &known); err != nil {
		return fmt.Errorf("list the logins: %w", err)
	} else if !a.again && (slices.Contains(known.LoginIDs, a.login) || (a.login == "" && len(known.LoginIDs) > 0)) {
		return nil
	}
	return p.logIn(ctx, a)
}

// logIn goes through a login flow; each of its questions takes of the fields what it wants.
func (p provisioner) logIn(ctx context.Context, a account) error {
	var step loginStep
	if err := p.call(ctx, http.MethodPost, "/login/start/"+a.flow, nil, &step); err != nil {
		return fmt.Errorf("begin to log in: %w", err)
	}
	path := "/login/step/" + url.PathEscape(step.LoginID) + "/" + url.PathEscape(step.StepID) + "/" + url.PathEscape(step.Type)
	if err := p.call(ctx, http.MethodPost, path, a.fields, &step); err != nil {
		return fmt.Errorf("log in: %w", err)
	} else if step.Type != "complete" {
		return fmt.Errorf("log in: the login wants another step, %s", step.Type)
	} else if a.connected == nil {
		return nil
	}
	return a.connected(step.Instructions)
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
