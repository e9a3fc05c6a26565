package encryption

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/rs/zerolog"

	"puente/core/app"
	"puente/core/base/config"
	"puente/test/company"
)

// processVariable makes the test binary be a Puente with the config that it names, until its standard input ends.
const processVariable = "PUENTE_TEST_ENCRYPTION_CONFIG"

func beProcess(path string) int {
	cfg, err := config.Load(path, nil, company.Schemas())
	if err == nil {
		log := zerolog.New(os.Stderr).Level(zerolog.WarnLevel)
		var puente *app.App
		if puente, err = app.New(context.Background(), cfg, app.Options{Networks: company.Networks(), Log: &log}); err == nil {
			defer puente.Close()
			err = puente.Start(context.Background())
			defer puente.Stop()
		}
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// startProcess brings Puente up in a process of its own, and returns how to kill it at once.
func (w *world) startProcess() (kill func()) {
	w.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), processVariable+"="+w.configFile())
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	w.must(err)
	out, err := cmd.StdoutPipe()
	w.must(err)
	w.must(cmd.Start())
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = stdin.Close()
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		kill()
		w.Fatalf("the process says %q", lines.Text())
	}
	w.Cleanup(kill)
	return kill
}
