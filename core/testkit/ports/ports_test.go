package ports

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func TestEachPortIsTakenOnce(t *testing.T) {
	got := map[string]bool{}
	for range 300 {
		address := Address()
		if got[address] {
			t.Fatalf("%s was given twice", address)
		}
		got[address] = true
		socket, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = socket.Close() // and is still ours
	}
}

// TestAnotherProcessGetsOthers: this test's program, run again, is told to take so many ports that it would meet ours.
func TestAnotherProcessGetsOthers(t *testing.T) {
	if os.Getenv("PUENTE_TAKES_PORTS") != "" {
		for range 300 {
			port, err := Take()
			if err != nil {
				t.Fatal(err)
			}
			t.Log("took", port)
		}
		return
	}
	ours := map[string]bool{}
	for range 300 {
		port, err := Take()
		if err != nil {
			t.Fatal(err)
		}
		ours[strconv.Itoa(port)] = true
	}
	other := exec.Command(os.Args[0], "-test.run", "TestAnotherProcessGetsOthers", "-test.v") // #nosec G204 -- this program
	other.Env = append(os.Environ(), "PUENTE_TAKES_PORTS=yes")
	out, err := other.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	taken := 0
	for line := range strings.Lines(string(out)) {
		if _, port, ok := strings.Cut(line, "took "); ok {
			taken++
			if ours[strings.TrimSpace(port)] {
				t.Fatalf("port %s is two processes'", port)
			}
		}
	}
	if taken != 300 {
		t.Errorf("the other process took %d", taken)
	}
}

func TestWhoeverListensKeepsItsPort(t *testing.T) {
	socket, err := net.Listen("tcp", Address())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	if Free(socket.Addr().(*net.TCPAddr).Port) == nil {
		t.Error("a port with a listener is called free")
	}
}
