package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"time"
)

// oggHeader is the length of an Ogg page's fixed header (RFC 3533, section 6).
const oggHeader = 27

// OggOpusChannels reads the channel count of an Ogg file's Opus stream from its identification header (RFC 7845,
// section 5.1) and its length from the last granule position (section 4). ok is false if the first stream is not
// Opus. A file that is cut off gives the length up to there.
func OggOpusChannels(r io.Reader) (channels int, duration time.Duration, ok bool) {
	serial, _, body, err := oggPage(r)
	if err != nil {
		return 0, 0, false
	}
	head := make([]byte, min(body, 19))
	if _, err := io.ReadFull(r, head); err != nil || len(head) < 19 || !bytes.HasPrefix(head, []byte("OpusHead")) {
		return 0, 0, false
	}
	// The upper half of the version byte must be 0; at least one channel.
	if head[8]&0xf0 != 0 || head[9] == 0 {
		return 0, 0, false
	}
	skip := int64(binary.LittleEndian.Uint16(head[10:12]))
	last := int64(0)
	rest := body - int64(len(head))
	for {
		if _, err := io.CopyN(io.Discard, r, rest); err != nil {
			break
		}
		number, granule, length, err := oggPage(r)
		if err != nil {
			break
		}
		if number == serial && granule > last {
			last = granule
		}
		rest = length
	}
	return int(head[9]), opusDuration(last - skip), true
}

// opusDuration converts samples, which Opus in Ogg counts at 48 kHz whatever the source. What claims to last longer
// than a year is not believed.
func opusDuration(samples int64) time.Duration {
	const rate, year = 48000, 365 * 24 * 3600
	if samples <= 0 || samples/rate > year {
		return 0
	}
	return time.Duration(samples/rate)*time.Second + time.Duration(samples%rate)*time.Second/rate
}

// oggPage reads a page's header and returns its stream, its granule position and the length of its body.
func oggPage(r io.Reader) (serial uint32, granule, body int64, err error) {
	var header [oggHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return 0, 0, 0, err
	}
	if !bytes.HasPrefix(header[:], []byte("OggS\x00")) {
		return 0, 0, 0, io.ErrUnexpectedEOF
	}
	segments := make([]byte, header[26])
	if _, err := io.ReadFull(r, segments); err != nil {
		return 0, 0, 0, err
	}
	for _, length := range segments {
		body += int64(length)
	}
	granule = int64(binary.LittleEndian.Uint64(header[6:14])) //nolint:gosec // signed by RFC 3533; -1 means none
	return binary.LittleEndian.Uint32(header[14:18]), granule, body, nil
}

// sniffOgg tells the types of Ogg apart by the first packet.
func sniffOgg(start []byte) string {
	if len(start) > oggHeader {
		packet := start[min(len(start), oggHeader+int(start[26])):]
		switch {
		case bytes.HasPrefix(packet, []byte("OpusHead")), bytes.HasPrefix(packet, []byte("\x01vorbis")),
			bytes.HasPrefix(packet, []byte("\x7fFLAC")), bytes.HasPrefix(packet, []byte("Speex   ")):
			return "audio/ogg"
		case bytes.HasPrefix(packet, []byte("\x80theora")):
			return "video/ogg"
		}
	}
	return "application/ogg"
}
