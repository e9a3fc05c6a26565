package synapse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"puente/core/base/clock"
)

// run starts the process and waits until it answers. The caller holds s.mu, or is the only one to know s.
func (s *Server) run(ctx context.Context) error {
	log, err := os.OpenFile(s.LogPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	from, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.Join(fmt.Errorf("open the log: %w", err), log.Close())
	}
	// Not bound to ctx: that is about the start, the process lives until Stop.
	cmd := pythonCommand(context.WithoutCancel(ctx), s.install.Python,
		"-m", "synapse.app.homeserver", "--config-path", configPath(s.opts.Dir))
	cmd.Dir = s.opts.Dir
	cmd.Stdout = io.Writer(log)
	if s.opts.LogTo != nil {
		cmd.Stdout = io.MultiWriter(log, s.opts.LogTo)
	}
	cmd.Stderr = cmd.Stdout
	proc, err := startProcess(cmd, func() { _ = log.Close() })
	if err != nil {
		return err
	}
	if err = awaitReady(ctx, proc, baseURL(s.state.Port)); err != nil {
		err = fmt.Errorf("%w; the end of its log:\n%s", err, logTail(s.LogPath(), from))
		return errors.Join(err, proc.kill())
	}
	s.proc = proc
	return nil
}

// awaitReady returns when the server answers, or with an error when it ended or took too long.
func awaitReady(ctx context.Context, proc *process, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	client := newClient(5 * time.Second)
	for !answers(ctx, client, url+"/_matrix/client/versions") {
		if proc.hasEnded() {
			return fmt.Errorf("it ended by itself (%v)", proc.cmd.ProcessState)
		}
		if err := clock.Sleep(ctx, clock.System{}, pollInterval); err != nil {
			return fmt.Errorf("it does not answer: %w", err)
		}
	}
	if proc.hasEnded() {
		return errors.New("it ended, and something else answers on its port")
	}
	return nil
}

// newClient returns a client that leaves no connection open; limit 0 is none.
func newClient(limit time.Duration) *http.Client {
	return &http.Client{Timeout: limit, Transport: &http.Transport{DisableKeepAlives: true}}
}

func answers(ctx context.Context, client *http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// logTail returns up to 4 KiB from the end of what was logged since the offset from.
func logTail(path string, from int64) string {
	const limit = 4 << 10
	file, err := os.Open(path)
	if err != nil {
		return "(the log cannot be read)"
	}
	defer file.Close() //nolint:errcheck // nothing was written
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return "(the log cannot be read)"
	}
	start := max(from, size-limit)
	tail, err := io.ReadAll(io.NewSectionReader(file, start, size-start))
	if err != nil {
		return "(the log cannot be read)"
	}
	if len(tail) == 0 {
		return "(the log is empty)"
	}
	return string(tail)
}
