package crash

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"puente/core/base/clock"
)

// lookAgain is how soon a fact is looked at again that nobody announces.
const lookAgain = 50 * time.Millisecond

// kill is one SIGKILL that Puente got.
type kill struct {
	At    time.Time
	Point string
}

// binary is the program, built once for all tests of this test binary.
type binary struct {
	once sync.Once
	dir  string
	err  error
}

func (b *binary) path() (string, error) {
	b.once.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "puente-crash-bin-"); b.err != nil {
			return
		}
		cmd := exec.CommandContext(context.Background(), "go", "build", "-tags", "goolm", "-o", b.file(), "puente/cmd/puente") // #nosec G204 -- our own program
		if output, err := cmd.CombinedOutput(); err != nil {
			b.err = fmt.Errorf("build Puente: %w: %s", err, output)
		}
	})
	return b.file(), b.err
}

func (b *binary) file() string { return filepath.Join(b.dir, "puente") }

// remove takes it away again, if it was built.
func (b *binary) remove() error {
	if b.dir == "" {
		return nil
	}
	return os.RemoveAll(b.dir)
}

// program is the built Puente in a process of its own, started again whenever it has been killed, as a service manager
// does it.
type program struct {
	binary, config, output string
	health                 string // address of /healthz
	client                 *http.Client

	mu      sync.Mutex
	cmd     *exec.Cmd
	gone    chan struct{} // closed when cmd has ended
	wanted  bool          // it is to be started again
	killing bool
	kills   []kill
	ended   []string // how it ended by itself, which it never should

	done chan struct{} // closed when nothing is started any more
}

func newProgram(binary, config, output, listen string) *program {
	return &program{
		binary: binary, config: config, output: output, health: "http://" + listen + "/healthz",
		client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
	}
}

// start brings it up and keeps it up, until stop.
func (p *program) start() error {
	p.mu.Lock()
	p.wanted, p.done = true, make(chan struct{})
	done := p.done
	p.mu.Unlock()
	first := make(chan error, 1)
	go p.keep(first, done)
	return <-first
}

// keep starts the program again and again. One thread does it: Linux ends the child with the thread that made it.
func (p *program) keep(first chan<- error, done chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(done)
	for {
		cmd, gone, err := p.launch()
		select {
		case first <- err:
		default: // it was told already
		}
		if cmd == nil {
			return
		}
		p.await(cmd, gone)
	}
}

// launch makes the process, if one is wanted.
func (p *program) launch() (*exec.Cmd, chan struct{}, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.wanted {
		return nil, nil, nil
	}
	out, err := os.OpenFile(p.output, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open Puente's output: %w", err)
	}
	defer func() { _ = out.Close() }()                                                // the child has its own
	cmd := exec.CommandContext(context.Background(), p.binary, "run", "-c", p.config) // #nosec G204 -- what we built
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err = cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start Puente: %w", err)
	}
	p.cmd, p.gone, p.killing = cmd, make(chan struct{}), false
	return cmd, p.gone, nil
}

// await waits for the end of a process and notes it if nobody wanted it.
func (p *program) await(cmd *exec.Cmd, gone chan struct{}) {
	err := cmd.Wait()
	p.mu.Lock()
	if !p.killing && p.wanted {
		p.ended = append(p.ended, fmt.Sprintf("%s: %v", time.Now().Format(time.TimeOnly), err))
	}
	own := !p.killing
	p.mu.Unlock()
	close(gone)
	if own {
		time.Sleep(time.Second) // a service manager too does not start again at once what ended by itself
	}
}

// kill ends the process with SIGKILL and returns when it is gone. It does nothing, and returns false, if somebody else
// is killing it already.
func (p *program) kill(point string) bool {
	p.mu.Lock()
	if p.killing || p.cmd == nil || !p.wanted {
		p.mu.Unlock()
		return false
	}
	p.killing = true
	cmd, gone := p.cmd, p.gone
	p.kills = append(p.kills, kill{At: time.Now(), Point: point})
	err := cmd.Process.Signal(syscall.SIGKILL)
	p.mu.Unlock()
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return false
	}
	<-gone
	return true
}

// stop asks the process to end, waits for it, and does not start it again.
func (p *program) stop() {
	p.mu.Lock()
	if p.done == nil {
		p.mu.Unlock()
		return
	}
	p.wanted = false
	cmd, gone, done := p.cmd, p.gone, p.done
	p.mu.Unlock()
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		_ = cmd.Process.Signal(syscall.SIGKILL)
	}
	<-done
}

// ready waits until the process that runs now, or one after it, says that it is ready.
func (p *program) ready(ctx context.Context) error {
	for !p.healthy(ctx) {
		if err := clock.Sleep(ctx, clock.System{}, lookAgain); err != nil {
			return fmt.Errorf("wait for Puente to be ready: %w", err)
		}
	}
	return nil
}

func (p *program) healthy(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.health, nil)
	if err != nil {
		return false
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// killed returns the kills so far.
func (p *program) killed() []kill {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]kill(nil), p.kills...)
}

// endings returns how the program ended by itself.
func (p *program) endings() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.ended...)
}
