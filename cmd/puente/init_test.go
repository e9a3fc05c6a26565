package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gopkg.in/yaml.v3"

	"puente/core/base/errs"
)

// answered are the flags that have no default.
func answered(more ...string) []string {
	return append([]string{"init", "--domain", "example.com", "--operators", "@anna:example.com"}, more...)
}

func TestInitWritesBothFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	out, err := puente(t, nobody(t), answered("--agents", "@ben:example.com, @cleo:example.com", "--whatsapp-app-secret", "abc",
		"--homeserver", "https://matrix.example.com/", "--public-url", "https://puente.example.com")...)
	if err != nil {
		t.Fatal(err)
	}
	mentions(t, out, "config.yaml and registration.yaml", "app_service_config_files", filepath.Join(must(os.Getwd()), "registration.yaml"), "2. puente check\n3. puente run\n", "@puente:example.com")
	cfg := loaded(t, "config.yaml")
	t.Run("SaysWhereTheConfigIs", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "other.yaml")
		out, err := puente(t, nobody(t), answered("-c", path, "--registration", filepath.Join(dir, "registration.yaml"))...)
		if err != nil {
			t.Fatal(err)
		}
		mentions(t, out, "2. puente check -c "+path+"\n3. puente run -c "+path+"\n")
	})
	t.Run("ConfigHasTheAnswers", func(t *testing.T) {
		if cfg.Homeserver.Address != "https://matrix.example.com" || cfg.Homeserver.Domain != "example.com" || cfg.Database.URI != "puente.db" ||
			!slices.Equal(cfg.Agents.Users, []string{"@ben:example.com", "@cleo:example.com"}) ||
			!slices.Equal(cfg.Agents.Operators, []string{"@anna:example.com"}) || cfg.PublicURL != "https://puente.example.com" {
			t.Errorf("config: %+v", cfg)
		}
		if !slices.Equal(cfg.Networks(), []string{"whatsapp"}) {
			t.Errorf("networks: %v", cfg.Networks())
		}
	})
	t.Run("OnlyTheOwnerReadsThem", func(t *testing.T) {
		for _, path := range []string{"config.yaml", "registration.yaml"} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", path, info.Mode(), err)
			}
		}
	})
	t.Run("RegistrationHasTheSameTokens", func(t *testing.T) {
		registration := readRegistration(t)
		if registration["as_token"] != cfg.Appservice.ASToken || registration["hs_token"] != cfg.Appservice.HSToken ||
			registration["sender_localpart"] != "puente" || registration["url"] != "http://localhost:29330" {
			t.Errorf("registration: %v", registration)
		}
	})
	t.Run("SecretsAreEachTheirOwn", func(t *testing.T) {
		all := []string{cfg.Appservice.ASToken, cfg.Appservice.HSToken, cfg.Encryption.PickleKey, cfg.Provisioning.SharedSecret}
		slices.Sort(all)
		if len(slices.Compact(all)) != 4 || len(all[0]) < 32 {
			t.Errorf("%d secrets, the shortest with %d characters", len(slices.Compact(all)), len(all[0]))
		}
	})
	t.Run("NothingElseIsLeft", func(t *testing.T) { leaves(t, ".", "config.yaml", "registration.yaml") })
}

func TestInitWithoutASecretLeavesTheNetworkOff(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := puente(t, nobody(t), answered()...); err != nil {
		t.Fatal(err)
	}
	if on := loaded(t, "config.yaml").Networks(); len(on) != 0 {
		t.Errorf("networks: %v", on)
	}
}

