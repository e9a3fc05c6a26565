package synapse

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is a child, the leader of a process group of its own, that does not outlive us.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the child has ended and has been waited for
	err  error         // what the wait returned; to be read after done
}

// startProcess starts cmd, and calls atEnd when it has ended. A command made with a context is killed with its whole
// group when that ends.
func startProcess(cmd *exec.Cmd, atEnd func()) (*process, error) {
	cmd.SysProcAttr = childAttributes()
	if cmd.Cancel != nil {
		cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	}
	cmd.WaitDelay = 5 * time.Second
	proc := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// Linux sends the parent-death signal when the thread that forked ends, so that thread must stay.
		// ref: man 2 PR_SET_PDEATHSIG, "caveats"
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			proc.err = cmd.Wait()
		}
		atEnd()
		close(proc.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return proc, nil
}

// hasEnded tells whether the child is gone.
func (p *process) hasEnded() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// stop asks the child to end, and kills its group if it has not within limit.
func (p *process) stop(limit time.Duration) error {
	if p.hasEnded() {
		return nil
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !p.hasEnded() {
		return p.kill()
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
		return p.kill()
	}
}

// kill ends the child's group at once and waits until it is gone.
func (p *process) kill() error {
	if p.hasEnded() {
		return nil
	}
	if err := killGroup(p.cmd.Process.Pid); err != nil {
		return fmt.Errorf("kill process %d: %w", p.cmd.Process.Pid, err)
	}
	<-p.done
	return nil
}

// killGroup kills a process group; that it is gone already is fine.
func killGroup(pid int) error {
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
