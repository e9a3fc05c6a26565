// Package synapse installs and runs a real Synapse homeserver on this machine, for `puente demo` and for the
// end-to-end tests. It listens on the loopback address only, keeps its data in SQLite, and ends with the program
// that started it. It is not a way to run a homeserver that a company depends on.
package synapse

import "time"

const (
	// startLimit is how long a start may take; a first one on a slow disk creates the whole schema.
	startLimit = 3 * time.Minute
	// stopLimit is how long Synapse gets to end by itself.
	stopLimit = 15 * time.Second
	// pollInterval is how often something is asked for that cannot announce itself.
	pollInterval = 100 * time.Millisecond
)
