package emulator

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"image"
	_ "image/jpeg" // for the size of pictures
	_ "image/png"
	"mime"
	"os"
	"path/filepath"
	"strings"

	_ "golang.org/x/image/webp" // for the size of stickers

	"puente/core/base/errs"
)

//go:embed sample
var samples embed.FS

// maxFile is Signal's limit of an attachment. ref: reference/signal-cli.md §3, formats
const maxFile = 100 << 20

// SamplePack is the ID of the one sticker pack that exists here; its stickers are 0 (still) and 1 (animated).
const SamplePack = "50756e7465537469636b657273303121"

// File is a file on its way into a message.
type File struct {
	Data []byte
	Mime string
	Name string // with an extension; empty for voice notes and for pictures taken in Signal
}

// file is what is kept of it. Its content is in memory, or in the data folder.
type file struct {
	Mime string `json:"mime"`
	Name string `json:"name"`
	data []byte
}

// Sample returns a small valid file of the emulator's own: photo.jpg, picture.png, movie.mp4, voice.aac, sticker.webp,
// wave.webp (animated), avatar.jpg, group.jpg or document.pdf. Any other name gives an empty file.
func Sample(name string) File {
	data, err := samples.ReadFile("sample/" + name)
	if err != nil {
		return File{Mime: "application/octet-stream"}
	}
	return File{Data: data, Name: name, Mime: mimeOf(filepath.Ext(name))}
}

// mimeOf knows the types of the samples, whatever the machine's own tables say.
func mimeOf(ext string) string {
	switch ext {
	case ".jpg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".webp":
		return "image/webp"
	case ".mp4":
		return "video/mp4"
	case ".aac":
		return "audio/aac"
	case ".pdf":
		return "application/pdf"
	}
	return "application/octet-stream"
}

// extension is what an attachment's ID ends with.
func extension(f File) string {
	if ext := filepath.Ext(f.Name); len(ext) > 1 && len(ext) < 8 && !strings.ContainsAny(ext, "/\\") {
		return ext
	}
	base, _, _ := mime.ParseMediaType(f.Mime)
	for _, ext := range []string{".jpg", ".png", ".webp", ".mp4", ".aac", ".pdf"} {
		if mimeOf(ext) == base {
			return ext
		}
	}
	if all, err := mime.ExtensionsByType(base); err == nil && len(all) > 0 {
		return all[0]
	}
	return ""
}

// keep stores a file under a new ID that ends with its extension. The caller holds mu.
func (e *Emulator) keep(f File) string {
	id := newFileID() + extension(f)
	kept := &file{Mime: f.Mime, Name: f.Name, data: f.Data}
	if e.opt.DataDir != "" {
		if err := e.writeFile(id, f.Data); err != nil {
			e.log.Err(err).Msg("Emulator file not kept")
		}
	}
	e.st.Files[id] = kept
	return id
}

func (e *Emulator) filePath(id string) string {
	return filepath.Join(e.opt.DataDir, "files", filepath.Base(id))
}

func (e *Emulator) writeFile(id string, data []byte) error {
	if err := os.MkdirAll(filepath.Join(e.opt.DataDir, "files"), 0o700); err != nil {
		return fmt.Errorf("make the folder of files: %w", err)
	}
	if err := os.WriteFile(e.filePath(id), data, 0o600); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	return nil
}

// content reads a file. The caller holds mu.
func (e *Emulator) content(id string) (*file, []byte, error) {
	f := e.st.Files[id]
	if f == nil {
		return nil, nil, fmt.Errorf("file of the emulator: %w", errs.ErrNotFound)
	}
	if f.data == nil && e.opt.DataDir != "" {
		data, err := os.ReadFile(e.filePath(id))
		if err != nil {
			return nil, nil, fmt.Errorf("read a file of the emulator: %w", err)
		}
		f.data = data
	}
	return f, f.data, nil
}

// media stores a file and describes it as an attachment.
func (e *Emulator) media(f File, voice bool) Media {
	m := Media{
		ID: e.keep(f), Mime: f.Mime, Name: f.Name, Size: int64(len(f.Data)), Voice: voice, At: e.clock.Now().UnixMilli(),
	}
	if config, _, err := image.DecodeConfig(bytes.NewReader(f.Data)); err == nil {
		m.Width, m.Height = config.Width, config.Height
	}
	return m
}

// FileContent returns the bytes of an attachment by its ID.
func (e *Emulator) FileContent(id string) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, data, err := e.content(id)
	return data, err
}

// dataURI reads an attachment parameter: data:<mime>;filename=<name>;base64,<data>. The header ends at the first
// comma, and the name is percent-encoded, so that a comma, a semicolon or an equals sign in it must be, too. A path on
// the daemon's machine is not imitated: there is no such file. ref: reference/signal-cli.md §3, formats
func dataURI(s string) (File, error) {
	rest, ok := strings.CutPrefix(s, "data:")
	header, body, found := strings.Cut(rest, ",")
	if !ok || !found || body == "" || strings.ContainsAny(body, "\r\n") {
		return File{}, invalidAttachment("No such file or data URI")
	}
	header, isBase64 := strings.CutSuffix(header, ";base64")
	mimeType, parameters, _ := strings.Cut(header, ";")
	f := File{Mime: mimeType}
	if f.Mime == "" {
		f.Mime = "text/plain"
	}
	if i := strings.LastIndex(parameters, "="); i > 0 && parameters[:i] == "filename" {
		f.Name = formDecode(parameters[i+1:])
	}
	if !isBase64 {
		f.Data = []byte(formDecode(body))
		return f, nil
	}
	var err error
	if f.Data, err = base64.StdEncoding.DecodeString(body); err != nil {
		return File{}, invalidAttachment("Illegal base64")
	}
	if len(f.Data) > maxFile {
		return File{}, invalidAttachment("Too large")
	}
	return f, nil
}

// invalidAttachment is the answer to an attachment that cannot be read.
func invalidAttachment(why string) error {
	return internalError("Failed to send message: attachment: " + why + " (AttachmentInvalidException)")
}
