package demo

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"puente/core/base/errs"
)

// kept is what stays the same from one run to the next, besides what the parts keep themselves.
type kept struct {
	Ports              ports  `json:"ports"`
	ASToken            string `json:"as_token"`
	HSToken            string `json:"hs_token"`
	ProvisioningSecret string `json:"provisioning_secret"`
	AppSecret          string `json:"app_secret"`
	VerifyToken        string `json:"verify_token"`
	AccessToken        string `json:"access_token"`
	BotSecret          string `json:"bot_secret"`
	ShopSecret         string `json:"shop_secret"`
}

func keptPath(dir string) string { return filepath.Join(dir, "demo.json") }

// load reads what the last run kept, or makes new secrets.
func load(dir string) (kept, error) {
	var k kept
	data, err := os.ReadFile(keptPath(dir))
	if errors.Is(err, os.ErrNotExist) {
		return kept{
			ASToken: rand.Text(), HSToken: rand.Text(), ProvisioningSecret: rand.Text(),
			AppSecret: rand.Text(), VerifyToken: rand.Text(), AccessToken: "EAA" + rand.Text(),
			BotSecret: rand.Text(), ShopSecret: rand.Text(),
		}, nil
	} else if err != nil {
		return k, fmt.Errorf("read what the demo kept: %w", err)
	}
	if err = json.Unmarshal(data, &k); err != nil {
		return k, fmt.Errorf("%s is damaged (%w); --reset starts afresh", keptPath(dir), err)
	}
	if k.BotSecret == "" { // kept before there were these networks
		k.BotSecret, k.ShopSecret = rand.Text(), rand.Text()
	}
	return k, nil
}

func (k kept) save(dir string) error {
	data, err := json.MarshalIndent(k, "", "  ") //nolint:gosec // G117: keeping the secrets is what the file is for
	if err != nil {
		return fmt.Errorf("keep the demo's ports and secrets: %w", err)
	}
	if err = os.WriteFile(keptPath(dir), data, 0o600); err != nil {
		return fmt.Errorf("keep the demo's ports and secrets: %w", err)
	}
	return nil
}

// reset removes what the demo keeps, by name: the folder may be one that holds other things too.
func reset(dir string) error {
	for _, pattern := range []string{"demo.json", "config.yaml", "registration.yaml", "puente.db*", "puente.log", "emulator.log", "synapse", "emulator"} {
		paths, err := filepath.Glob(filepath.Join(escapeGlob(dir), pattern))
		if err != nil {
			return fmt.Errorf("look for %s: %w", pattern, err)
		}
		for _, path := range paths {
			if err = os.RemoveAll(path); err != nil {
				return fmt.Errorf("reset the demo: %w", err)
			}
		}
	}
	return nil
}

// escapeGlob lets a folder's name stand in a pattern.
func escapeGlob(path string) string {
	var out []rune
	for _, r := range path {
		if r == '*' || r == '?' || r == '[' || r == '\\' {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(out)
}

// lock makes sure that one demo at a time uses the folder; the system frees it when the process ends.
func lock(dir string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(dir, "demo.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the demo's folder: %w", err)
	}
	if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("a demo runs in %s already; end it first, or name another folder with --dir: %w", dir, errs.ErrConflict)
	}
	return func() { _ = file.Close() }, nil
}
