package emulator

import (
	"bytes"
	"encoding/binary"
	"image"
	_ "image/gif"  // dimensions of GIF
	_ "image/jpeg" // of JPEG
	_ "image/png"  // of PNG
	"io"

	_ "golang.org/x/image/webp" // of WebP
)

// look finds out what a file is, from its bytes: format, dimensions, duration.
func (f *file) look(r io.ReadSeeker) {
	head := make([]byte, 64)
	n := readAt(r, 0, head)
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		f.Format, f.Width, f.Height = "tgs", 512, 512
	case bytes.HasPrefix(head, []byte("\x1a\x45\xdf\xa3")):
		f.Format, f.Width, f.Height = "webm", 512, 512
	case bytes.HasPrefix(head, []byte("OggS")):
		f.Format = "ogg"
		f.Duration = oggSeconds(r, f.Size)
	case bytes.HasPrefix(head, []byte("ID3")), len(head) > 1 && head[0] == 0xff && head[1]&0xe0 == 0xe0 && head[1]&0x06 != 0:
		f.Format = "mp3"
	case len(head) > 12 && string(head[4:8]) == "ftyp":
		f.Format = "mp4"
		f.lookMP4(r)
	default:
		_, _ = r.Seek(0, io.SeekStart)
		if config, format, err := image.DecodeConfig(r); err == nil {
			f.Format, f.Width, f.Height = format, config.Width, config.Height
		}
	}
	// JPEG begins with 0xff too, but with 0xd8 after it.
	if bytes.HasPrefix(head, []byte("\xff\xd8")) && f.Format == "mp3" {
		f.Format = ""
	}
}

func readAt(r io.ReadSeeker, at int64, into []byte) int {
	if _, err := r.Seek(at, io.SeekStart); err != nil {
		return 0
	}
	n, _ := io.ReadFull(r, into)
	return n
}

// maxMovieHeader is more than the moov box of any film that is sent here.
const maxMovieHeader = 8 << 20

// lookMP4 reads the duration and the size of the picture from the boxes of an MP4 file.
func (f *file) lookMP4(r io.ReadSeeker) {
	for at := int64(0); at < f.Size; {
		head := make([]byte, 16)
		if readAt(r, at, head) < 16 {
			return
		}
		size := int64(binary.BigEndian.Uint32(head))
		if size == 1 {
			size = int64(binary.BigEndian.Uint64(head[8:])) // #nosec G115 -- checked below
		}
		if size < 8 || size > f.Size-at {
			return
		}
		if string(head[4:8]) == "moov" && size < maxMovieHeader {
			moov := make([]byte, size)
			f.lookMovie(moov[8:readAt(r, at, moov)])
			return
		}
		at += size
	}
}

// lookMovie reads the boxes inside moov and trak.
func (f *file) lookMovie(boxes []byte) {
	for len(boxes) >= 8 {
		size := int(binary.BigEndian.Uint32(boxes))
		if size < 8 || size > len(boxes) {
			return
		}
		body := boxes[8:size]
		switch string(boxes[4:8]) {
		case "trak":
			f.lookMovie(body)
		case "mvhd":
			if len(body) >= 20 && body[0] == 0 {
				if scale := binary.BigEndian.Uint32(body[12:]); scale > 0 {
					f.Duration = int(binary.BigEndian.Uint32(body[16:])+scale/2) / int(scale)
				}
			}
		case "tkhd":
			if n := len(body); n >= 84 {
				if w := int(binary.BigEndian.Uint32(body[n-8:]) >> 16); w > 0 {
					f.Width, f.Height = w, int(binary.BigEndian.Uint32(body[n-4:])>>16)
				}
			}
		}
		boxes = boxes[size:]
	}
}

// oggSeconds reads the position of the last page of an Opus file, which counts 48,000 a second.
func oggSeconds(r io.ReadSeeker, size int64) int {
	tail := make([]byte, min(size, 64<<10))
	tail = tail[:readAt(r, size-int64(len(tail)), tail)]
	i := bytes.LastIndex(tail, []byte("OggS"))
	if i < 0 || len(tail) < i+14 {
		return 0
	}
	return int((binary.LittleEndian.Uint64(tail[i+6:]) + 24_000) / 48_000) // #nosec G115 -- a length in seconds
}
