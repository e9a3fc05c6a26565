package signal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// checkPatience is how long `puente check` waits for the daemon.
const checkPatience = 10 * time.Second

// Check implements network.Checker: whether the daemon is there, how old it is, and what it has of each account.
func (c *Connector) Check(ctx context.Context) []network.Finding {
	if !c.started.Load() {
		c.daemon.Start()
		defer c.daemon.Stop()
	}
	about := "signal: daemon at " + c.config.Daemon
	waiting, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	if err := c.daemon.Wait(waiting); err != nil {
		return []network.Finding{{About: about, Mend: fmt.Sprintf("start signal-cli with --receive-mode=manual, without -a, so that it listens there, and let Puente read and write the socket (%v)", err)}}
	}
	findings := []network.Finding{{OK: true, About: about + " answers"}, c.checkVersion(ctx)}
	return append(findings, c.checkAccounts(ctx)...)
}

func (c *Connector) checkVersion(ctx context.Context) network.Finding {
	version, err := c.daemon.Version(ctx)
	if err != nil {
		return network.Finding{About: "signal: version of signal-cli", Mend: "it does not tell its version: " + err.Error()}
	}
	return network.Finding{OK: versionProblem(version, c.clock.Now()) == "", About: "signal: signal-cli " + version.String(), Mend: versionProblem(version, c.clock.Now())}
}

// versionProblem says what is wrong with a version; nothing if it is young enough. ref: reference/signal-cli.md §1
func versionProblem(version daemon.Version, now time.Time) string {
	switch age := version.Age(now); {
	case version.Compare(daemon.Oldest()) < 0:
		return fmt.Sprintf("update signal-cli to the newest version: Puente needs %s at least", daemon.Oldest())
	case age >= daemon.Lifetime:
		return fmt.Sprintf("update signal-cli to the newest version: this one came out more than %d days ago, and Signal's server refuses versions after about 90", int(age.Hours()/24))
	}
	return ""
}

// noteVersion warns of an old daemon. It tells whether the version is known.
func (c *Connector) noteVersion(ctx context.Context) bool {
	version, err := c.daemon.Version(ctx)
	if err != nil {
		if ctx.Err() == nil {
			c.log.Warn().Err(err).Msg("The signal-cli daemon does not tell its version")
		}
		return false
	}
	problem := versionProblem(version, c.clock.Now())
	if problem == "" {
		c.log.Info().Stringer("version", version).Msg("The signal-cli daemon told its version")
		return true
	}
	c.log.Warn().Stringer("version", version).Str("mend", problem).Msg("The signal-cli daemon is old")
	c.tell(ctx, "signal:daemon:version", fmt.Sprintf("⚠️ **Signal**: signal-cli %s is old: %s.", version, problem))
	return true
}

func (c *Connector) checkAccounts(ctx context.Context) []network.Finding {
	numbers, err := c.daemon.Accounts(ctx)
	var refused *daemon.Error
	if errors.As(err, &refused) && refused.Code == daemon.CodeNoMethod {
		return []network.Finding{{About: "signal: accounts of the daemon", Mend: "the daemon runs for one account alone: start it without -a"}}
	} else if err != nil {
		return []network.Finding{{About: "signal: accounts of the daemon", Mend: "it does not list them: " + either(errs.Message(err), err.Error())}}
	}
	there := map[string]bool{}
	for _, number := range numbers {
		there[number] = true
	}
	var findings []network.Finding
	for _, client := range c.clients() {
		found := network.Finding{OK: there[client.meta().Number], About: "signal: account " + client.self()}
		if found.OK {
			found.About += " is on the daemon"
		} else {
			found.Mend = "the daemon no longer has it: write `login signal link` to @puente"
		}
		findings = append(findings, found)
	}
	if len(findings) == 0 {
		findings = append(findings, network.Finding{About: "signal: no account is connected", Mend: "write `login signal` to @puente"})
	}
	return append(findings, network.Finding{
		OK: true, About: "signal: the daemon does not tell its receive mode; make sure that it runs with --receive-mode=manual, else messages are lost while Puente is down",
	})
}
