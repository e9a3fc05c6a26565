package whatsapp

import (
	_ "embed"
	"fmt"
	"net/url"
	"regexp"
	"time"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
)

//go:embed example-config.yaml
var exampleConfig string

// Config is WhatsApp's part of Puente's config.
type Config struct {
	GraphURL     string        `yaml:"graph_url"`
	GraphVersion string        `yaml:"graph_version"`
	AppSecret    string        `yaml:"app_secret"`
	VerifyToken  string        `yaml:"verify_token"`
	StatusGrace  time.Duration `yaml:"status_grace"`
	Throughput   int           `yaml:"throughput"`
	Typing       bool          `yaml:"typing"`
	LinkPreviews bool          `yaml:"link_previews"`
}

var graphVersion = regexp.MustCompile(`^v[0-9]+\.[0-9]+$`)

// validate names the first value that cannot work, and the mend.
func (c *Config) validate() error {
	base, err := url.Parse(c.GraphURL)
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return fmt.Errorf("networks.whatsapp.graph_url: must be a web address such as %s: %w", graph.DefaultBaseURL, errs.ErrInvalid)
	case !graphVersion.MatchString(c.GraphVersion):
		return fmt.Errorf("networks.whatsapp.graph_version: must look like %s: %w", graph.DefaultVersion, errs.ErrInvalid)
	case c.AppSecret == "":
		return fmt.Errorf("networks.whatsapp.app_secret: is empty; it stands in Meta's App Dashboard under App settings, Basic: %w", errs.ErrInvalid)
	case c.VerifyToken == "":
		return fmt.Errorf("networks.whatsapp.verify_token: is empty; choose any word and give the same to Meta with the callback URL: %w", errs.ErrInvalid)
	case c.StatusGrace < 0:
		return fmt.Errorf("networks.whatsapp.status_grace: must not be negative: %w", errs.ErrInvalid)
	case c.Throughput < 1 || c.Throughput > 1000:
		return fmt.Errorf("networks.whatsapp.throughput: must be 1 to 1000 messages a second: %w", errs.ErrInvalid)
	}
	return nil
}
