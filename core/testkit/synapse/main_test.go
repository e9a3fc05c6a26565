package synapse_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"

	"puente/core/testkit/synapse"
)

// orphanVariable makes the test binary start a Synapse in the folder that it names, print its process ID, and wait
// to be killed.
const orphanVariable = "PUENTE_TEST_ORPHAN_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(orphanVariable); dir != "" {
		beParent(dir)
	}
	goleak.VerifyTestMain(m)
}

func beParent(dir string) {
	server, err := start(context.Background(), synapse.Options{Dir: dir})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("pid", server.PID())
	select {}
}

func TestServerDiesWithItsParent(t *testing.T) {
	parent := exec.Command(os.Args[0], "-test.run=^$")
	parent.Env = append(os.Environ(), orphanVariable+"="+t.TempDir())
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	_, scanErr := fmt.Fscanf(out, "pid %d\n", &pid)
	if err = parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest, readErr := io.ReadAll(out)
	_ = parent.Wait() // killed: that is its outcome
	if scanErr != nil || readErr != nil {
		t.Fatalf("the parent started no server: %v, %v: %s", scanErr, readErr, rest)
	}
	for isRunning(pid) { // the test's own deadline ends the wait
		time.Sleep(20 * time.Millisecond)
	}
}

// isRunning tells whether the process exists and is more than a dead one that nobody has waited for.
func isRunning(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	// ref: man 5 proc: "pid (name) state …"; the name may hold anything.
	state := stat[bytes.LastIndexByte(stat, ')')+1:]
	return !bytes.HasPrefix(state, []byte(" Z"))
}
