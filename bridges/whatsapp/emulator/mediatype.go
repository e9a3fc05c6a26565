package emulator

import (
	"bytes"
	"fmt"
	"mime"
	"slices"
	"strings"
)

const (
	mib       = 1 << 20
	maxUpload = 100 * mib // the largest of all kinds, documents
)

// allowedTypes lists the MIME types that each kind of message takes.
// ref: reference/whatsapp-cloud.md §5.1
func allowedTypes(kind string) []string {
	return map[string][]string{
		"image":   {"image/jpeg", "image/png"},
		"video":   {"video/mp4", "video/3gpp"},
		"audio":   {"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"},
		"sticker": {"image/webp"},
		"document": {
			"text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
			"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
			"application/vnd.openxmlformats-officedocument.presentationml.presentation",
		},
	}[kind]
}

// kindOfType returns the kind of message that a MIME type is made for. Documents of types that are not listed are
// commonly taken, so they are here; a type that says nothing (application/octet-stream) is not.
func kindOfType(mimeType string) (kind string, ok bool) {
	base := baseType(mimeType)
	for _, kind = range []string{"image", "video", "audio", "sticker", "document"} {
		if slices.Contains(allowedTypes(kind), base) {
			return kind, true
		}
	}
	family, name, found := strings.Cut(base, "/")
	if found && name != "" && (family == "text" || family == "application" && name != "octet-stream") {
		return "document", true
	}
	return "", false
}

// baseType strips parameters: "audio/ogg; codecs=opus" is "audio/ogg".
func baseType(mimeType string) string {
	base, _, err := mime.ParseMediaType(mimeType)
	if err != nil {
		return ""
	}
	return base
}

// sizeLimit returns how many bytes a file of a kind may have.
func sizeLimit(kind string, animated bool) int64 {
	switch {
	case kind == "image":
		return 5 * mib
	case kind == "video", kind == "audio":
		return 16 * mib
	case kind == "sticker" && animated:
		return 500 << 10
	case kind == "sticker":
		return 100 << 10
	}
	return maxUpload
}

// checkUpload tells what a file of mimeType is refused for: a type that WhatsApp does not take, a size over the
// limit, or bytes that are something else. head holds the file's first bytes.
func checkUpload(mimeType string, size int64, head []byte) *graphError {
	kind, ok := kindOfType(mimeType)
	if !ok {
		return refuse(131053, fmt.Sprintf("Unsupported media type %q.", baseType(mimeType)))
	}
	if size == 0 {
		return refuse(131053, "The file is empty.")
	}
	animated := kind == "sticker" && isAnimatedWebP(head)
	if limit := sizeLimit(kind, animated); size > limit {
		return refuse(131053, fmt.Sprintf("A %s file may have at most %d bytes.", kind, limit))
	}
	if !looksLike(baseType(mimeType), head) {
		return refuse(131053, fmt.Sprintf("The file is not of the type %q.", baseType(mimeType)))
	}
	return nil
}

// checkUse tells why a stored file cannot be sent as a message of a kind, or "".
func checkUse(kind string, voice bool, f *mediaFile) string {
	base := baseType(f.Mime)
	if kind == "document" {
		return ""
	}
	if !slices.Contains(allowedTypes(kind), base) {
		return fmt.Sprintf("A file of type %q cannot be sent as %s.", base, kind)
	}
	if voice && !(base == "audio/ogg" && f.Opus) {
		return "A voice message needs audio/ogg with the OPUS codec."
	}
	return ""
}

// looksLike compares a file's first bytes with what its type must begin with.
func looksLike(base string, head []byte) bool {
	at := func(offset int, want string) bool {
		return len(head) >= offset+len(want) && string(head[offset:offset+len(want)]) == want
	}
	switch base {
	case "image/jpeg":
		return at(0, "\xff\xd8\xff")
	case "image/png":
		return at(0, "\x89PNG\r\n\x1a\n")
	case "image/webp":
		return at(0, "RIFF") && at(8, "WEBP")
	case "video/mp4", "video/3gpp", "audio/mp4":
		return at(4, "ftyp")
	case "audio/ogg":
		return at(0, "OggS") && isOpus(head)
	case "audio/amr":
		return at(0, "#!AMR")
	case "application/pdf":
		return at(0, "%PDF-")
	}
	return true
}

// isOpus tells whether an Ogg file's first page announces the one codec that WhatsApp takes in Ogg.
func isOpus(head []byte) bool { return bytes.Contains(head[:min(len(head), 256)], []byte("OpusHead")) }

// isAnimatedWebP reads the animation flag of a WebP's VP8X header.
func isAnimatedWebP(head []byte) bool {
	return len(head) > 20 && string(head[12:16]) == "VP8X" && head[20]&0x02 != 0
}
