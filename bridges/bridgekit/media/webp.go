package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// maxFrame bounds how much of an animated WebP's first picture is read.
const maxFrame = 32 << 20

// IsAnimatedWebP tells whether the file is a WebP whose extended header announces an animation (WebP container
// specification, VP8X chunk). It reads 21 bytes.
func IsAnimatedWebP(r io.Reader) bool {
	var head [21]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return false
	}
	const animation = 0x02
	return string(head[:4]) == "RIFF" && string(head[8:16]) == "WEBPVP8X" && head[20]&animation != 0
}

// decodeWebP decodes a still WebP, or the first picture of an animated one.
func decodeWebP(r io.Reader) (image.Image, error) {
	var head [21]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	all := io.MultiReader(bytes.NewReader(head[:]), r)
	if !IsAnimatedWebP(bytes.NewReader(head[:])) {
		return webp.Decode(all)
	}
	if _, err := io.CopyN(io.Discard, all, 12); err != nil {
		return nil, err
	}
	for {
		name, length, err := riffChunk(all)
		if err != nil {
			return nil, err
		}
		if name == "ANMF" {
			if length > maxFrame {
				return nil, errors.New("webp: first picture is too large")
			}
			frame, err := io.ReadAll(io.LimitReader(all, length))
			if err != nil {
				return nil, err
			}
			return decodeFrame(frame)
		}
		if _, err := io.CopyN(io.Discard, all, length+length%2); err != nil {
			return nil, err
		}
	}
}

func riffChunk(r io.Reader) (name string, length int64, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", 0, err
	}
	return string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:])), nil
}

// decodeFrame decodes the data of an ANMF chunk by making a still WebP of it. The frame's own size is used; where it
// lies on the canvas does not matter for one picture.
func decodeFrame(frame []byte) (image.Image, error) {
	const header = 16 // position, size, duration, flags
	if len(frame) < header+8 {
		return nil, io.ErrUnexpectedEOF
	}
	var body bytes.Buffer
	body.WriteString("WEBP")
	if string(frame[header:header+4]) == "ALPH" {
		const alpha = 0x10
		body.WriteString("VP8X\x0a\x00\x00\x00")
		body.Write([]byte{alpha, 0, 0, 0})
		body.Write(frame[6:12]) // width and height less one, as VP8X has them too
	}
	body.Write(frame[header:])
	file := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(body.Len())) //nolint:gosec // at most maxFrame
	return webp.Decode(io.MultiReader(bytes.NewReader(file), &body))
}