func TestInitWithNobodyThereNamesTheFlags(t *testing.T) {
	closed := nobody(t)
	_ = closed.Close()
	for name, in := range map[string]io.Reader{"NullDevice": nobody(t), "ClosedInput": closed, "EmptyInput": strings.NewReader("")} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			out, err := puente(t, in, "init")
			if !errors.Is(err, errs.ErrInvalid) {
				t.Fatalf("error: %v", err)
			}
			mentions(t, err.Error(), "--domain is needed", "--operators is needed")
			if strings.Contains(err.Error(), "--listen") || strings.Contains(err.Error(), "--agents") {
				t.Errorf("it asks for what has a default or may be empty: %v", err)
			}
			if name != "EmptyInput" && out != "" {
				t.Errorf("it asks although nobody is there: %q", out)
			}
			leaves(t, ".")
		})
	}
}

func TestInitAsks(t *testing.T) {
	const answers = "example.com\n\n\n\nhttps://puente.example.com\n\n\n@ben:example.com\n\n  @anna:example.com  \n WhatsApp,\nabc\n"
	for name, in := range map[string]io.Reader{"Terminal": strings.NewReader(answers), "Pipe": piped(t, answers)} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			out, err := puente(t, in, "init")
			if err != nil {
				t.Fatal(err)
			}
			mentions(t, out, "server_name", "[http://localhost:8008]", "[sqlite]")
			cfg := loaded(t, "config.yaml")
			if cfg.Homeserver.Domain != "example.com" || cfg.Homeserver.Address != "http://localhost:8008" || cfg.PublicURL != "https://puente.example.com" ||
				!slices.Equal(cfg.Agents.Operators, []string{"@anna:example.com"}) || !slices.Equal(cfg.Networks(), []string{"whatsapp"}) {
				t.Errorf("config: %+v", cfg)
			}
		})
	}
	t.Run("NoSuchNetwork", func(t *testing.T) {
		t.Chdir(t.TempDir())
		_, err := puente(t, nobody(t), answered("--networks", "whatsapp,fax", "--whatsapp-app-secret", "abc")...)
		if !errors.Is(err, errs.ErrInvalid) {
			t.Fatalf("error: %v", err)
		}
		mentions(t, err.Error(), `"fax"`, "--networks", "whatsapp")
		leaves(t, ".")
	})
	t.Run("ANetworkThatIsOnNeedsItsSettings", func(t *testing.T) {
		t.Chdir(t.TempDir())
		_, err := puente(t, nobody(t), answered("--networks", "whatsapp")...)
		if !errors.Is(err, errs.ErrInvalid) {
			t.Fatalf("error: %v", err)
		}
		mentions(t, err.Error(), "--whatsapp-app-secret is needed")
	})
	t.Run("OnlyWhatNoFlagAnswers", func(t *testing.T) {
		t.Chdir(t.TempDir())
		out, err := puente(t, strings.NewReader("\n\n\n\n\n\n\n\n\n"), answered("--public-url", "")...)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out, "server_name") || strings.Contains(out, "public") || strings.Contains(out, "operators' Matrix") {
			t.Errorf("it asks for what a flag answers:\n%s", out)
		}
	})
}

func TestInitWhenTheInputEndsInTheMiddle(t *testing.T) {
	t.Run("TheRestHasItsDefaults", func(t *testing.T) {
		t.Chdir(t.TempDir())
		out, err := puente(t, strings.NewReader("https://matrix.example.com"), answered()...)
		if err != nil {
			t.Fatal(err)
		}
		if got := loaded(t, "config.yaml").Homeserver.Address; got != "https://matrix.example.com" {
			t.Errorf("the last answer, without a line end, is lost: %s", got)
		}
		if strings.Contains(out, "Where Puente listens") {
			t.Errorf("it goes on asking:\n%s", out)
		}
	})
	t.Run("WhatHasNoDefaultIsNamed", func(t *testing.T) {
		t.Chdir(t.TempDir())
		_, err := puente(t, strings.NewReader("example.com\n"), "init")
		if !errors.Is(err, errs.ErrInvalid) || !strings.Contains(err.Error(), "--operators") || strings.Contains(err.Error(), "--domain") {
			t.Errorf("error: %v", err)
		}
		leaves(t, ".")
	})
}

