package webhook

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/core/base/clock"
	"puente/core/base/errs"
)

// How long an upload is kept.
const (
	unclaimedLife = 24 * time.Hour      // that no event has asked for
	claimedLife   = 30 * 24 * time.Hour // that one has, which may wait for the homeserver
	sweepEvery    = time.Hour
)

// uploadName is what an upload is called: nothing else comes near the file system.
var uploadName = regexp.MustCompile(`^upl_[A-Z2-7]{26}$`)

// uploadFile is what the files of uploads are called. Other files in the folder are somebody else's.
var uploadFile = regexp.MustCompile(`^(upl_[A-Z2-7]{26}\.(bin|json|claimed)|new-[0-9]+\.tmp)$`)

// upload is what is kept of an uploaded file, beside its bytes.
type upload struct {
	Mime string    `json:"mime"`
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// uploads keeps the files that systems upload, each system's in its own folder: <id>.json says what the file is,
// <id>.bin is the file until it has been bridged, <id>.claimed stands there once an event has asked for it.
type uploads struct {
	dir   string
	clock clock.Clock
	log   zerolog.Logger

	cancel  context.CancelFunc
	running sync.WaitGroup
}

func newUploads(dir string, c clock.Clock, log zerolog.Logger) *uploads {
	return &uploads{dir: dir, clock: c, log: log}
}

// put keeps a file and returns its ID. The folder is made when it is first needed.
func (u *uploads) put(system networkid.UserLoginID, body io.Reader, about upload) (uploadID string, err error) {
	folder := filepath.Join(u.dir, string(system))
	if err = os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make the folder for uploads: %w", err)
	}
	uploadID = "upl_" + rand.Text()
	if err = u.write(system, uploadID, ".bin", body); err != nil {
		return "", err
	}
	about.At = u.clock.Now()
	encoded, err := json.Marshal(about)
	if err != nil {
		return "", fmt.Errorf("write about an upload: %w", err)
	}
	// The description comes last: without it there is no upload.
	return uploadID, u.write(system, uploadID, ".json", strings.NewReader(string(encoded)))
}

// write puts a file in its place whole or not at all, and on the disk before it is counted on.
func (u *uploads) write(system networkid.UserLoginID, uploadID, ending string, body io.Reader) error {
	file, err := os.CreateTemp(filepath.Join(u.dir, string(system)), "new-*.tmp")
	if err != nil {
		return fmt.Errorf("keep an upload: %w", err)
	}
	_, err = io.Copy(file, body)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), u.path(system, uploadID, ending))
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("keep an upload: %w", err)
	}
	return nil
}

// path is where a part of an upload is. Its ID must have been checked against uploadName.
func (u *uploads) path(system networkid.UserLoginID, uploadID, ending string) string {
	return filepath.Join(u.dir, string(system), uploadID+ending)
}

// claim keeps an upload for an event; errs.ErrNotFound if there is none. Claiming again is no error, also after it was
// bridged: the event may come twice.
func (u *uploads) claim(system networkid.UserLoginID, uploadID string) error {
	if _, err := u.about(system, uploadID); err != nil {
		return err
	}
	file, err := os.OpenFile(u.path(system, uploadID, ".claimed"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("claim an upload: %w", err)
	}
	return file.Close()
}

func (u *uploads) about(system networkid.UserLoginID, uploadID string) (about upload, err error) {
	if !uploadName.MatchString(uploadID) {
		return about, fmt.Errorf("upload: %w", errs.ErrNotFound)
	}
	raw, err := os.ReadFile(u.path(system, uploadID, ".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return about, fmt.Errorf("upload: %w", errs.ErrNotFound)
	} else if err != nil {
		return about, errs.Temporary(fmt.Errorf("read about an upload: %w", err), 0)
	}
	if err = json.Unmarshal(raw, &about); err != nil {
		return about, fmt.Errorf("read about an upload: %w", err)
	}
	return about, nil
}

// open returns an upload's bytes; errs.ErrNotFound if they are gone.
func (u *uploads) open(system networkid.UserLoginID, uploadID string) (file *os.File, about upload, err error) {
	if about, err = u.about(system, uploadID); err != nil {
		return nil, about, err
	}
	file, err = os.Open(u.path(system, uploadID, ".bin"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, about, fmt.Errorf("bytes of an upload: %w", errs.ErrNotFound)
	} else if err != nil {
		return nil, about, errs.Temporary(fmt.Errorf("open an upload: %w", err), 0)
	}
	return file, about, nil
}

// used deletes the bytes of an upload that was bridged. What is said about it stays for a repetition of the event.
func (u *uploads) used(system networkid.UserLoginID, uploadID string) {
	if err := os.Remove(u.path(system, uploadID, ".bin")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		u.log.Warn().Err(err).Msg("Could not delete an upload that was bridged")
	}
}

// writable tells whether uploads can be kept.
func (u *uploads) writable() error {
	if err := os.MkdirAll(u.dir, 0o700); err != nil {
		return fmt.Errorf("make the folder for uploads: %w", err)
	}
	file, err := os.CreateTemp(u.dir, "check-*.tmp")
	if err != nil {
		return fmt.Errorf("write into the folder for uploads: %w", err)
	}
	_ = file.Close()
	return os.Remove(file.Name())
}

// start deletes what is too old, now and then, until stop.
func (u *uploads) start() {
	ctx, cancel := context.WithCancel(context.Background())
	u.cancel = cancel
	u.running.Go(func() {
		for ctx.Err() == nil {
			u.sweep()
			_ = clock.Sleep(ctx, u.clock, sweepEvery) // the loop sees that ctx has ended
		}
	})
}

func (u *uploads) stop() {
	if u.cancel != nil {
		u.cancel()
	}
	u.running.Wait()
}

// sweep deletes what is too old, by the time of its files.
func (u *uploads) sweep() {
	root, err := os.OpenRoot(u.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return // nothing was uploaded yet
	}
	if err == nil {
		defer func() { _ = root.Close() }()
		err = u.sweepIn(root)
	}
	if err != nil {
		u.log.Warn().Err(err).Msg("Could not delete old uploads")
	}
}

func (u *uploads) sweepIn(root *os.Root) error {
	now := u.clock.Now()
	return fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !uploadFile.MatchString(entry.Name()) {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return nil //nolint:nilerr // it was deleted meanwhile
		}
		life := unclaimedLife
		if _, err := root.Stat(strings.TrimSuffix(path, filepath.Ext(path)) + ".claimed"); err == nil {
			life = claimedLife
		}
		if now.Sub(info.ModTime()) > life {
			return root.Remove(path)
		}
		return nil
	})
}
