package media

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the longest name in bytes that every file system and network takes.
const maxName = 200

// extensions returns the extensions of a type, the usual one first; nil if it is not known.
func extensions(mime string) []string {
	switch mime {
	case "image/jpeg":
		return []string{".jpg", ".jpeg", ".jpe", ".jfif"}
	case "image/png":
		return []string{".png"}
	case "image/gif":
		return []string{".gif"}
	case "image/webp":
		return []string{".webp"}
	case "image/bmp":
		return []string{".bmp"}
	case "image/tiff":
		return []string{".tiff", ".tif"}
	case "image/heic":
		return []string{".heic", ".heif"}
	case "image/avif":
		return []string{".avif"}
	case "image/svg+xml":
		return []string{".svg"}
	case "video/mp4":
		return []string{".mp4", ".m4v"}
	case "video/3gpp":
		return []string{".3gp", ".3gpp", ".3g2"}
	case "video/quicktime":
		return []string{".mov", ".qt"}
	case "video/webm", "audio/webm":
		return []string{".webm", ".weba"}
	case "video/x-matroska":
		return []string{".mkv"}
	case "audio/ogg", "video/ogg":
		return []string{".ogg", ".oga", ".opus", ".ogv"}
	case "audio/mpeg":
		return []string{".mp3"}
	case "audio/mp4":
		return []string{".m4a", ".mp4"}
	case "audio/aac":
		return []string{".aac"}
	case "audio/amr":
		return []string{".amr"}
	case "audio/wav":
		return []string{".wav"}
	case "audio/flac":
		return []string{".flac"}
	case "application/pdf":
		return []string{".pdf"}
	case "application/zip":
		return []string{".zip"}
	case "text/plain":
		return []string{".txt", ".log", ".md", ".csv", ".json", ".ics", ".vcf", ".xml", ".yaml", ".yml", ".ini"}
	case "text/csv":
		return []string{".csv"}
	case "application/msword":
		return []string{".doc"}
	case "application/vnd.ms-excel":
		return []string{".xls"}
	case "application/vnd.ms-powerpoint":
		return []string{".ppt"}
	case officePrefix + "wordprocessingml.document":
		return []string{".docx"}
	case officePrefix + "spreadsheetml.sheet":
		return []string{".xlsx"}
	case officePrefix + "presentationml.presentation":
		return []string{".pptx"}
	default:
		return nil
	}
}

// CleanName makes a name that a person may safely open the file by: without folders, control characters, invisible
// characters and those that turn the reading direction, not that of a device, with an extension that fits the type, and
// of at most 200 bytes. An empty name becomes "file".
func CleanName(name, mime string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(cleanRune, name)
	name = strings.Trim(name, ". ")
	stem, ext := cutExtension(name)
	if wanted := extensions(mime); len(wanted) > 0 && !contains(wanted, strings.ToLower(ext)) {
		if !isMediaExtension(ext) {
			stem += ext // "report.v2" is no extension to replace
		}
		ext = wanted[0]
	}
	if stem = strings.TrimRight(stem, ". "); stem == "" {
		stem = "file"
	} else if isDevice(stem) {
		stem = "_" + stem
	}
	for len(stem)+len(ext) > maxName {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	return strings.TrimRight(stem, ". ") + ext
}

// isDevice tells whether Windows takes a name for a device, whatever extension follows.
// Source: Microsoft, "Naming Files, Paths, and Namespaces".
func isDevice(stem string) bool {
	stem, _, _ = strings.Cut(strings.ToUpper(stem), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	port, isPort := strings.CutPrefix(stem, "COM")
	if !isPort {
		port, isPort = strings.CutPrefix(stem, "LPT")
	}
	return isPort && utf8.RuneCountInString(port) == 1 && strings.ContainsAny(port, "0123456789¹²³")
}

// cleanRune drops what cannot be seen and replaces what a file system may not take.
func cleanRune(r rune) rune {
	const joiner = '\u200d' // inside emoji
	switch {
	case unicode.IsSpace(r) && r != '\u2028' && r != '\u2029':
		return ' '
	case r == joiner:
		return r
	case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Cs, unicode.Co):
		return -1
	case strings.ContainsRune(`<>:"|?*`, r):
		return '_'
	default:
		return r
	}
}

// cutExtension cuts off what looks like an extension: a dot and 1 to 10 letters or digits after a stem.
func cutExtension(name string) (stem, ext string) {
	ext = path.Ext(name)
	if len(ext) < 2 || len(ext) > 11 {
		return name, ""
	}
	for _, r := range ext[1:] {
		if r > unicode.MaxASCII || (!unicode.IsLetter(r) && !unicode.IsDigit(r)) {
			return name, ""
		}
	}
	return strings.TrimSuffix(name, ext), ext
}

// isMediaExtension tells whether the extension is one that a conversion replaces.
func isMediaExtension(ext string) bool {
	for _, mime := range []string{
		"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff", "image/heic", "video/mp4",
		"video/3gpp", "video/quicktime", "video/webm", "video/x-matroska", "audio/ogg", "audio/mpeg", "audio/mp4",
		"audio/aac", "audio/amr", "audio/wav", "audio/flac",
	} {
		if contains(extensions(mime), strings.ToLower(ext)) {
			return true
		}
	}
	return false
}
