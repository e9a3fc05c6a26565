package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"puente/core/app"
	"puente/core/base/config"
)

// writeBoth writes the config and the registration, both or neither: an answer that cannot work, or a folder that is
// not there, leaves what was there before.
func (i *initialiser) writeBoth(out io.Writer, text string) error {
	draft, err := draftFor(*i.configPath, text)
	if err != nil {
		return err
	}
	defer draft.discard()
	cfg, err := config.Load(draft.temporary, os.Environ(), schemas())
	if err != nil {
		return asAnswers(err, draft.temporary)
	}
	registration, err := i.draftRegistration(cfg)
	if err != nil {
		return err
	}
	defer registration.discard()
	if err = draft.keep(); err != nil {
		return err
	} else if err = registration.keep(); err != nil {
		return err
	}
	return i.tell(out, cfg, *i.configPath+" and "+i.registrationPath)
}

// writeRegistration writes the registration of the config as it is.
func (i *initialiser) writeRegistration(out io.Writer) error {
	cfg, err := config.Load(*i.configPath, os.Environ(), schemas())
	if err != nil {
		return err
	}
	registration, err := i.draftRegistration(cfg)
	if err != nil {
		return err
	}
	defer registration.discard()
	if err = registration.keepReadable(); err != nil {
		return err
	}
	return i.tell(out, cfg, i.registrationPath)
}

func (i *initialiser) draftRegistration(cfg *config.Config) (draft, error) {
	text, err := app.Identity(cfg).Registration().YAML()
	if err != nil {
		return draft{}, fmt.Errorf("write the registration: %w", err)
	}
	return draftFor(i.registrationPath, text)
}

// asAnswers tells what is wrong with the answers by their flags, since the lines of a file that is not kept say nothing.
func asAnswers(err error, path string) error {
	var problems config.Problems
	if !errors.As(err, &problems) {
		return err
	}
	answers := make(config.Problems, len(problems))
	for n, problem := range problems {
		answers[n] = problem
		if problem.Where != "" && !strings.HasPrefix(problem.Where, path) {
			continue // it comes from the environment
		}
		answers[n].Where = ""
		for _, q := range questions {
			if strings.HasPrefix(problem.Text, q.key+" ") || strings.HasPrefix(problem.Text, q.key+"[") {
				answers[n].Where = "--" + q.flag
			}
		}
	}
	return answers
}

// draft is a file that is written and not yet in its place. Only its owner may read it, since secrets are in it.
type draft struct{ temporary, path string }

func draftFor(path, text string) (draft, error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".puente-*")
	if err != nil {
		return draft{}, fmt.Errorf("write %s: %w", path, err)
	}
	d := draft{temporary: file.Name(), path: path}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		d.discard()
		return draft{}, fmt.Errorf("write %s: %w", path, err)
	}
	return d, nil
}

// keep puts the file into its place.
func (d draft) keep() error {
	if err := os.Rename(d.temporary, d.path); err != nil {
		return fmt.Errorf("write %s: %w", d.path, err)
	}
	return nil
}

// keepReadable is keep, and the group that could read what was there before can read it still: the homeserver reads the
// registration as a user of its own.
func (d draft) keepReadable() error {
	before, err := os.Stat(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return d.keep()
	} else if err != nil {
		return fmt.Errorf("write %s: %w", d.path, err)
	}
	if owner, ok := before.Sys().(*syscall.Stat_t); ok {
		if err = os.Lchown(d.temporary, -1, int(owner.Gid)); err != nil {
			return fmt.Errorf("write %s for the group that could read it (write it elsewhere with --registration, and copy it as root): %w", d.path, err)
		}
	}
	if err = os.Chmod(d.temporary, before.Mode().Perm()&0o640); err != nil {
		return fmt.Errorf("write %s: %w", d.path, err)
	}
	return d.keep()
}

// discard removes what was not kept.
func (d draft) discard() { _ = os.Remove(d.temporary) }

// command is what to write to have Puente do something with a config.
func command(name, configPath string) string {
	if configPath == defaultConfig {
		return "puente " + name
	}
	return "puente " + name + " -c " + configPath
}

// tell says what was written and what to do with it.
func (i *initialiser) tell(out io.Writer, cfg *config.Config, written string) error {
	absolute, err := filepath.Abs(i.registrationPath)
	if err != nil {
		absolute = i.registrationPath
	}
	_, err = fmt.Fprintf(out, `Wrote %s, for your eyes only: tokens are in there.

Next:
1. Let the homeserver's user read the registration, name it in homeserver.yaml and restart the homeserver:
     app_service_config_files:
       - %s
2. %s
3. %s
4. In any Matrix client, as an operator: start a chat with %s and write "help".
`, written, absolute, command("check", *i.configPath), command("run", *i.configPath), app.Identity(cfg).Front())
	if err != nil {
		return fmt.Errorf("tell what was written: %w", err)
	}
	return nil
}
