package telegram

import (
	_ "embed"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
)

//go:embed example-config.yaml
var exampleConfig string

// Config is Telegram's part of Puente's config.
type Config struct {
	APIURL        string        `yaml:"api_url"`
	LocalServer   bool          `yaml:"local_server"`
	Mode          string        `yaml:"mode"`
	WebhookSecret string        `yaml:"webhook_secret"`
	PollTimeout   time.Duration `yaml:"poll_timeout"`
	Typing        bool          `yaml:"typing"`
	LinkPreviews  bool          `yaml:"link_previews"`
	EchoGrace     time.Duration `yaml:"echo_grace"`

	MessagesPerSecond float64 `yaml:"messages_per_second"`
	ChatPerSecond     float64 `yaml:"chat_per_second"`
	ChatBurst         int     `yaml:"chat_burst"`
	GroupPerMinute    float64 `yaml:"group_per_minute"`
}

// The values of mode.
const (
	modePoll    = "poll"
	modeWebhook = "webhook"
)

// webhookSecret is what Telegram takes as one, if it is long enough not to be guessed. ref: reference/telegram-bot.md §2, setWebhook
var webhookSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{16,256}$`)

// validate names the first value that cannot work, and the mend.
func (c *Config) validate(publicURL string) error {
	base, err := url.Parse(c.APIURL)
	wrong := func(key, why string) error {
		return fmt.Errorf("networks.telegram.%s: %s: %w", key, why, errs.ErrInvalid)
	}
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return wrong("api_url", "must be a web address such as "+botapi.DefaultBaseURL)
	case c.LocalServer && strings.TrimRight(c.APIURL, "/") == botapi.DefaultBaseURL:
		return wrong("local_server", "is true, but api_url is Telegram's own server: set api_url to your server, such as http://127.0.0.1:8081")
	case c.Mode != modePoll && c.Mode != modeWebhook:
		return wrong("mode", "must be poll or webhook")
	case c.Mode == modeWebhook && publicURL == "":
		return wrong("mode", "is webhook, but public_url is not set: set it, or use poll")
	case c.WebhookSecret != "" && !webhookSecret.MatchString(c.WebhookSecret):
		return wrong("webhook_secret", "must be 16 to 256 letters, digits, _ or -, so that nobody guesses it")
	case c.PollTimeout < time.Second || c.PollTimeout > 50*time.Second:
		return wrong("poll_timeout", "must be 1s to 50s")
	case c.EchoGrace < 0:
		return wrong("echo_grace", "must not be negative")
	case c.MessagesPerSecond <= 0 || c.MessagesPerSecond > 1000:
		return wrong("messages_per_second", "must be above 0 and at most 1000")
	case c.ChatPerSecond <= 0 || c.ChatPerSecond > 1000:
		return wrong("chat_per_second", "must be above 0 and at most 1000")
	case c.ChatBurst < 1 || c.ChatBurst > 1000:
		return wrong("chat_burst", "must be 1 to 1000")
	case c.GroupPerMinute <= 0 || c.GroupPerMinute > 60_000:
		return wrong("group_per_minute", "must be above 0 and at most 60000")
	}
	return nil
}
