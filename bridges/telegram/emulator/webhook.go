package emulator

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// webhook is where a bot gets its updates, and how that went.
type webhook struct {
	URL         string    `json:"url"`
	Secret      string    `json:"secret"`
	IP          string    `json:"ip"`
	Max         int64     `json:"max"` // connections
	Certificate bool      `json:"certificate"`
	LastError   string    `json:"last_error"`
	LastErrorAt time.Time `json:"last_error_at"`
	GoneSince   time.Time `json:"gone_since"` // of the first 410 in a row
}

// setWebhook makes updates go to an address. ref: reference/telegram-bot.md §2
func (c *call) setWebhook() (any, *refusal) {
	address := strings.TrimSpace(c.text("url"))
	if c.yes("drop_pending_updates") {
		c.drop()
	}
	c.setAllowed()
	if address == "" {
		c.b.Hook = webhook{}
		c.e.touch()
		return true, nil
	}
	if r := c.checkWebhook(address); r != nil {
		return nil, r
	}
	if c.b.poll != nil {
		c.b.poll.end(conflict("terminated by setWebhook request"))
	}
	hook := webhook{
		URL: address, Secret: c.text("secret_token"), IP: c.text("ip_address"), Max: 40,
		Certificate: c.uploads["certificate"] != nil,
	}
	if c.has("max_connections") {
		limit := int64(100)
		if c.e.opt.Local {
			limit = 100_000
		}
		hook.Max = min(max(c.number("max_connections"), 1), limit)
	}
	c.b.Hook = hook
	for key := range c.e.hooks {
		if strings.HasPrefix(key, decimal(c.b.ID())+" ") && !c.e.hooks[key].inFlight {
			delete(c.e.hooks, key) // a new address is tried at once
		}
	}
	c.e.touch()
	return true, nil
}

func (c *call) checkWebhook(address string) *refusal {
	secret := c.text("secret_token")
	parsed, err := url.Parse(address)
	switch {
	case len(secret) > 256:
		return bad("secret token is too long")
	case strings.Trim(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "":
		return bad("secret token contains unallowed characters")
	case err != nil || parsed.Hostname() == "" || parsed.Scheme != "https" && parsed.Scheme != "http":
		return bad("invalid webhook URL specified")
	case c.e.opt.Local || c.e.opt.AnyWebhook:
		return nil
	case parsed.Scheme != "https":
		return bad("bad webhook: An HTTPS URL must be provided for webhook")
	case !slices.Contains([]string{"", "443", "80", "88", "8443"}, parsed.Port()):
		return bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
	}
	return nil
}

func (c *call) deleteWebhook() (any, *refusal) {
	if c.yes("drop_pending_updates") {
		c.drop()
	}
	c.b.Hook = webhook{}
	c.e.touch()
	return true, nil
}

// drop forgets all updates that wait.
func (c *call) drop() { c.b.Queue, c.b.Again, c.b.Held = nil, nil, nil }

func (c *call) getWebhookInfo() (any, *refusal) {
	c.e.dropOld(c.b)
	h := c.b.Hook
	out := object{
		"url": h.URL, "has_custom_certificate": h.Certificate, "pending_update_count": len(c.b.Queue),
	}
	if h.URL != "" {
		out["max_connections"] = h.Max
		out["ip_address"] = "127.0.0.1"
		if h.IP != "" {
			out["ip_address"] = h.IP
		}
	}
	if len(c.b.Allowed) > 0 {
		out["allowed_updates"] = c.b.Allowed
	}
	if h.LastError != "" {
		out["last_error_date"], out["last_error_message"] = h.LastErrorAt.Unix(), h.LastError
	}
	return out, nil
}