func TestInitRefusesAnAnswerThatCannotWork(t *testing.T) {
	for name, tc := range map[string]struct {
		flags []string
		says  []string
	}{
		"OperatorWithoutAt":     {[]string{"--operators", "anna"}, []string{"--operators", "agents.operators[0]", "@anna:example.com"}},
		"SecondAgent":           {[]string{"--agents", "@ben:example.com,cleo"}, []string{"--agents", "agents.users[1]"}},
		"AddressWithoutScheme":  {[]string{"--homeserver", "localhost:8008"}, []string{"--homeserver", "homeserver.address", "http://"}},
		"UnknownDatabase":       {[]string{"--database-type", "mysql"}, []string{"--database-type", "database.type", "sqlite, postgres"}},
		"ListenWithoutPort":     {[]string{"--listen", "127.0.0.1"}, []string{"--listen", "appservice.listen", "host:port"}},
		"DomainWithScheme":      {[]string{"--domain", "https://example.com"}, []string{"--domain", "homeserver.domain", "server_name"}},
		"RoomWithoutServer":     {[]string{"--agents-room", "team"}, []string{"--agents-room", "agents.room", "#team:example.com"}},
		"PublicURLWithQuery":    {[]string{"--public-url", "https://a.example/?x"}, []string{"--public-url", "public_url"}},
		"LineBreakInTheAddress": {[]string{"--address", "http://a\nb"}, []string{"--address", "appservice.address"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			_, err := puente(t, nobody(t), answered(tc.flags...)...)
			if !errors.Is(err, errs.ErrInvalid) {
				t.Fatalf("error: %v", err)
			}
			mentions(t, err.Error(), tc.says...)
			if strings.Contains(err.Error(), ".puente-") {
				t.Errorf("it names a file that is not there: %v", err)
			}
			leaves(t, ".")
		})
	}
	t.Run("OfTheEnvironment", func(t *testing.T) {
		t.Chdir(t.TempDir())
		t.Setenv("PUENTE_SIGNATURE", "initials")
		_, err := puente(t, nobody(t), answered()...)
		if err == nil {
			t.Fatal("accepted")
		}
		mentions(t, err.Error(), "PUENTE_SIGNATURE: signature")
		leaves(t, ".")
	})
}

