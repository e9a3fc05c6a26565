// Package daemon speaks to a signal-cli daemon: JSON-RPC 2.0, one JSON object per line, both ways, over a UNIX socket
// or TCP. One connection serves all accounts; it is made anew when it breaks.
//
// Files stream: an attachment that goes out is read from disk as the request is written, and one that comes in is
// written to disk as the answer is read, so that neither has to fit into memory.
//
// The daemon has no authentication, and gives no acknowledgement for what it hands over: what Config.Receive has been
// given is gone from the daemon. ref: reference/signal-cli.md §2
package daemon
