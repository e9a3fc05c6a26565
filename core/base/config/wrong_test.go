package config_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"puente/core/base/config"
	"puente/core/base/errs"
)

func TestWrongInputIsNamedByKeyAndPlace(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		env  []string
		want []string // each a whole line
	}{
		"UnknownKey": {"homeserver:\n    addrss: x\n", nil,
			[]string{"config.yaml:2: unknown key homeserver.addrss; did you mean homeserver.address?"}},
		"UnknownKeyInAnUnknownPart": {"# a comment\nhomserver:\n    addrss: x\n    domain: y\n", nil, []string{
			"config.yaml:3: unknown key homserver.addrss; did you mean homeserver.address?",
			"config.yaml:4: unknown key homserver.domain; did you mean homeserver.domain?"}},
		"MisplacedKey": {minimal + "as_token: x\n", nil,
			[]string{"config.yaml:7: unknown key as_token; did you mean appservice.as_token?"}},
		"NothingSimilar": {minimal + "zzzzzzzzzz: 1\n", nil,
			[]string{"config.yaml:7: unknown key zzzzzzzzzz: remove it, or look it up in config.example.yaml"}},
		"UnknownNetwork": {minimal + "networks:\n    telegramm: {}\n", nil,
			[]string{"config.yaml:8: there is no network telegramm: this Puente has whatsapp, signal"}},
		"UnknownKeyOfANetwork": {minimal + "networks:\n    whatsapp:\n        app_secrets: x\n", nil,
			[]string{"config.yaml:9: unknown key networks.whatsapp.app_secrets; did you mean networks.whatsapp.app_secret?"}},
		"UnknownKeyOfAnElement": {minimal + "networks:\n    whatsapp:\n        accounts:\n            - numbre: x\n", nil,
			[]string{"config.yaml:10: unknown key networks.whatsapp.accounts[0].numbre; did you mean networks.whatsapp.accounts[0].number?"}},
		"GivenTwice": {minimal + "signature: none\nsignature: first_name\n", nil,
			[]string{"config.yaml:8: signature is given twice: remove one of them"}},
		"ListInsteadOfText": {minimal + "signature: [none]\n", nil,
			[]string{"config.yaml:7: signature must be one value, not a list"}},
		"TextInsteadOfList": {minimal + "agents:\n    users: \"@a:b\"\n", nil,
			[]string{"config.yaml:8: agents.users must be a list, not one value"}},
		"TextInsteadOfPart": {minimal + "journal: quick\n", nil,
			[]string{"config.yaml:7: journal must be keys and values, not one value"}},
		"WrongTypes": {minimal + "journal:\n    workers: many\n    max_age: soon\n    retention: 9\n", nil, []string{
			`config.yaml:8: journal.workers must be a whole number, not "many"`,
			`config.yaml:9: journal.max_age must be a duration such as 30s, 5m, 2h or 8d, not "soon"`,
			`config.yaml:10: journal.retention must be a duration such as 30s, 5m, 2h or 8d, not "9"`}},
		"WrongTypeInTheEnvironment": {minimal, []string{"PUENTE_JOURNAL_WORKERS=many"},
			[]string{`PUENTE_JOURNAL_WORKERS: journal.workers must be a whole number, not "many"`}},
		"UnknownVariable": {minimal, []string{"PUENTE_HOMESERVER_ADDRSS=x"},
			[]string{"PUENTE_HOMESERVER_ADDRSS: this environment variable names no key of the config: unset it, or did you mean PUENTE_HOMESERVER_ADDRESS?"}},
		"SeveralValuesAtOnce": {strings.Replace(minimal, "domain: example.com", "domain: \"\"", 1) +
			"signature: nickname\njournal:\n    retention: 7d\nagents:\n    users: [anna]\nencryption:\n    mode: required\n",
			[]string{"PUENTE_PUBLIC_URL=puente.example.com"}, []string{
				"config.yaml:3: homeserver.domain is missing or no server name: write the server_name of the homeserver's config, such as example.com",
				`PUENTE_PUBLIC_URL: public_url must be an address that begins with http:// or https://, without ? and #`,
				`config.yaml:11: agents.users[0] is "anna": write a full Matrix user ID such as "@anna:example.com"`,
				`config.yaml:7: signature is "nickname": write none, first_name, full_name`,
				"encryption.pickle_key is missing: `puente init` makes one",
				"config.yaml:9: journal.retention must be 8d or more: providers repeat for 7 days, and repetitions must be known",
			}},
		"Nothing": {"", nil, []string{
			"homeserver.address is missing: give an address such as https://example.com",
			"homeserver.domain is missing or no server name: write the server_name of the homeserver's config, such as example.com",
			"appservice.as_token is missing: `puente init` makes one",
			"appservice.hs_token is missing: `puente init` makes one"}},
		"SameTokens": {strings.ReplaceAll(minimal, "as-0", "hs-0"), nil,
			[]string{"config.yaml:6: appservice.hs_token is the same as as_token: they must differ, or whoever learns one can pose as both"}},
		"BotLooksLikeACustomer": {minimal + "    bot: puente_bot\n", nil,
			[]string{"config.yaml:7: appservice.bot must not begin with user_prefix: it would be taken for a customer"}},
		"FileMissing": {strings.Replace(minimal, "as_token: as-0123456789abcdef", "as_token_file: /nowhere/token", 1), nil, []string{
			"config.yaml:5: appservice.as_token_file names /nowhere/token, which does not exist: create it or correct the path"}},
		"ValueAndFile": {minimal + "    as_token_file: /nowhere/token\n", nil, []string{
			"config.yaml:7: appservice.as_token and appservice.as_token_file are both given: remove one of them"}},
		"ValueAndFileInTheEnvironment": {minimal, []string{"PUENTE_APPSERVICE_AS_TOKEN=0123456789abcdef", "PUENTE_APPSERVICE_AS_TOKEN_FILE=/nowhere"}, []string{
			"PUENTE_APPSERVICE_AS_TOKEN_FILE: appservice.as_token and appservice.as_token_file are both given: remove one of them"}},
		"Anchor": {minimal + "signature: &s none\npublic_url: *s\n", nil, []string{
			"config.yaml:7: signature uses an anchor or alias (& or *), which Puente does not read: write the value out",
			"config.yaml:8: public_url uses an anchor or alias (& or *), which Puente does not read: write the value out"}},
		"NoMapping":    {"- a\n", nil, []string{"config.yaml:1: the file must consist of keys and values, such as `homeserver:`"}},
		"TwoDocuments": {minimal + "---\na: 1\n", nil, []string{"config.yaml: there must be one document: remove the line --- and what follows"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, c.text, c.env...)
			if !errors.Is(err, errs.ErrInvalid) {
				t.Fatalf("error: %v", err)
			}
			if got, want := err.Error(), strings.Join(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestBrokenYAMLIsToldByItsLine(t *testing.T) {
	_, err := load(t, minimal+"journal:\n    workers: [1\n")
	if !errors.Is(err, errs.ErrInvalid) || !strings.HasPrefix(err.Error(), "config.yaml:") || !strings.Contains(err.Error(), "not readable as YAML") {
		t.Errorf("error: %v", err)
	}
}

func TestAMissingConfigNamesTheMend(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := config.Load("config.yaml", nil, networks)
	if !errors.Is(err, errs.ErrNotFound) || !strings.Contains(err.Error(), "puente init") {
		t.Errorf("error: %v", err)
	}
}

func TestSecretsAreNotInTheMessages(t *testing.T) {
	_, err := load(t, strings.Replace(minimal, "as-0123456789abcdef", "hunter2", 1)+"networks: {whatsapp: {app_secret: [hunter2], throughput: 1}}\n",
		"PUENTE_APPSERVICE_HS_TOKEN=hunter2")
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error: %v", err)
	}
	_, err = load(t, strings.Replace(minimal, "as-0123456789abcdef", "hunter2", 1))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error: %v", err)
	}
}

func TestAnOverlongSecretFileIsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("large", make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("config.yaml", []byte(minimal+"encryption: {pickle_key_file: large}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load("config.yaml", nil, networks); !errors.Is(err, errs.ErrInvalid) || !strings.Contains(err.Error(), "encryption.pickle_key_file") {
		t.Errorf("error: %v", err)
	}
}

func TestTrustedProxies(t *testing.T) {
	cfg := mustLoad(t, minimal)
	if got := fmt.Sprint(cfg.Appservice.Proxies()); got != "[127.0.0.0/8 ::1/128]" {
		t.Errorf("by default: %s", got)
	}
	cfg = mustLoad(t, minimal, "PUENTE_APPSERVICE_TRUSTED_PROXIES=172.18.0.2,10.1.2.3/16,::ffff:192.0.2.1")
	if got := fmt.Sprint(cfg.Appservice.Proxies()); got != "[172.18.0.2/32 10.1.0.0/16 192.0.2.1/32]" {
		t.Errorf("as set: %s", got)
	}
	_, err := load(t, minimal, "PUENTE_APPSERVICE_TRUSTED_PROXIES=proxy.example.com")
	if err == nil || !strings.Contains(err.Error(), `appservice.trusted_proxies[0] is "proxy.example.com": write an address`) {
		t.Errorf("a name: %v", err)
	}
}
