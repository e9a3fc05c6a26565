package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"puente/core/base/config"
	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/hub"
)

// healthPath is where a Puente that is well answers 200, and one that is not ready 503.
const healthPath = "/healthz"

// errNotReady is a Puente that runs but is not up yet.
var errNotReady = errors.New("not ready")

// callRunning calls the Puente that runs with this config and decodes its answer; errs.ErrNotFound if none runs.
func callRunning(ctx context.Context, cfg *config.Config, method, path string, body, into any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return askRunning(ctx, cfg, method, path, body, func(answer io.Reader) error {
		if into == nil {
			return nil
		}
		return json.NewDecoder(answer).Decode(into)
	})
}

// askRunning calls the Puente that runs with this config and has read its answer; errs.ErrNotFound if none runs.
func askRunning(ctx context.Context, cfg *config.Config, method, path string, body any, read func(io.Reader) error) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("call the running Puente: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+dialable(cfg.Appservice.Listen)+path, bytes.NewReader(encoded))
	if err != nil {
		return fmt.Errorf("call the running Puente: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+cfg.Appservice.ASToken)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("no Puente runs at %s (appservice.listen): %w", cfg.Appservice.Listen, errs.ErrNotFound)
	} else if err != nil {
		return fmt.Errorf("call the running Puente: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return refusal(cfg, path, resp)
	}
	if err = read(resp.Body); err != nil {
		return fmt.Errorf("read the running Puente's answer: %w", err)
	}
	return nil
}

// refusal says what is wrong when whoever listens there does not do what it was asked.
func refusal(cfg *config.Config, path string, resp *http.Response) error {
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("the Puente that runs at %s (appservice.listen) has another appservice.as_token than this config: name its config with --config, or restart it: %w",
			cfg.Appservice.Listen, errs.ErrForbidden)
	case resp.StatusCode == http.StatusServiceUnavailable && path == healthPath:
		return fmt.Errorf("the Puente at %s is still starting, or waits for the homeserver; its log says which: %w", cfg.Appservice.Listen, errNotReady)
	case resp.StatusCode == http.StatusNotFound, resp.StatusCode == http.StatusMethodNotAllowed:
		return fmt.Errorf("what answers at %s (appservice.listen) is no Puente: give Puente an address of its own: %w", cfg.Appservice.Listen, errs.ErrConflict)
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 500)) // what there is of it suffices
	return fmt.Errorf("the Puente at %s answers %d: %s", cfg.Appservice.Listen, resp.StatusCode, bytes.TrimSpace(text))
}

// dialable is the address to call for an address to listen on: one that stands for all interfaces cannot be called.
func dialable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || (ip != nil && ip.IsUnspecified())) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}

// RetryAt has the running Puente try journal entries again; it returns how many. errs.ErrNotFound if none runs.
func RetryAt(ctx context.Context, cfg *config.Config, entries []int64) (int, error) {
	var answer hub.RetryAnswer
	err := callRunning(ctx, cfg, http.MethodPost, hub.AdminRetryPath, hub.RetryRequest{Entries: entries}, &answer)
	return answer.Retried, err
}

// VerifyAt has the running Puente compare the rooms with its journal, as far back as the hours say. progress is told of
// each room that was looked into. errs.ErrNotFound if none runs.
func VerifyAt(ctx context.Context, cfg *config.Config, hours int, progress func(done, of int)) (hub.Verification, error) {
	var result *hub.Verification
	err := askRunning(ctx, cfg, http.MethodPost, fmt.Sprintf("%s?hours=%d", hub.AdminVerifyPath, hours), nil, func(answer io.Reader) error {
		lines := json.NewDecoder(answer)
		for result == nil {
			var line hub.VerifyLine
			if err := lines.Decode(&line); err != nil {
				return err
			} else if line.Error != "" {
				return errors.New(line.Error)
			} else if result = line.Result; result == nil {
				progress(line.Done, line.Of)
			}
		}
		return nil
	})
	if err != nil {
		return hub.Verification{}, err
	}
	return *result, nil
}

// Healthy returns nil if the Puente that runs with this config is well, or waits on this machine as stand-by.
func Healthy(ctx context.Context, cfg *config.Config) error {
	health := askHealth(ctx, cfg)
	if !errors.Is(health, errs.ErrNotFound) {
		return health
	}
	// A stand-by does not listen. It is known by its connection to the database.
	if peers, err := store.LookForPeers(ctx, StoreConfig(cfg)); err == nil && peers.Active != "" && peers.StandsByHere() {
		return nil
	}
	return health
}

// askHealth asks the Puente that listens; errs.ErrNotFound if none does.
func askHealth(ctx context.Context, cfg *config.Config) error {
	return callRunning(ctx, cfg, http.MethodGet, healthPath, nil, nil)
}
