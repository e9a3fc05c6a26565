package main

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"puente/core/app"
	"puente/core/base/config"
	"puente/core/base/errs"
)

// question is one thing that init needs to know: a config key, the flag that answers it, and the words that ask.
type question struct {
	key, flag, ask, otherwise string
	required                  bool
}

var questions = []question{
	{key: "homeserver.domain", flag: "domain", ask: "The homeserver's server_name, what stands after the colon in its user IDs", required: true},
	{key: "homeserver.address", flag: "homeserver", ask: "Where Puente reaches the homeserver", otherwise: "http://localhost:8008", required: true},
	{key: "appservice.listen", flag: "listen", ask: "Where Puente listens", otherwise: "127.0.0.1:29330", required: true},
	{key: "appservice.address", flag: "address", ask: "Where the homeserver reaches Puente", otherwise: "http://localhost:29330", required: true},
	{key: "public_url", flag: "public-url", ask: "Where the world reaches Puente, for the providers' webhooks (https://…, may be empty)"},
	{key: "database.type", flag: "database-type", ask: "The database: sqlite or postgres", otherwise: "sqlite", required: true},
	{key: "database.uri", flag: "database", ask: "The database's file or address", otherwise: "puente.db", required: true},
	{key: "agents.users", flag: "agents", ask: "The agents' Matrix user IDs, separated by commas (may be empty)"},
	{key: "agents.room", flag: "agents-room", ask: "A room or space whose members are agents too (may be empty)"},
	{key: "agents.operators", flag: "operators", ask: "The operators' Matrix user IDs, separated by commas: who may connect accounts", required: true},
	{key: "networks.whatsapp.app_secret", flag: "whatsapp-app-secret", ask: "The app secret of your Meta app (empty: no WhatsApp for now)"},
}

// initialiser writes the config and the registration.
type initialiser struct {
	configPath       *string
	registrationPath string
	registrationOnly bool
	force            bool
	flags            map[string]*string
}

func initCommand(configPath *string) *cobra.Command {
	i := &initialiser{configPath: configPath, flags: map[string]*string{}}
	cmd := &cobra.Command{
		Use: "init", Short: "Write the config and the homeserver's registration file", Args: cobra.NoArgs,
		Long: "Writes config.yaml and registration.yaml with tokens of their own. What no flag answers is asked for, if somebody is there to answer.",
		RunE: func(cmd *cobra.Command, _ []string) error { return i.run(cmd) },
	}
	for _, q := range questions {
		i.flags[q.key] = cmd.Flags().String(q.flag, "", q.ask)
	}
	cmd.Flags().StringVar(&i.registrationPath, "registration", "registration.yaml", "the registration file to write")
	cmd.Flags().BoolVar(&i.registrationOnly, "registration-only", false, "write the registration anew, from the config as it is")
	cmd.Flags().BoolVar(&i.force, "force", false, "overwrite what is there")
	return cmd
}

func (i *initialiser) run(cmd *cobra.Command) error {
	if i.registrationOnly {
		return i.writeRegistration(cmd.OutOrStdout())
	}
	if err := i.mayWrite(*i.configPath); err != nil {
		return err
	} else if err = i.mayWrite(i.registrationPath); err != nil {
		return err
	}
	answers, err := i.answers(cmd)
	if err != nil {
		return err
	}
	text, err := configText(answers)
	if err != nil {
		return err
	}
	if err = writeSecret(*i.configPath, text); err != nil {
		return err
	}
	if err = i.writeRegistration(cmd.OutOrStdout()); err != nil {
		// The config that was just written is wrong: its answers are, so nothing of it is kept.
		return errors.Join(err, os.Remove(*i.configPath))
	}
	return nil
}

func (i *initialiser) mayWrite(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || i.force {
		return nil
	}
	return fmt.Errorf("%s is there already: %w; --force overwrites it, --registration-only writes the registration from it", path, errs.ErrConflict)
}

// answers takes the flags' values and asks for the rest.
func (i *initialiser) answers(cmd *cobra.Command) (map[string]string, error) {
	answers := map[string]string{}
	asker := newAsker(cmd)
	for _, q := range questions {
		value := *i.flags[q.key]
		if value == "" && !cmd.Flags().Changed(q.flag) {
			var err error
			if value, err = asker.ask(q); err != nil {
				return nil, err
			}
		}
		if value == "" && q.required {
			return nil, fmt.Errorf("--%s is needed: %s: %w", q.flag, q.ask, errs.ErrInvalid)
		}
		if value != "" {
			answers[q.key] = value
		}
	}
	return answers, nil
}

// asker asks a person; nobody is there if standard input is no terminal and holds nothing.
type asker struct {
	in  *bufio.Reader
	out io.Writer
}

func newAsker(cmd *cobra.Command) *asker {
	if file, ok := cmd.InOrStdin().(*os.File); ok {
		if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 || info.Name() == "null" {
			return &asker{}
		}
	}
	return &asker{in: bufio.NewReader(cmd.InOrStdin()), out: cmd.OutOrStdout()}
}

func (a *asker) ask(q question) (string, error) {
	if a.in == nil {
		return q.otherwise, nil
	}
	suffix := ""
	if q.otherwise != "" {
		suffix = " [" + q.otherwise + "]"
	}
	if _, err := fmt.Fprintf(a.out, "%s%s: ", q.ask, suffix); err != nil {
		return "", fmt.Errorf("ask for %s: %w", q.key, err)
	}
	line, err := a.in.ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		if errors.Is(err, io.EOF) {
			return q.otherwise, nil
		}
		return "", fmt.Errorf("read the answer for %s: %w", q.key, err)
	}
	if line = strings.TrimSpace(line); line != "" {
		return line, nil
	}
	return q.otherwise, nil
}

// configText is the example with the answers and fresh secrets filled in.
func configText(answers map[string]string) (string, error) {
	example := config.Example(schemas())
	if answers["networks.whatsapp.app_secret"] == "" {
		delete(answers, "networks.whatsapp.app_secret")
		example = config.Example(nil)
	} else {
		answers["networks.whatsapp.verify_token"] = secret(12)
	}
	for _, key := range []string{"appservice.as_token", "appservice.hs_token", "encryption.pickle_key", "provisioning.shared_secret"} {
		answers[key] = secret(32)
	}
	text, err := config.Fill(example, answers)
	if err != nil {
		return "", fmt.Errorf("write the config: %w", err)
	}
	return text, nil
}

func secret(bytes int) string {
	random := make([]byte, bytes)
	_, _ = rand.Read(random) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(random)
}

// writeSecret writes a file that only its owner reads, all of it or nothing.
func writeSecret(path, text string) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".puente-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.WriteString(text)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func (i *initialiser) writeRegistration(out io.Writer) error {
	cfg, err := config.Load(*i.configPath, os.Environ(), schemas())
	if err != nil {
		return err
	}
	text, err := app.Identity(cfg).Registration().YAML()
	if err != nil {
		return fmt.Errorf("write the registration: %w", err)
	}
	if err = writeSecret(i.registrationPath, text); err != nil {
		return err
	}
	absolute, err := filepath.Abs(i.registrationPath)
	if err != nil {
		absolute = i.registrationPath
	}
	_, err = fmt.Fprintf(out, `Wrote %s and %s.

Next:
1. Name the registration in the homeserver's homeserver.yaml and restart the homeserver:
     app_service_config_files:
       - %s
2. puente check
3. puente run
4. In any Matrix client, as an operator: start a chat with %s and write "help".
`, *i.configPath, i.registrationPath, absolute, app.Identity(cfg).Front())
	return err
}
