package synapse

import (
	"fmt"
	"io"
	"path/filepath"

	"puente/core/base/errs"
)

// Options says how a Synapse runs.
type Options struct {
	// Dir is where config, database, media and log live. What is there already is kept: a second start goes on
	// where the first ended. One Synapse at a time can run in it.
	Dir string
	// ServerName is the part of user IDs after the colon; "localhost" if empty. It cannot change later.
	ServerName string
	// Port is where it listens on 127.0.0.1; 0 takes the one that Dir's last run had if that is free, or any free one.
	Port int
	// FederationPort is where it listens for other homeservers on this machine, by TLS; 0: it talks to none. ServerName is
	// then best FederatedName of it.
	FederationPort int
	// Registrations are the paths of appservice registrations (YAML).
	Registrations []string
	// AutoAcceptInvites makes every local user join every room that it is invited to.
	AutoAcceptInvites bool
	// ExperimentalFeatures switches on what encryption through an appservice needs: to-device messages (MSC2409)
	// and device masquerading and lists (MSC3202). MSC4190, logins without tokens, is a line of the registration:
	// io.element.msc4190: true. ref: reference/bridgev2-hosting.md, "Encryption"
	ExperimentalFeatures bool
	// Extra are further top-level keys of homeserver.yaml; they win over ours.
	Extra map[string]any
	// LogLevel is Python's: DEBUG, INFO, WARNING or ERROR; WARNING if empty. INFO writes a line per request.
	LogLevel string
	// LogTo gets a copy of the log; it goes to synapse.log in Dir in any case.
	LogTo io.Writer
}

// complete fills in what was left out and makes all paths absolute.
func (o Options) complete() (Options, error) {
	if o.Dir == "" {
		return o, fmt.Errorf("%w: Synapse needs a folder for its data", errs.ErrInvalid)
	}
	var err error
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return o, fmt.Errorf("find the folder of Synapse's data: %w", err)
	}
	paths := make([]string, len(o.Registrations))
	for i, path := range o.Registrations {
		if paths[i], err = filepath.Abs(path); err != nil {
			return o, fmt.Errorf("find the registration %s: %w", path, err)
		}
	}
	o.Registrations = paths
	if o.ServerName == "" {
		o.ServerName = "localhost"
	}
	if o.LogLevel == "" {
		o.LogLevel = "WARNING"
	}
	return o, nil
}
