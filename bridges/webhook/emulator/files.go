package emulator

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"puente/core/base/errs"
)

// maxFile is how large a file the emulator fetches, in bytes.
const maxFile = 110 << 20

// keep stores a file of a customer's. Every other one goes to Puente by upload. The caller holds mu.
func (e *Emulator) keep(mime, name string, data []byte) *file {
	kept := &file{ID: e.st.next("file"), Mime: mime, Name: name, Data: data, ByUpload: e.st.Seq%2 == 0}
	e.st.Files[kept.ID] = kept
	return kept
}

// fileURL is where a file of a customer's is served.
func (e *Emulator) fileURL(id string) string { return e.server.BaseURL() + "/files/" + id }

func (e *Emulator) serveFile(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	kept := e.st.Files[r.PathValue("file")]
	e.mu.Unlock()
	if kept == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kept.Mime)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(kept.Data))
}

// serveHuge serves more bytes than Puente takes, without keeping them anywhere.
func (e *Emulator) serveHuge(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = io.CopyN(w, endless{}, 1<<31)
}

// hugeFile is the ID under which serveHuge serves.
const hugeFile = "huge"

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// SendTooLarge sends a file that is larger than Puente takes.
func (c *Chat) SendTooLarge() (string, error) {
	return c.say(&Message{File: &File{ID: hugeFile, Kind: "file", Mime: "application/octet-stream", Name: "huge.bin", Size: 1 << 31}}, object{
		"media": []any{object{"kind": "file", "name": "huge.bin", "url": c.e.fileURL(hugeFile)}},
	})
}

// fetchMedia fetches the files of an agent's message from Puente.
func (e *Emulator) fetchMedia(r *http.Request, evt callback) ([]*file, error) {
	var files []*file
	for _, one := range evt.Message.Media {
		e.mu.Lock()
		address, token := one.URL, e.opt.Token
		if strings.HasPrefix(address, "/") {
			address = e.opt.PuenteURL + address
		}
		id := e.st.next("file")
		e.mu.Unlock()
		req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, address, nil)
		if err != nil {
			return nil, fmt.Errorf("fetch a file from Puente: %w", err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		data, err := e.get(req)
		if err != nil {
			return nil, err
		}
		files = append(files, &file{ID: id, Mime: one.Mime, Name: one.Name, Data: data})
	}
	return files, nil
}

func (e *Emulator) get(req *http.Request) ([]byte, error) {
	res, err := e.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch a file from Puente: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxFile))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %w", res.StatusCode, errs.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("fetch a file from Puente: %w", err)
	}
	return data, nil
}

// FileData returns the bytes of a file that a message shows; nil if there is none.
func (e *Emulator) FileData(id string) []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	if kept := e.st.Files[id]; kept != nil {
		return kept.Data
	}
	return nil
}
