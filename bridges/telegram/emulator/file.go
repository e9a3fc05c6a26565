package emulator

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"puente/core/base/errs"
)

// How large a file may be, in bytes. ref: reference/telegram-bot.md §2, §4
const (
	maxUpload      = 50 << 20
	maxUploadLocal = 2000 << 20
	maxDownload    = 20 << 20
	maxPhoto       = 10 << 20
	maxSticker     = 512 << 10
)

// errTooLarge is a file over the limit of uploads.
var errTooLarge = errors.New("file of a request is too large")

// file is what is known of one stored file. Its bytes are on disk under its key.
type file struct {
	Key      string   `json:"key"`
	Name     string   `json:"name"`
	Mime     string   `json:"mime"`
	Size     int64    `json:"size"`
	Width    int      `json:"width"` // pixels
	Height   int      `json:"height"`
	Duration int      `json:"duration"` // seconds
	Format   string   `json:"format"`   // jpeg png gif webp mp4 webm ogg mp3 tgs, or empty
	Folder   string   `json:"folder"`   // first part of its file_path: photos, documents, …
	Sizes    []string `json:"sizes"`    // keys of the photo that it is one size of
}

func (e *Emulator) uploadLimit() int64 {
	if e.opt.Local {
		return maxUploadLocal
	}
	return maxUpload
}

// storeFile streams a file to disk and finds out what it is; more than limit bytes are errTooLarge.
func (e *Emulator) storeFile(r io.Reader, limit int64) (*file, error) {
	dir, err := e.filePlace()
	if err != nil {
		return nil, err
	}
	f := &file{Key: newKey()}
	path := filepath.Join(dir, f.Key)
	out, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store a file: %w", err)
	}
	f.Size, err = io.Copy(out, io.LimitReader(r, limit+1))
	if err == nil && f.Size > limit {
		err = errTooLarge
	}
	if err == nil {
		f.look(out)
	}
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(path)
		return nil, fmt.Errorf("store a file: %w", err)
	}
	return f, nil
}

// filePlace returns the folder of the files, a temporary one if there is no DataDir.
func (e *Emulator) filePlace() (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fileDir != "" {
		return e.fileDir, nil
	}
	dir, err := os.MkdirTemp("", "puente-telegram-")
	if err != nil {
		return "", fmt.Errorf("make a folder for files: %w", err)
	}
	e.fileDir, e.tempDir = dir, true
	return dir, nil
}

// openFile opens the bytes of a stored file.
func (e *Emulator) openFile(key string) (*os.File, error) {
	dir, err := e.filePlace()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(dir, filepath.Base(key)))
	if err != nil {
		return nil, fmt.Errorf("open a file of the emulator: %w", errs.ErrNotFound)
	}
	return f, nil
}

// forget removes files that became no part of anything.
func (e *Emulator) forget(files ...*file) {
	dir, err := e.filePlace()
	if err != nil {
		return
	}
	for _, f := range files {
		_ = os.Remove(filepath.Join(dir, f.Key))
	}
}

func newKey() string {
	b := make([]byte, 12)
	if _, err := rand.Read(b); err != nil {
		panic("no randomness: " + err.Error()) // crypto/rand does not fail on a working system
	}
	return hex.EncodeToString(b)
}

// fileID is how one bot names a file; no other bot can use it. ref: reference/telegram-bot.md §4
func fileID(bot int64, key string) string {
	raw, _ := hex.DecodeString(key)                         // our own hex
	head := binary.BigEndian.AppendUint64(nil, uint64(bot)) // #nosec G115 -- an ID is positive
	return "AgAC" + base64.RawURLEncoding.EncodeToString(append(head, raw...))
}

// uniqueID names a file for every bot, but cannot be used to download it.
func uniqueID(key string) string { return "AQAD" + key[:12] }

// fileByID returns the file that a bot means by a file_id, or nil. The caller holds mu.
func (e *Emulator) fileByID(b *botState, id string) *file {
	if len(id) < 4 || id[:4] != "AgAC" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(id[4:])
	if err != nil || len(raw) < 9 || int64(binary.BigEndian.Uint64(raw)) != b.ID() { // #nosec G115 -- compared only
		return nil
	}
	return e.st.Files[hex.EncodeToString(raw[8:])]
}
