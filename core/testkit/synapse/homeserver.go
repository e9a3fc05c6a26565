package synapse

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// uploadLimit is the largest file that a network which Puente bridges takes: a document on WhatsApp.
// ref: reference/whatsapp-cloud.md
const uploadLimit = "100M"

func configPath(dir string) string { return filepath.Join(dir, "homeserver.yaml") }

func logConfigPath(dir string) string { return filepath.Join(dir, "log.yaml") }

// writeConfig writes homeserver.yaml and the log config; both are made anew for each start.
func writeConfig(opts Options, st state) error {
	if opts.FederationPort != 0 {
		if err := makeCertificate(opts.Dir); err != nil {
			return err
		}
	}
	if err := writeYAML(configPath(opts.Dir), homeserverConfig(opts, st)); err != nil {
		return err
	}
	return writeYAML(logConfigPath(opts.Dir), logConfig(opts.LogLevel))
}

func writeYAML(path string, content any) error {
	data, err := yaml.Marshal(content)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	header := "# Made by puente at each start; changes here are lost.\n"
	if err = os.WriteFile(path, append([]byte(header), data...), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// homeserverConfig is homeserver.yaml: a closed, local server that asks nothing of the outside world.
func homeserverConfig(opts Options, st state) map[string]any {
	config := map[string]any{
		"server_name":    opts.ServerName,
		"public_baseurl": baseURL(st.Port) + "/",
		"pid_file":       filepath.Join(opts.Dir, "synapse.pid"),
		"log_config":     logConfigPath(opts.Dir),
		"listeners": []any{map[string]any{
			"port": st.Port, "type": "http", "tls": false, "bind_addresses": []string{"127.0.0.1"},
			"resources": []any{map[string]any{"names": []string{"client"}, "compress": false}},
		}},
		"database": map[string]any{
			"name": "sqlite3", "args": map[string]any{"database": filepath.Join(opts.Dir, "homeserver.db")},
		},
		"media_store_path":            filepath.Join(opts.Dir, "media"),
		"max_upload_size":             uploadLimit,
		"signing_key_path":            signingKeyPath(opts.Dir),
		"trusted_key_servers":         []any{},
		"suppress_key_server_warning": true,
		"federation_domain_whitelist": []any{},
		"url_preview_enabled":         false,
		"report_stats":                false,
		"presence":                    map[string]any{"enabled": true},
		"enable_registration":         false,
		"registration_shared_secret":  st.RegistrationSecret,
		"macaroon_secret_key":         st.MacaroonSecret,
		"form_secret":                 st.FormSecret,
		"bcrypt_rounds":               8, // reachable from this machine only, and every test logs in
		"user_directory":              map[string]any{"search_all_users": true},
		"app_service_config_files":    opts.Registrations,
		"auto_accept_invites":         map[string]any{"enabled": opts.AutoAcceptInvites},
		"experimental_features":       experimentalFeatures(opts.ExperimentalFeatures),
	}
	if opts.FederationPort != 0 {
		federate(config, opts)
	}
	maps.Copy(config, rateLimits())
	maps.Copy(config, opts.Extra)
	return config
}

func experimentalFeatures(on bool) map[string]any {
	if !on {
		return map[string]any{}
	}
	return map[string]any{
		"msc2409_to_device_messages_enabled": true,
		"msc3202_device_masquerading":        true,
		"msc3202_transaction_extensions":     true,
	}
}

// rateLimits lifts every limit that Synapse sets on its users: here they are a script or one person at the keyboard.
func rateLimits() map[string]any {
	lifted := map[string]any{"per_second": 100000, "burst_count": 100000}
	limits := map[string]any{
		"rc_login":    map[string]any{"address": lifted, "account": lifted, "failed_attempts": lifted},
		"rc_joins":    map[string]any{"local": lifted, "remote": lifted},
		"rc_invites":  map[string]any{"per_room": lifted, "per_user": lifted, "per_issuer": lifted},
		"rc_presence": map[string]any{"per_user": lifted},
	}
	for _, name := range []string{
		"rc_message", "rc_registration", "rc_registration_token_validity", "rc_admin_redaction", "rc_joins_per_room",
		"rc_key_requests", "rc_3pid_validation", "rc_third_party_invite", "rc_media_create", "rc_delayed_event_mgmt",
		"rc_room_creation", "rc_reports", "rc_user_directory",
	} {
		limits[name] = lifted
	}
	return limits
}

// logConfig sends the log to standard output, from where we take it.
func logConfig(level string) map[string]any {
	return map[string]any{
		"version": 1,
		"formatters": map[string]any{
			"precise": map[string]any{"format": "%(asctime)s %(name)s %(levelname)s %(message)s"},
		},
		"handlers": map[string]any{
			"console": map[string]any{
				"class": "logging.StreamHandler", "formatter": "precise", "stream": "ext://sys.stdout",
			},
		},
		"root":                     map[string]any{"level": level, "handlers": []string{"console"}},
		"disable_existing_loggers": false,
	}
}
