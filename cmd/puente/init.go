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
	"slices"
	"strings"

	"github.com/spf13/cobra"

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
}

// networksFlag turns networks on; it is no config key by itself.
const networksFlag = "networks"

// networkQuestions are the networks' own questions, by the network's ID.
func networkQuestions() map[string][]question {
	list := map[string][]question{}
	for _, n := range networks() {
		for _, s := range n.Setup {
			if s.Ask != "" {
				flag := n.ID + "-" + strings.ReplaceAll(s.Key, "_", "-")
				list[n.ID] = append(list[n.ID], question{key: "networks." + n.ID + "." + s.Key, flag: flag, ask: s.Ask, required: true})
			}
		}
	}
	return list
}

// networksQuestion asks which networks to turn on.
func networksQuestion() question {
	var names []string
	for _, n := range networks() {
		names = append(names, n.ID)
	}
	return question{flag: networksFlag, ask: "Which networks to turn on, of " + strings.Join(names, ", ") + " (separated by commas; may be empty)"}
}

// initialiser writes the config and the registration.
type initialiser struct {
	configPath       *string
	registrationPath string
	registrationOnly bool
	force            bool
	flags            map[string]*string
	networks         *string
}

func initCommand(configPath *string) *cobra.Command {
	i := &initialiser{configPath: configPath, flags: map[string]*string{}}
	cmd := &cobra.Command{
		Use: "init", Short: "Write the config and the homeserver's registration file", Args: cobra.NoArgs,
		Long: "Writes config.yaml and registration.yaml with tokens of their own. What no flag answers is asked for, if somebody is there to answer.",
		RunE: func(cmd *cobra.Command, _ []string) error { return i.run(cmd) },
	}
	i.networks = cmd.Flags().String(networksFlag, "", networksQuestion().ask)
	all := slices.Clone(questions)
	for _, n := range networks() {
		all = append(all, networkQuestions()[n.ID]...)
	}
	for _, q := range all {
		i.flags[q.key] = cmd.Flags().String(q.flag, "", q.ask)
	}
	cmd.Flags().StringVar(&i.registrationPath, "registration", "registration.yaml", "the registration file to write")
	cmd.Flags().BoolVar(&i.registrationOnly, "registration-only", false, "write the registration anew, from the config as it is")
	cmd.Flags().BoolVar(&i.force, "force", false, "overwrite what is there")
	return cmd
}

func (i *initialiser) run(cmd *cobra.Command) error {
	if filepath.Clean(*i.configPath) == filepath.Clean(i.registrationPath) {
		return fmt.Errorf("--config and --registration name the same file: %w", errs.ErrInvalid)
	}
	if i.registrationOnly {
		return i.writeRegistration(cmd.OutOrStdout())
	}
	for _, path := range []string{*i.configPath, i.registrationPath} {
		if err := i.mayWrite(path); err != nil {
			return err
		}
	}
	answers, on, err := i.answers(cmd)
	if err != nil {
		return err
	}
	text, err := configText(answers, on)
	if err != nil {
		return err
	}
	return i.writeBoth(cmd.OutOrStdout(), text)
}

func (i *initialiser) mayWrite(path string) error {
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at %s: %w", path, err)
	case i.force:
		return nil
	}
	return fmt.Errorf("%s is there already: %w; --force overwrites it, --registration-only writes the registration from it", path, errs.ErrConflict)
}

// answers takes the flags' values and asks for the rest; on are the networks to turn on.
func (i *initialiser) answers(cmd *cobra.Command) (answers map[string]string, on []string, err error) {
	answers = map[string]string{}
	asker := newAsker(cmd)
	missing, err := i.take(cmd, asker, questions, answers)
	if err != nil {
		return nil, nil, err
	}
	if on, err = i.turnedOn(cmd, asker); err != nil {
		return nil, nil, err
	}
	for _, id := range on {
		more, err := i.take(cmd, asker, networkQuestions()[id], answers)
		if err != nil {
			return nil, nil, err
		}
		missing = append(missing, more...)
	}
	if len(missing) > 0 {
		return nil, nil, fmt.Errorf("%s: %w", strings.Join(missing, "\n"), errs.ErrInvalid)
	}
	return answers, on, nil
}

