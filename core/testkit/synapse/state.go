package synapse

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"puente/core/base/errs"
)

// state is what must stay the same from one start to the next.
type state struct {
	ServerName         string `json:"server_name"`
	Port               int    `json:"port"`
	RegistrationSecret string `json:"registration_shared_secret"`
	MacaroonSecret     string `json:"macaroon_secret_key"`
	FormSecret         string `json:"form_secret"`
}

func statePath(dir string) string { return filepath.Join(dir, "puente-state.json") }

func signingKeyPath(dir string) string { return filepath.Join(dir, "signing.key") }

// loadState reads the state of dir, or makes one with new secrets.
func loadState(dir, serverName string) (state, error) {
	var found state
	data, err := os.ReadFile(statePath(dir))
	if errors.Is(err, os.ErrNotExist) {
		return state{
			ServerName: serverName, RegistrationSecret: rand.Text(), MacaroonSecret: rand.Text(), FormSecret: rand.Text(),
		}, nil
	} else if err != nil {
		return found, fmt.Errorf("read Synapse's state: %w", err)
	}
	if err = json.Unmarshal(data, &found); err != nil {
		return found, fmt.Errorf("read %s: %w", statePath(dir), err)
	}
	if found.ServerName != serverName {
		return found, fmt.Errorf("%w: the Synapse in %s is named %s and cannot become %s; name another folder",
			errs.ErrConflict, dir, found.ServerName, serverName)
	}
	return found, nil
}

// save writes the state and, once, the key with which Synapse signs events.
func (st state) save(dir string) error {
	data, err := json.MarshalIndent(st, "", "  ")
	if err != nil {
		return fmt.Errorf("write Synapse's state: %w", err)
	}
	if err = os.WriteFile(statePath(dir), data, 0o600); err != nil {
		return fmt.Errorf("write Synapse's state: %w", err)
	}
	if _, err = os.Stat(signingKeyPath(dir)); err == nil {
		return nil
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	// ref: signedjson's key file: algorithm, version, seed in unpadded base64.
	line := "ed25519 a_1 " + base64.RawStdEncoding.EncodeToString(private.Seed()) + "\n"
	if err = os.WriteFile(signingKeyPath(dir), []byte(line), 0o600); err != nil {
		return fmt.Errorf("write the signing key: %w", err)
	}
	return nil
}
