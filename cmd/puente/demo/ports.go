package demo

import (
	"net"
	"strconv"

	testports "puente/core/testkit/ports"
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
		wishes := []int{part.last, firstPort + i}
		if base != 0 {
			wishes = []int{base + i, part.last}
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
func freePorts() (chosen ports, err error) {
	for _, into := range []*int{&chosen.Homeserver, &chosen.Phone, &chosen.Puente} {
		if *into, err = testports.Take(); err != nil {
			return chosen, err
		}
	}
	return chosen, nil
}

// firstFree returns the first wish that can be listened on and is not taken, or any port.
func firstFree(wishes []int, taken map[int]bool) (int, error) {
	for _, wish := range wishes {
		if wish != 0 && !taken[wish] && testports.Free(wish) == nil {
			return wish, nil
		}
	}
	for {
		port, err := testports.Take()
		if err != nil || !taken[port] {
			return port, err
		}
	}
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func base(port int) string { return "http://" + address(port) }