// take puts what the flags or a person say into answers, and returns what is needed and was not said.
func (i *initialiser) take(cmd *cobra.Command, asker *asker, list []question, answers map[string]string) (missing []string, err error) {
	for _, q := range list {
		value := strings.TrimSpace(*i.flags[q.key])
		if value == "" && !cmd.Flags().Changed(q.flag) {
			if value, err = asker.ask(q); err != nil {
				return nil, err
			}
		}
		if value != "" {
			answers[q.key] = value
		} else if q.required {
			missing = append(missing, fmt.Sprintf("--%s is needed: %s", q.flag, q.ask))
		}
	}
	return missing, nil
}

// turnedOn are the networks named by the flag or by a person, and those of which a flag gives a setting.
func (i *initialiser) turnedOn(cmd *cobra.Command, asker *asker) ([]string, error) {
	named := *i.networks
	wanted := map[string]bool{}
	for id, list := range networkQuestions() {
		for _, q := range list {
			wanted[id] = wanted[id] || *i.flags[q.key] != ""
		}
	}
	if !cmd.Flags().Changed(networksFlag) {
		var err error
		if named, err = asker.ask(networksQuestion()); err != nil {
			return nil, err
		}
	}
	for id := range strings.SplitSeq(named, ",") {
		if id = strings.ToLower(strings.TrimSpace(id)); id != "" {
			wanted[id] = true
		}
	}
	var on []string
	for _, n := range networks() {
		if wanted[n.ID] {
			on = append(on, n.ID)
		}
		delete(wanted, n.ID)
	}
	for id := range wanted {
		return nil, fmt.Errorf("--%s: there is no network %q: %s: %w", networksFlag, id, networksQuestion().ask, errs.ErrInvalid)
	}
	return on, nil
}

// asker asks a person, or whatever a pipe holds. in is nil if nobody is there, or there is no more to read.
type asker struct {
	in  *bufio.Reader
	out io.Writer
}

func newAsker(cmd *cobra.Command) *asker {
	if file, ok := cmd.InOrStdin().(*os.File); ok && isNobody(file) {
		return &asker{}
	}
	return &asker{in: bufio.NewReader(cmd.InOrStdin()), out: cmd.OutOrStdout()}
}

// isNobody tells whether a file is closed or the null device, which is what a service's standard input is. The null
// device is a character device as a terminal is.
func isNobody(file *os.File) bool {
	info, err := file.Stat()
	if err != nil {
		return true
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}

// ask returns one answer, or what holds without one. Once the input has ended, nobody is asked any more.
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
	if errors.Is(err, io.EOF) {
		a.in = nil
		_, err = fmt.Fprintln(a.out)
	}
	if err != nil {
		return "", fmt.Errorf("read the answer for %s: %w", q.key, err)
	}
	if line = strings.TrimSpace(line); line != "" {
		return line, nil
	}
	return q.otherwise, nil
}

// configText is the example with the answers and fresh secrets filled in, for the networks that are on.
func configText(answers map[string]string, on []string) (string, error) {
	var parts []config.NetworkSchema
	for _, n := range networks() {
		if !slices.Contains(on, n.ID) {
			continue
		}
		parts = append(parts, config.NetworkSchema{ID: n.ID, Example: n.ExampleConfig})
		for _, s := range n.Setup {
			if s.Ask == "" {
				answers["networks."+n.ID+"."+s.Key] = secret(12)
			}
		}
	}
	for _, key := range []string{"appservice.as_token", "appservice.hs_token", "encryption.pickle_key", "provisioning.shared_secret"} {
		answers[key] = secret(32)
	}
	text, err := config.Fill(config.Example(parts), answers)
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
