package demo

import (
	"fmt"
	"net"
	"strconv"
)

// ports are where the parts listen, all on the loopback address only.
type ports struct {
	Homeserver int `json:"homeserver"`
	Phone      int `json:"phone"`
	Puente     int `json:"puente"`
}

// partCount is how many ports the demo takes.
const partCount = 3

// choosePorts takes for each part the first port that is free of: base and those after it, if a base is asked for;
// the one of the last run; the usual one; any.
func choosePorts(base int, last ports) (ports, error) {
	taken := map[int]bool{}
	var chosen ports
	for i, part := range []struct {
		last int
		into *int
	}{{last.Homeserver, &chosen.Homeserver}, {last.Phone, &chosen.Phone}, {last.Puente, &chosen.Puente}} {
		wishes := []int{part.last, firstPort + i, 0}
		if base != 0 {
			wishes = []int{base + i, part.last, 0}
		} else if part.last == 0 {
			wishes = wishes[1:]
		}
		port, err := firstFree(wishes, taken)
		if err != nil {
			return ports{}, err
		}
		*part.into, taken[port] = port, true
	}
	return chosen, nil
}

// freePorts takes three that nobody uses.
func freePorts() (ports, error) {
	taken, list := map[int]bool{}, [partCount]int{}
	for i := range list {
		port, err := firstFree([]int{0}, taken)
		if err != nil {
			return ports{}, err
		}
		list[i], taken[port] = port, true
	}
	return ports{Homeserver: list[0], Phone: list[1], Puente: list[2]}, nil
}

// firstFree returns the first wish that can be listened on; the wish 0 is for any port.
func firstFree(wishes []int, taken map[int]bool) (int, error) {
	var last error
	for _, wish := range wishes {
		for range partCount { // any port may be one that was chosen before and is not in use yet
			port, err := free(wish)
			if last = err; err == nil && !taken[port] {
				return port, nil
			}
		}
	}
	return 0, fmt.Errorf("find a free port: %w", last)
}

func free(port int) (int, error) {
	listener, err := net.Listen("tcp", address(port))
	if err != nil {
		return 0, err
	}
	chosen := listener.Addr().(*net.TCPAddr).Port
	return chosen, listener.Close()
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func base(port int) string { return "http://" + address(port) }
