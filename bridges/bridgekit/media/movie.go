package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"time"
)

// maxBoxes bounds how many boxes of one file are looked at.
const maxBoxes = 2000

// movie is what the boxes of an ISO base media file (mp4, mov, 3gp) say.
type movie struct {
	video, audio string // codecs; empty if there is no such track
	sounds       int    // how many audio tracks
	profile      byte   // of H.264: 66 Baseline, 77 Main, 100 High; 0 if unknown
	reordered    bool   // pictures are shown in another order than they are stored in: there are B-frames
	duration     time.Duration
}

// movieReader walks through boxes (ISO/IEC 14496-12, section 4.2).
type movieReader struct {
	r     io.ReaderAt
	boxes int
	found movie
	codec string // of the track that is being read
}

// readMovie reads the tracks of a file. What is broken or missing stays empty.
func readMovie(r io.ReaderAt, size int64) movie {
	m := movieReader{r: r}
	m.walk(0, size, 0)
	return m.found
}

func (m *movieReader) walk(from, to int64, depth int) {
	for at := from; at+8 <= to && m.boxes < maxBoxes; m.boxes++ {
		var head [16]byte
		if _, err := m.r.ReadAt(head[:8], at); err != nil {
			return
		}
		length, header := int64(binary.BigEndian.Uint32(head[:4])), int64(8)
		switch length {
		case 0: // up to the end
			length = to - at
		case 1:
			if _, err := m.r.ReadAt(head[8:], at+8); err != nil {
				return
			}
			long := binary.BigEndian.Uint64(head[8:])
			if long > uint64(to-at) { //nolint:gosec // at < to
				return
			}
			length, header = int64(long), 16 //nolint:gosec // checked just above
		}
		if length < header || length > to-at {
			return
		}
		m.box(string(head[4:8]), at+header, at+length, depth)
		at += length
	}
}

func (m *movieReader) box(name string, from, to int64, depth int) {
	switch name {
	case "moov", "trak", "mdia", "minf", "stbl":
		if name == "trak" {
			m.codec = ""
		}
		if depth < 8 {
			m.walk(from, to, depth+1)
		}
	case "mvhd":
		m.header(from, to)
	case "hdlr":
		m.handler(from, to)
	case "stsd": // version and flags, count, then the first entry: size, name
		if entry := m.bytes(from, to, 16); entry != nil {
			m.setCodec(codecName(string(entry[12:16])))
		}
		if m.codec == "vide" && m.found.profile == 0 {
			m.found.profile = m.profile(from, to)
		}
	case "ctts": // version and flags, count of runs of pictures with one and the same delay; a single one delays all
		if runs := m.bytes(from, to, 8); m.codec == "vide" && runs != nil && binary.BigEndian.Uint32(runs[4:]) > 1 {
			m.found.reordered = true
		}
	}
}

// profile reads the H.264 profile from the decoder configuration, which follows the fields of the video's sample
// entry (ISO/IEC 14496-15, section 5.3.3.1): the name avcC, a version, the profile.
func (m *movieReader) profile(from, to int64) byte {
	const within = 1 << 10 // other boxes that may stand before it are small
	entry := m.bytes(from, to, min(to-from, within))
	if at := bytes.Index(entry, []byte("avcC")); at >= 0 && at+5 < len(entry) {
		return entry[at+5]
	}
	return 0
}

// handler reads what a track is of. The handler stands before the codec in every file that follows the standard.
func (m *movieReader) handler(from, to int64) {
	entry := m.bytes(from, to, 12)
	if entry == nil || m.codec != "" {
		return
	}
	switch string(entry[8:12]) {
	case "vide", "soun":
		m.codec = string(entry[8:12])
	}
	if m.codec == "soun" {
		m.found.sounds++
	}
}

func (m *movieReader) setCodec(codec string) {
	switch {
	case m.codec == "vide" && m.found.video == "":
		m.found.video = codec
	case m.codec == "soun" && m.found.audio == "":
		m.found.audio = codec
	}
}

// header reads the length from the movie header box, version 0 or 1.
func (m *movieReader) header(from, to int64) {
	b := m.bytes(from, to, 20)
	if b == nil {
		return
	}
	scale, units := uint64(binary.BigEndian.Uint32(b[12:16])), uint64(binary.BigEndian.Uint32(b[16:20]))
	if b[0] == 1 {
		if b = m.bytes(from, to, 32); b == nil {
			return
		}
		scale, units = uint64(binary.BigEndian.Uint32(b[20:24])), binary.BigEndian.Uint64(b[24:32])
	}
	const day = 24 * 3600
	if scale == 0 || units/scale > 30*day {
		return
	}
	m.found.duration = time.Duration(float64(units) / float64(scale) * float64(time.Second))
}

// bytes returns the first n bytes of a box, or nil if it is shorter.
func (m *movieReader) bytes(from, to, n int64) []byte {
	if to-from < n {
		return nil
	}
	b := make([]byte, n)
	if _, err := m.r.ReadAt(b, from); err != nil {
		return nil
	}
	return b
}

// codecName gives the name that people and ffmpeg use for a sample entry.
func codecName(entry string) string {
	switch entry {
	case "avc1", "avc3":
		return "h264"
	case "hvc1", "hev1":
		return "hevc"
	case "mp4v":
		return "mpeg4"
	case "s263":
		return "h263"
	case "av01":
		return "av1"
	case "vp09":
		return "vp9"
	case "mp4a":
		return "aac"
	case "samr":
		return "amr"
	case "Opus":
		return "opus"
	default:
		return strings.TrimSpace(strings.ToValidUTF8(entry, "?"))
	}
}

// plain tells whether every phone plays it, as far as the boxes tell: see Rule.Plain.
func (m movie) plain() bool {
	const baseline, main = 66, 77
	return m.video == "h264" && (m.profile == 0 || m.profile == baseline || m.profile == main) && !m.reordered &&
		m.sounds <= 1 && (m.audio == "" || m.audio == "aac")
}

// movie takes over what the boxes say. An mp4 file with sound alone is audio.
func (f *File) movie(m movie) {
	f.Codec, f.Duration, f.plain = m.video, m.duration, m.plain()
	if m.video == "" && m.audio != "" {
		f.Codec = m.audio
		if f.Mime == "video/mp4" {
			f.Mime = "audio/mp4"
		}
	}
}