func TestInitAndFilesThatAreThere(t *testing.T) {
	start := func(t *testing.T) (config, registration string) {
		t.Helper()
		t.Chdir(t.TempDir())
		if _, err := puente(t, nobody(t), answered()...); err != nil {
			t.Fatal(err)
		}
		return string(must(os.ReadFile("config.yaml"))), string(must(os.ReadFile("registration.yaml")))
	}
	unchanged := func(t *testing.T, config, registration string) {
		t.Helper()
		if string(must(os.ReadFile("config.yaml"))) != config || string(must(os.ReadFile("registration.yaml"))) != registration {
			t.Error("a file was changed")
		}
		leaves(t, ".", "config.yaml", "registration.yaml")
	}
	t.Run("AreNotOverwritten", func(t *testing.T) {
		config, registration := start(t)
		_, err := puente(t, nobody(t), answered()...)
		if !errors.Is(err, errs.ErrConflict) {
			t.Fatalf("error: %v", err)
		}
		mentions(t, err.Error(), "config.yaml", "--force", "--registration-only")
		unchanged(t, config, registration)
	})
	t.Run("ARegistrationAloneIsNotOverwrittenEither", func(t *testing.T) {
		start(t)
		if err := os.Remove("config.yaml"); err != nil {
			t.Fatal(err)
		}
		if _, err := puente(t, nobody(t), answered()...); !errors.Is(err, errs.ErrConflict) || !strings.Contains(err.Error(), "registration.yaml") {
			t.Fatalf("error: %v", err)
		}
		leaves(t, ".", "registration.yaml")
	})
	t.Run("AreOverwrittenByForce", func(t *testing.T) {
		config, _ := start(t)
		if err := os.Chmod("config.yaml", 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := puente(t, nobody(t), answered("--force")...); err != nil {
			t.Fatal(err)
		}
		if string(must(os.ReadFile("config.yaml"))) == config {
			t.Error("the tokens are the old ones")
		}
		if mode := must(os.Stat("config.yaml")).Mode().Perm(); mode != 0o600 {
			t.Errorf("mode %v", mode)
		}
		if readRegistration(t)["as_token"] != loaded(t, "config.yaml").Appservice.ASToken {
			t.Error("the registration is of another config")
		}
	})
	t.Run("SurviveAWrongAnswerInSpiteOfForce", func(t *testing.T) {
		config, registration := start(t)
		if _, err := puente(t, nobody(t), answered("--force", "--operators", "anna")...); !errors.Is(err, errs.ErrInvalid) {
			t.Fatalf("error: %v", err)
		}
		unchanged(t, config, registration)
	})
	t.Run("RegistrationOnlyKeepsTheConfig", func(t *testing.T) {
		config, registration := start(t)
		if err := os.Remove("registration.yaml"); err != nil {
			t.Fatal(err)
		}
		out, err := puente(t, nobody(t), "init", "--registration-only")
		if err != nil {
			t.Fatal(err)
		}
		unchanged(t, config, registration)
		if strings.Contains(out, "config.yaml and") {
			t.Errorf("it claims to have written the config: %s", out)
		}
	})
	t.Run("WhoeverReadsTheRegistrationCanReadItStill", func(t *testing.T) {
		start(t)
		group := os.Getgid()
		if os.Geteuid() == 0 {
			group = 54321 // the homeserver's
		}
		if err := errors.Join(os.Chown("registration.yaml", -1, group), os.Chmod("registration.yaml", 0o640)); err != nil {
			t.Fatal(err)
		}
		if _, err := puente(t, nobody(t), "init", "--registration-only"); err != nil {
			t.Fatal(err)
		}
		file, err := os.Stat("registration.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if owner := file.Sys().(*syscall.Stat_t); file.Mode().Perm() != 0o640 || int(owner.Gid) != group {
			t.Errorf("mode %s, group %d", file.Mode(), owner.Gid)
		}
	})
	t.Run("RegistrationOnlyNeedsAConfigThatWorks", func(t *testing.T) {
		_, registration := start(t)
		broken := "homeserver:\n    addrss: x\n"
		if err := os.WriteFile("config.yaml", []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := puente(t, nobody(t), "init", "--registration-only")
		if err == nil {
			t.Fatal("accepted")
		}
		mentions(t, err.Error(), "config.yaml:2", "homeserver.addrss", "homeserver.address")
		unchanged(t, broken, registration)
	})
}

func TestInitIntoFoldersThatAreNotThere(t *testing.T) {
	for name, flags := range map[string][]string{
		"Config": {"--config", "conf/config.yaml"}, "Registration": {"--registration", "synapse/registration.yaml"},
		"SameFile": {"--config", "a.yaml", "--registration", "./a.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if _, err := puente(t, nobody(t), answered(flags...)...); err == nil || !strings.Contains(err.Error(), flags[len(flags)-1]) && name != "SameFile" {
				t.Errorf("error: %v", err)
			}
			leaves(t, ".")
		})
	}
}

func piped(t *testing.T, text string) io.Reader {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	if _, err = w.WriteString(text); err != nil { // it fits into the pipe
		t.Fatal(err)
	}
	if err = w.Close(); err != nil {
		t.Fatal(err)
	}
	return r
}

// leaves checks that a folder has these files and no other.
func leaves(t *testing.T, dir string, want ...string) {
	t.Helper()
	var got []string
	for _, entry := range must(os.ReadDir(dir)) {
		got = append(got, entry.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("files: %v, want %v", got, want)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func readRegistration(t *testing.T) map[string]any {
	t.Helper()
	var registration map[string]any
	if err := yaml.Unmarshal(must(os.ReadFile("registration.yaml")), &registration); err != nil {
		t.Fatal(err)
	}
	return registration
}
