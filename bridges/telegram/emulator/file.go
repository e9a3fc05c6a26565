package emulator

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
)

// How large a file may be, in bytes. ref: reference/telegram-bot.md §2, §4
const (
	maxUpload      = 50 << 20
	maxUploadLocal = 2000 << 20
	maxDownload    = 20 << 20
	maxPhoto       = 10 << 20
	maxSticker     = 512 << 10
)

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

// storeFile streams a file to disk and finds out what it is; more than limit bytes are an errs.ErrTooLarge.
func (e *Emulator) storeFile(r io.Reader, limit int64) (*file, error) {
	f := &file{Key: newKey()}
	var err error
	if f.Size, err = e.files.Store(f.Key, r, limit); err != nil {
		return nil, err
	}
	stored, err := e.files.Open(f.Key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stored.Close() }()
	f.look(stored)
	return f, nil
}

// forget removes files that became no part of anything.
func (e *Emulator) forget(files ...*file) {
	for _, f := range files {
		e.files.Remove(f.Key)
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
