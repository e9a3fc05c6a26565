// Package ports chooses ports for servers that are told where to listen before they do, such as a Puente whose homeserver
// must know its address. To listen on port 0 and close again is not enough for them: the system gives such a port to the
// next who asks, and as the near end of any connection.
package ports

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// The ports to choose from lie below those that Linux (from 32768), macOS and Windows (from 49152) give away by themselves,
// and above most services.
const first, count = 18000, 14000

// reserved keeps the lock files open, so that the collector does not close them.
var reserved = make(chan *os.File, count)

// Take returns a port of the loopback address on which nobody listens. It is the process's until that ends: no other caller
// of Take on this machine gets it, and the system gives it to nobody who did not ask for just it.
func Take() (int, error) {
	folder := filepath.Join(os.TempDir(), "puente-ports-"+strconv.Itoa(os.Getuid()))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return 0, fmt.Errorf("reserve a port: %w", err)
	}
	start := rand.IntN(count) //nolint:gosec // G404: it is no secret
	for i := range count {
		port := first + (start+i)%count
		lock, err := reserve(filepath.Join(folder, strconv.Itoa(port)))
		if err != nil {
			return 0, err
		} else if lock == nil {
			continue
		}
		if Free(port) != nil {
			_ = lock.Close()
			continue
		}
		reserved <- lock
		return port, nil
	}
	return 0, errors.New("reserve a port: all are taken")
}

// Address is "127.0.0.1" with a port of Take. It panics where Take has an error.
func Address() string {
	port, err := Take()
	if err != nil {
		panic(err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// reserve takes the lock that a file stands for, or returns nil if somebody has it.
func reserve(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("reserve a port: %w", err)
	}
	if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil { // #nosec G115 -- a file descriptor fits
		return file, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil //nolint:nilnil // somebody else's
	}
	return nil, fmt.Errorf("reserve a port: %w", err)
}

// Free tells with an error why nobody can listen on a port of the loopback address just now.
func Free(port int) error {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("look whether a port is free: %w", err)
	}
	return listener.Close()
}
