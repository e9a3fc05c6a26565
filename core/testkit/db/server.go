package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// ServerVariable names the environment variable that points to a running test server, as a
// postgres:// URI of a user who may create databases. Without it each test binary starts its own.
const ServerVariable = "PUENTE_TEST_POSTGRES"

const (
	superuser    = "postgres"
	startTimeout = time.Minute
	startPoll    = 20 * time.Millisecond
)

// sharedServer returns the URI of the one server that all tests of this binary share. It is a memo
// of something that exists once per process, not state that a test could change.
var sharedServer = sync.OnceValues(func() (string, error) {
	if given := os.Getenv(ServerVariable); given != "" {
		return given, nil
	}
	return startServer()
})

// errNotInstalled is what a machine without PostgreSQL gets.
var errNotInstalled = errors.New("PostgreSQL is not installed, its tests cannot run: apt-get install postgresql")

// supervise runs the server as long as its own standard input is open. The test binary holds the
// other end, so the kernel closes it however that ends, kill -9 and a test time-out included; then
// the server is stopped by its process ID and its folder removed.
const supervise = `"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= \
	-c fsync=off -c full_page_writes=off -c max_connections=200 >"$2/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$2"
`

// startServer starts a server in a folder of its own, reachable only by the UNIX socket in it.
func startServer() (string, error) {
	binaries, err := findBinaries()
	if err != nil {
		return "", err
	}
	owner, err := serverUser()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "puente-pg-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the test server: %w", err)
	}
	if owner != nil {
		if err = os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return "", errors.Join(fmt.Errorf("give the test server its folder: %w", err), os.RemoveAll(dir))
		}
	}
	if err = initialise(binaries, dir, owner); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	if err = launch(binaries, dir, owner); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	query := url.Values{"host": {dir}, "user": {superuser}}
	uri := (&url.URL{Scheme: "postgres", Path: "/postgres", RawQuery: query.Encode()}).String()
	return uri, waitReady(uri, dir)
}

// Binary returns the path of a program that comes with the server, such as pg_dump.
func Binary(name string) (string, error) {
	folder, err := findBinaries()
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, name), nil
}

// findBinaries returns the folder of the newest installed server: Debian keeps each version in its own.
func findBinaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		path, err := exec.LookPath("postgres")
		if err != nil {
			return "", errNotInstalled
		}
		return filepath.Dir(path), nil
	}
	version := func(path string) int {
		number, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 sorts first
		return number
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(newest), nil
}

// serverUser returns whom the server runs as: nil for ourselves; for root, as which PostgreSQL
// refuses to run, the system user that the package created.
func serverUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	system, err := user.Lookup(superuser)
	if err != nil {
		return nil, fmt.Errorf("%w (there is no system user %s)", errNotInstalled, superuser)
	}
	uid, err := strconv.ParseUint(system.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read the user ID of %s: %w", superuser, err)
	}
	gid, err := strconv.ParseUint(system.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read the group ID of %s: %w", superuser, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func initialise(binaries, dir string, owner *syscall.Credential) error {
	// #nosec G204 -- the installed initdb
	cmd := exec.CommandContext(context.Background(), filepath.Join(binaries, "initdb"), "-D", filepath.Join(dir, "data"),
		"-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb for the test server: %w: %s", err, bytes.TrimSpace(output))
	}
	return nil
}

// launch starts the supervisor and leaves it to itself. Our end of its standard input stays open,
// unreferenced by design, until this process is gone.
func launch(binaries, dir string, owner *syscall.Credential) error {
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make the test server's life line: %w", err)
	}
	// A duplicate that no finalizer knows: the collector must not close it. It is not inherited by
	// other children of the test binary.
	syscall.ForkLock.RLock()
	line, err := syscall.Dup(int(write.Fd())) // #nosec G115 -- a file descriptor fits
	if err == nil {
		syscall.CloseOnExec(line)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return errors.Join(fmt.Errorf("keep the test server's life line: %w", err), read.Close(), write.Close())
	}
	// #nosec G204 -- a constant script
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", supervise, "puente-test-postgres", binaries, dir)
	cmd.Dir = dir
	cmd.Stdin = read
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Setpgid: true} // Ctrl-C reaches us alone
	err = cmd.Start()
	return errors.Join(err, read.Close(), write.Close())
}

// waitReady returns when the server takes connections.
func waitReady(uri, dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	handle, err := sql.Open("pgx", uri)
	if err != nil {
		return err
	}
	defer func() { _ = handle.Close() }()
	for {
		if err = handle.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the test server does not start: %w; its log ends: %s", err, logTail(dir))
		case <-time.After(startPoll):
		}
	}
}

func logTail(dir string) []byte {
	file, err := os.Open(filepath.Join(dir, "log")) // #nosec G304 -- our own temporary folder
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	text, _ := io.ReadAll(io.LimitReader(file, 1<<20)) // as much as there is
	return bytes.TrimSpace(text[max(0, len(text)-1000):])
}
