package synapse

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // G505: Synapse's registration API demands SHA-1
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// RegisterUser makes a local user; displayName may be empty. A user that exists already is left as it is, whatever
// its password.
func (s *Server) RegisterUser(ctx context.Context, localpart, password, displayName string, admin bool) error {
	const path = "/_synapse/admin/v1/register"
	var challenge struct {
		Nonce string `json:"nonce"`
	}
	if err := s.call(ctx, http.MethodGet, path, nil, &challenge); err != nil {
		return fmt.Errorf("begin to register %s: %w", localpart, err)
	}
	request := map[string]any{
		"nonce": challenge.Nonce, "username": localpart, "password": password, "admin": admin,
		"mac": registrationMAC(s.state.RegistrationSecret, challenge.Nonce, localpart, password, admin),
	}
	if displayName != "" {
		request["displayname"] = displayName
	}
	err := s.call(ctx, http.MethodPost, path, request, nil)
	if err != nil && matrixCode(err) != "M_USER_IN_USE" {
		return fmt.Errorf("register %s: %w", localpart, err)
	}
	return nil
}

// registrationMAC signs a registration.
// ref: Synapse's admin API, "Shared-Secret Registration"
func registrationMAC(secret, nonce, localpart, password string, admin bool) string {
	role := "notadmin"
	if admin {
		role = "admin"
	}
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(strings.Join([]string{nonce, localpart, password, role}, "\x00")))
	return hex.EncodeToString(mac.Sum(nil))
}

// Login logs a local user in on a new device. A wrong password is an errs.ErrForbidden.
func (s *Server) Login(ctx context.Context, localpart, password string) (accessToken, deviceID string, err error) {
	request := map[string]any{
		"type":                        "m.login.password",
		"identifier":                  map[string]any{"type": "m.id.user", "user": localpart},
		"password":                    password,
		"initial_device_display_name": "Puente",
	}
	var session struct {
		AccessToken string `json:"access_token"`
		DeviceID    string `json:"device_id"`
	}
	if err = s.call(ctx, http.MethodPost, "/_matrix/client/v3/login", request, &session); err != nil {
		return "", "", fmt.Errorf("log %s in: %w", localpart, err)
	}
	return session.AccessToken, session.DeviceID, nil
}

// call sends a request without a token and decodes the answer into result, if not nil.
func (s *Server) call(ctx context.Context, method, path string, body, result any) error {
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode the request: %w", err)
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.URL()+path, reader)
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	resp, err := newClient(0).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return refusal(resp.StatusCode, data)
	}
	if result == nil {
		return nil
	}
	if err = json.Unmarshal(data, result); err != nil {
		return fmt.Errorf("decode the answer: %w", err)
	}
	return nil
}
