package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	shortestSecret   = 16          // characters
	shortestKeeping  = 8 * day     // ref: package journal, MinRetention
	mostWorkers      = 1000        // of the journal
	shortestMaxAge   = time.Minute // of an entry; less would set it aside at the first hiccup
	localpartPattern = `^[a-z0-9._=/+-]+$`
)

// validator collects what is wrong with values of the right kind.
type validator struct {
	origin origins
	found  *Problems
}

func (v validator) require(ok bool, path, text string) {
	if !ok {
		v.found.add(v.origin[path], path+" "+text)
	}
}

func (v validator) address(path, value string, optional bool) {
	if value == "" {
		v.require(optional, path, "is missing: give an address such as https://example.com")
		return
	}
	parsed, err := url.Parse(value)
	ok := err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != "" && parsed.RawQuery == "" && parsed.Fragment == ""
	v.require(ok, path, "must be an address that begins with http:// or https://, without ? and #")
}

func (v validator) oneOf(path, value string, allowed ...string) {
	v.require(slices.Contains(allowed, value), path, fmt.Sprintf("is %q: write %s", value, strings.Join(allowed, ", ")))
}

func (v validator) matches(path, value, pattern, mend string) {
	v.require(regexp.MustCompile(pattern).MatchString(value), path, mend)
}

func (v validator) users(path string, users []string) {
	for i, user := range users {
		v.found.addIf(!regexp.MustCompile(`^@[^:\s]+:\S+$`).MatchString(user), v.origin[path],
			element(path, i)+fmt.Sprintf(" is %q: write a full Matrix user ID such as \"@anna:example.com\"", user))
	}
}

func (v validator) secret(path, value string, optional bool) {
	v.require(optional || value != "", path, "is missing: `puente init` makes one")
	v.require(value == "" || len(value) >= shortestSecret, path,
		fmt.Sprintf("is too short: take %d random characters or more, such as from `openssl rand -hex 32`", shortestSecret))
}

func (p *Problems) addIf(wrong bool, where, text string) {
	if wrong {
		p.add(where, text)
	}
}

// validate reports every value that cannot work.
func (c *Config) validate(origin origins, found *Problems) {
	v := validator{origin: origin, found: found}
	v.address("homeserver.address", c.Homeserver.Address, false)
	v.matches("homeserver.domain", c.Homeserver.Domain, `^[A-Za-z0-9.:\[\]-]+$`,
		"is missing or no server name: write the server_name of the homeserver's config, such as example.com")
	v.address("public_url", c.PublicURL, true)
	c.validateAppservice(v)
	v.oneOf("database.type", c.Database.Type, "sqlite", "postgres")
	v.require(c.Database.URI != "", "database.uri", "is missing: give the path of a SQLite file or a postgres:// address")
	v.require(c.Database.MaxOpenConns >= 0, "database.max_open_conns", "must be 0 or more")
	v.users("agents.users", c.Agents.Users)
	v.users("agents.operators", c.Agents.Operators)
	v.matches("agents.operators_room", c.Agents.OperatorsRoom, `^$|^![^\s]+$|^#[^:\s]+:\S+$`, "must be a room's ID (!…) or alias (#operators:example.com)")
	v.matches("agents.room", c.Agents.Room, `^$|^![^\s]+$|^#[^:\s]+:\S+$`, "must be a room's ID (!…) or alias (#team:example.com)")
	v.oneOf("signature", c.Signature, "none", "first_name", "full_name")
	v.oneOf("encryption.mode", c.Encryption.Mode, "off", "allowed", "default", "required")
	v.secret("encryption.pickle_key", c.Encryption.PickleKey, c.Encryption.Mode == "off")
	v.secret("provisioning.shared_secret", c.Provisioning.SharedSecret, true)
	v.secret("metrics.token", c.Metrics.Token, true)
	c.validateDesk(v)
	c.validateJournal(v)
	v.oneOf("logging.level", c.Logging.Level, "trace", "debug", "info", "warn", "error")
	v.oneOf("logging.format", c.Logging.Format, "pretty", "json")
}

func (c *Config) validateAppservice(v validator) {
	v.matches("appservice.id", c.Appservice.ID, `^[A-Za-z0-9._-]+$`, "must be a name of letters, digits, dots, _ and -")
	v.address("appservice.address", c.Appservice.Address, false)
	_, port, err := net.SplitHostPort(c.Appservice.Listen)
	number, notNumber := strconv.ParseUint(port, 10, 16)
	v.require(err == nil && notNumber == nil && number <= 65535, "appservice.listen", "must be host:port, such as 127.0.0.1:29330")
	for i, text := range c.Appservice.TrustedProxies {
		_, ok := readNetwork(text)
		v.found.addIf(!ok, v.origin["appservice.trusted_proxies"],
			element("appservice.trusted_proxies", i)+fmt.Sprintf(" is %q: write an address such as 127.0.0.1, or a network such as 172.18.0.0/16", text))
	}
	v.secret("appservice.as_token", c.Appservice.ASToken, false)
	v.secret("appservice.hs_token", c.Appservice.HSToken, false)
	v.require(c.Appservice.ASToken == "" || c.Appservice.ASToken != c.Appservice.HSToken, "appservice.hs_token",
		"is the same as as_token: they must differ, or whoever learns one can pose as both")
	v.matches("appservice.bot", c.Appservice.Bot, localpartPattern, "must be a localpart: lower-case letters, digits and ._=/+-")
	v.matches("appservice.user_prefix", c.Appservice.UserPrefix, localpartPattern, "must be the beginning of a localpart: lower-case letters, digits and ._=/+-")
	v.require(!strings.HasPrefix(c.Appservice.Bot, c.Appservice.UserPrefix), "appservice.bot", "must not begin with user_prefix: it would be taken for a customer")
}

func (c *Config) validateJournal(v validator) {
	v.require(c.Journal.Workers >= 1 && c.Journal.Workers <= mostWorkers, "journal.workers", fmt.Sprintf("must be from 1 to %d", mostWorkers))
	v.require(c.Journal.MaxAttempts >= 0, "journal.max_attempts", "must be 0 (no limit) or more")
	v.require(c.Journal.MaxAge.Std() >= shortestMaxAge, "journal.max_age", "must be 1m or more")
	v.require(c.Journal.Retention.Std() >= shortestKeeping, "journal.retention", "must be 8d or more: providers repeat for 7 days, and repetitions must be known")
	v.require(c.Journal.FailedRetention.Std() >= shortestKeeping, "journal.failed_retention", "must be 8d or more: providers repeat for 7 days, and repetitions must be known")
}
