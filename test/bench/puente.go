package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/bridges/whatsapp"
	"puente/core/app"
	"puente/core/base/config"
	"puente/core/base/store"
	"puente/core/testkit/ports"
)

// poll is how often a database or a file of the kernel's is looked at.
const poll = 5 * time.Millisecond

// program is Puente as an operator runs it, with a config file, in a process of its own; or a plain bridgev2 in its place.
type program struct {
	address string
	cfg     store.Config
	handler http.Handler // hands requests on to it
	db      *dbutil.Database
	cmd     *exec.Cmd
	log     *os.File
	ended   chan struct{}
	startup time.Duration // until it was ready
}

func schemas() []config.NetworkSchema {
	n := whatsapp.Network()
	return []config.NetworkSchema{{ID: n.ID, Example: n.ExampleConfig}}
}

// settings are what a bench's Puente has otherwise than the example config.
func (s *site) settings(database store.Config, listen string) map[string]string {
	return map[string]string{
		"homeserver.address": s.homeserver, "homeserver.domain": domain,
		"appservice.address": s.front.url, "appservice.listen": listen,
		"appservice.as_token": asToken, "appservice.hs_token": hsToken,
		"database.type": database.Type, "database.uri": database.URI,
		"agents.users": aliceID.String(), "agents.operators": aliceID.String(),
		"desk.waiting_too_long":       "0s", // or all customers would have waited too long in the middle of somebody's round
		"provisioning.shared_secret":  provisioningSecret,
		"networks.whatsapp.graph_url": s.provider.url, "networks.whatsapp.app_secret": appSecret,
		"networks.whatsapp.verify_token": verifyToken, "networks.whatsapp.throughput": "1000",
	}
}

func (s *site) writeConfig(path string, database store.Config, listen string) (*config.Config, error) {
	text, err := config.Fill(config.Example(schemas()), s.settings(database, listen))
	if err != nil {
		return nil, fmt.Errorf("write a config: %w", err)
	}
	if err = os.WriteFile(path, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("write a config: %w", err)
	}
	return config.Load(path, nil, schemas())
}

// startPuente starts the program on a database and returns when it is ready.
func (s *site) startPuente(ctx context.Context, database store.Config, environment ...string) (*program, error) {
	return s.startProgram(ctx, s.program, database, environment...)
}

func (s *site) startProgram(ctx context.Context, command []string, database store.Config, environment ...string) (*program, error) {
	address := ports.Address()
	s.started++
	path := filepath.Join(s.dir, fmt.Sprintf("puente%d.yaml", s.started))
	cfg, err := s.writeConfig(path, database, address)
	if err != nil {
		return nil, err
	}
	s.workers = cfg.Journal.Workers
	p := &program{address: "http://" + address, cfg: database, ended: make(chan struct{})}
	if p.handler, err = forward(p.address); err != nil {
		return nil, err
	}
	s.front.to(p.handler) // the homeserver's ping comes during the start
	if p.log, err = os.Create(strings.TrimSuffix(path, ".yaml") + ".log"); err != nil {
		return nil, err
	}
	p.cmd = exec.Command(command[0], append(command[1:len(command):len(command)], "-c", path)...) //nolint:gosec // G204: the program that is to be measured
	p.cmd.Stderr, p.cmd.Env = p.log, append(os.Environ(), environment...)
	began := time.Now()
	if err = p.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start Puente: %w", err), p.log.Close())
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // its log says why, if it did not end well
	}()
	if err = p.waitReady(ctx); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	p.startup = time.Since(began)
	if p.db, err = store.OpenReadOnly(ctx, database, zerolog.Nop()); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

func (p *program) waitReady(ctx context.Context) error {
	for {
		if p.isReady(ctx) {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("wait for Puente to be ready: it ended; its log ends: %s", tail(p.log.Name()))
		case <-ctx.Done():
			return fmt.Errorf("wait for Puente to be ready: %w", ctx.Err())
		case <-time.After(poll):
		}
	}
}

func (p *program) isReady(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.address+"/healthz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	var health struct {
		Ready bool `json:"ready"`
	}
	return json.NewDecoder(resp.Body).Decode(&health) == nil && health.Ready
}

func tail(path string) string {
	data, _ := os.ReadFile(path) // as much as there is
	return strings.TrimSpace(string(data[max(0, len(data)-2000):]))
}

// stop ends the program as an operator does, and returns when it is gone.
func (p *program) stop() error {
	if p.db != nil {
		_ = p.db.Close() // it was read only
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return errors.Join(errors.New("stop Puente: it took too long"), p.log.Close())
	}
	return p.log.Close()
}

// messages is how many messages bridgev2 has noted: each after its event stands in the room.
func (p *program) messages(ctx context.Context) (n int64, err error) { return countMessages(ctx, p.db) }

func countMessages(ctx context.Context, db *dbutil.Database) (n int64, err error) {
	err = db.QueryRow(ctx, "SELECT COALESCE(MAX(rowid), 0) FROM message").Scan(&n)
	return n, err
}

const waitingQuery = "SELECT (SELECT COUNT(*) FROM pu_journal WHERE state='waiting') + (SELECT COUNT(*) FROM pu_conversation WHERE shown<version)"

// waiting is how many entries of the journal are not dealt with, and how many rooms do not show yet what the desk knows.
func (p *program) waiting(ctx context.Context) (n int64, err error) {
	err = p.db.QueryRow(ctx, waitingQuery).Scan(&n)
	return n, err
}

// memory is the process's resident memory in bytes.
func (p *program) memory() (int64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("the kernel does not tell a process's memory")
}

// processor is the processor time that the process has used.
func (p *program) processor() (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest) // from the third field of proc(5) on: utime is the 14th, stime the 15th
	if len(fields) < 13 {
		return 0, errors.New("the kernel does not tell a process's time")
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * (time.Second / 100), err // USER_HZ is 100 on Linux
}

// identity is how Puente and the homeserver know each other, as app reads it from the config.
func (s *site) identity() (*config.Config, error) {
	return s.writeConfig(filepath.Join(s.dir, "identity.yaml"), store.Config{Type: store.SQLite, URI: "unused.db"}, "127.0.0.1:1")
}

// register writes the file that the homeserver reads.
func (s *site) register() (path string, err error) {
	cfg, err := s.identity()
	if err != nil {
		return "", err
	}
	path = filepath.Join(s.dir, "registration.yaml")
	if err = app.Identity(cfg).Registration().Save(path); err != nil {
		return "", fmt.Errorf("write the registration: %w", err)
	}
	return path, nil
}
