package emulator

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"path/filepath"
	"strconv"
	"time"
)

// filePathLife is how long a file_path works at least. ref: reference/telegram-bot.md §4
const filePathLife = time.Hour

// filePath is where a bot may download a file, for a while.
type filePath struct {
	Key   string    `json:"key"`
	Until time.Time `json:"until"`
}

// getFile answers where to download a file. ref: reference/telegram-bot.md §4
func (c *call) getFile() (any, *refusal) {
	f := c.e.fileByID(c.b, c.text("file_id"))
	if f == nil {
		return nil, bad("wrong file_id or the file is temporarily unavailable")
	}
	if f.Size > maxDownload && !c.e.opt.Local {
		return nil, bad("file is too big")
	}
	out := object{"file_id": fileID(c.b.ID(), f.Key), "file_unique_id": uniqueID(f.Key), "file_size": f.Size}
	if c.e.opt.Local {
		dir, err := c.e.files.Path()
		if err == nil {
			dir, err = filepath.Abs(dir)
		}
		if err != nil {
			return nil, bad("wrong file_id or the file is temporarily unavailable")
		}
		out["file_path"] = filepath.Join(dir, f.Key)
		return out, nil
	}
	out["file_path"] = c.e.pathOf(c.b, f)
	return out, nil
}

// pathOf makes a file_path for a bot, or lengthens the life of the one it has. The caller holds mu.
func (e *Emulator) pathOf(b *botState, f *file) string {
	until := e.clock.Now().Add(filePathLife)
	for known, p := range b.Paths {
		if p.Key == f.Key {
			p.Until = until
			return known
		}
	}
	folder := f.Folder
	if folder == "" {
		folder = "documents"
	}
	made := fmt.Sprintf("%s/file_%d%s", folder, e.st.next(), extension(f))
	b.Paths[made] = &filePath{Key: f.Key, Until: until}
	e.touch()
	return made
}

func extension(f *file) string {
	if known := map[string]string{
		"jpeg": ".jpg", "png": ".png", "gif": ".gif", "webp": ".webp", "mp4": ".mp4", "webm": ".webm", "ogg": ".oga",
		"mp3": ".mp3", "tgs": ".tgs",
	}[f.Format]; known != "" {
		return known
	}
	return path.Ext(f.Name)
}

// serveFile sends the bytes behind a file_path. A local server sends none: its paths are of its own disk.
func (e *Emulator) serveFile(w http.ResponseWriter, r *http.Request, token, name string) {
	e.mu.Lock()
	b := e.botOf(token)
	var f *file
	if b != nil && !e.opt.Local {
		if p := b.Paths[name]; p != nil && p.Until.After(e.clock.Now()) {
			f = e.st.Files[p.Key]
		}
	}
	e.mu.Unlock()
	if b == nil {
		answerRefusal(w, unauthorized())
		return
	}
	if f == nil {
		answerRefusal(w, &refusal{code: http.StatusNotFound, text: "Not Found"})
		return
	}
	if injected := e.injected("getfile/download"); injected != nil {
		e.answerFault(w, injected)
		return
	}
	data, err := e.files.Open(f.Key)
	if err != nil {
		answerRefusal(w, &refusal{code: http.StatusNotFound, text: "Not Found"})
		return
	}
	defer func() { _ = data.Close() }()
	w.Header().Set("Content-Type", "application/octet-stream") // Telegram does not keep the type of a file
	w.Header().Set("Content-Length", strconv.FormatInt(f.Size, 10))
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, data)
	}
}
