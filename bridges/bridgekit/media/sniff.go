package media

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"puente/core/base/errs"
)

const (
	officePrefix = "application/vnd.openxmlformats-officedocument."
	octetStream  = "application/octet-stream"
	// sniffed is how much of a file's start is looked at.
	sniffed = 4096
)

// Inspect looks at the file and says what it is. Of in it reads Path, Name and the declared Mime; the result has the
// type that the content shows, and the other facts as far as headers tell them. An empty file is an errs.ErrInvalid.
func Inspect(in File) (File, error) {
	f, err := os.Open(in.Path)
	if err != nil {
		return File{}, fmt.Errorf("open file: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	info, err := f.Stat()
	if err != nil {
		return File{}, fmt.Errorf("look at file: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return File{}, errs.Tell(fmt.Errorf("file is empty: %w", errs.ErrInvalid), "The file is empty. Please send it again.")
	}
	start := make([]byte, sniffed)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return File{}, fmt.Errorf("read file: %w", err)
	}
	out := File{Path: in.Path, Kind: in.Kind, Size: info.Size(), temporary: in.temporary}
	out.Mime = refine(Sniff(start[:n]), in.Mime)
	if err := out.details(f); err != nil {
		return File{}, err
	}
	out.Name = CleanName(in.Name, out.Mime)
	return out, nil
}

// details fills in what the file's headers say beyond its type. Broken headers leave it unknown.
func (f *File) details(r io.ReadSeeker) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read file again: %w", err)
	}
	switch f.Mime {
	case "audio/ogg":
		if channels, duration, ok := OggOpusChannels(r); ok {
			f.Codec, f.Channels, f.Duration = "opus", channels, duration
		}
	case "video/mp4", "video/quicktime", "video/3gpp", "audio/mp4":
		if at, ok := r.(io.ReaderAt); ok {
			f.movie(readMovie(at, f.Size))
		}
	case "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff":
		f.picture(r)
	}
	return nil
}

// Sniff returns the type that a file's first bytes show, without parameters. 512 bytes suffice for most types, 4096
// for all. What it does not know is application/octet-stream.
func Sniff(start []byte) string {
	switch {
	case bytes.HasPrefix(start, []byte("OggS")):
		return sniffOgg(start)
	case len(start) >= 12 && bytes.Equal(start[4:8], []byte("ftyp")):
		return sniffBrand(start)
	case bytes.HasPrefix(start, []byte("#!AMR-WB\n")):
		return "audio/amr-wb"
	case bytes.HasPrefix(start, []byte("#!AMR\n")):
		return "audio/amr"
	case bytes.HasPrefix(start, []byte("fLaC")):
		return "audio/flac"
	case bytes.HasPrefix(start, []byte("II*\x00")), bytes.HasPrefix(start, []byte("MM\x00*")):
		return "image/tiff"
	case bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return oleStorage
	case bytes.HasPrefix(start, []byte("\x1a\x45\xdf\xa3")):
		return sniffMatroska(start)
	case len(start) >= 4 && start[0] == 0xff && start[1]&0xf6 == 0xf0: // 12 sync bits, layer 0
		return "audio/aac"
	case len(start) >= 4 && start[0] == 0xff && start[1]&0xe6 == 0xe2 && start[2]&0xf0 != 0xf0: // layer III
		return "audio/mpeg"
	}
	mime, _, _ := strings.Cut(http.DetectContentType(start), ";")
	switch {
	case mime == "audio/wave":
		return "audio/wav"
	case strings.HasPrefix(mime, "text/") && isSVG(start):
		return "image/svg+xml"
	}
	return mime
}

// isSVG tells whether a text is a drawing: its first element, after comments and declarations, is svg.
func isSVG(start []byte) bool {
	text := bytes.TrimPrefix(start, []byte("\xef\xbb\xbf"))
	for {
		text = bytes.TrimSpace(text)
		end := ""
		switch {
		case bytes.HasPrefix(text, []byte("<?")):
			end = "?>"
		case bytes.HasPrefix(text, []byte("<!--")):
			end = "-->"
		case bytes.HasPrefix(text, []byte("<!")):
			end = ">"
		default:
			return bytes.HasPrefix(text, []byte("<svg")) && len(text) > 4 && strings.IndexByte(" \t\r\n>/", text[4]) >= 0
		}
		at := bytes.Index(text, []byte(end))
		if at < 0 {
			return false
		}
		text = text[at+len(end):]
	}
}

// sniffBrand reads the brands of an ISO base media file (ISO/IEC 14496-12, file type box).
func sniffBrand(start []byte) string {
	switch brand := string(start[8:12]); {
	case slices.Contains([]string{"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"}, brand):
		if bytes.Contains(start[:min(len(start), 64)], []byte("avif")) {
			return "image/avif"
		}
		return "image/heic"
	case brand == "avif" || brand == "avis":
		return "image/avif"
	case strings.HasPrefix(brand, "3g"):
		return "video/3gpp"
	case brand == "qt  ":
		return "video/quicktime"
	case brand == "M4A " || brand == "M4B ":
		return "audio/mp4"
	default:
		return "video/mp4"
	}
}

// sniffMatroska tells WebM from Matroska, and sound alone from video, by names that stand near the start.
func sniffMatroska(start []byte) string {
	switch {
	case !bytes.Contains(start, []byte("webm")):
		return "video/x-matroska"
	case bytes.Contains(start, []byte("A_")) && !bytes.Contains(start, []byte("V_")):
		return "audio/webm"
	default:
		return "video/webm"
	}
}

const oleStorage = "application/x-ole-storage"

// refine lets the declared type make the sniffed one more exact, where the content cannot tell and does not contradict.
func refine(found, declared string) string {
	declared, _, _ = strings.Cut(strings.ToLower(declared), ";")
	declared = strings.TrimSpace(declared)
	allowed := false
	switch found {
	case "application/zip":
		allowed = strings.HasPrefix(declared, officePrefix) || declared == "application/epub+zip" ||
			strings.HasPrefix(declared, "application/vnd.oasis.opendocument.")
	case oleStorage:
		allowed = slices.Contains([]string{"application/msword", "application/vnd.ms-excel",
			"application/vnd.ms-powerpoint", "application/vnd.ms-outlook"}, declared)
	case "text/plain":
		allowed = slices.Contains([]string{"text/csv", "text/markdown", "text/calendar", "text/vcard", "text/x-vcard",
			"application/json"}, declared)
	}
	if allowed {
		return declared
	}
	return found
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
