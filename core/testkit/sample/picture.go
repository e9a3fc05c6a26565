// Package sample makes small files of every kind, valid and in the form that networks take, for the tests and the
// demonstration.
package sample

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"github.com/HugoSmits86/nativewebp"
)

// stickerSide is the width and height of every sticker in pixels. ref: reference/whatsapp-cloud.md §5.1
const stickerSide = 512

// drawing is a lamp on a table: a disc over a bar, in the given colour.
func drawing(side int, light color.NRGBA) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	middle, radius := side/2, side/3
	for y := range side {
		for x := range side {
			dx, dy := x-middle, y-side*2/5
			switch {
			case dx*dx+dy*dy < radius*radius:
				img.SetNRGBA(x, y, light)
			case y > side*3/4:
				img.SetNRGBA(x, y, color.NRGBA{R: 0x6b, G: 0x4a, B: 0x2f, A: 0xff})
			default:
				img.SetNRGBA(x, y, color.NRGBA{R: 0xf4, G: 0xf1, B: 0xea, A: 0xff})
			}
		}
	}
	return img
}

var (
	blue   = color.NRGBA{R: 0x2f, G: 0x6f, B: 0xd0, A: 0xff}
	yellow = color.NRGBA{R: 0xf2, G: 0xc1, B: 0x2e, A: 0xff}
)

// PhotoJPEG is a small photo.
func PhotoJPEG() ([]byte, error) {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, drawing(96, blue), nil); err != nil {
		return nil, fmt.Errorf("draw a photo: %w", err)
	}
	return out.Bytes(), nil
}

// PhotoPNG is a small picture.
func PhotoPNG() ([]byte, error) {
	var out bytes.Buffer
	if err := png.Encode(&out, drawing(96, yellow)); err != nil {
		return nil, fmt.Errorf("draw a picture: %w", err)
	}
	return out.Bytes(), nil
}

// StillSticker is a WebP sticker of WhatsApp's size.
func StillSticker() ([]byte, error) {
	var out bytes.Buffer
	if err := nativewebp.Encode(&out, drawing(stickerSide, blue), nil); err != nil {
		return nil, fmt.Errorf("draw a sticker: %w", err)
	}
	return out.Bytes(), nil
}

// AnimatedSticker blinks: two still WebP pictures, each half a second, as an endless animation.
// ref: WebP container specification, "Extended file format" and "Animation"
func AnimatedSticker() ([]byte, error) {
	extent := append(uint24(stickerSide-1), uint24(stickerSide-1)...)
	const animated = 0x02
	body := chunk("VP8X", append([]byte{animated, 0, 0, 0}, extent...))
	body = append(body, chunk("ANIM", make([]byte, 6))...) // background colour; loop count 0 is for ever
	for _, light := range []color.NRGBA{blue, yellow} {
		var still bytes.Buffer
		if err := nativewebp.Encode(&still, drawing(stickerSide, light), nil); err != nil {
			return nil, fmt.Errorf("draw an animated sticker: %w", err)
		}
		frame := append(make([]byte, 6), extent...) // it starts in the corner
		frame = append(append(frame, uint24(500)...), 0)
		frame = append(frame, still.Bytes()[len("RIFF")+4+len("WEBP"):]...)
		body = append(body, chunk("ANMF", frame)...)
	}
	return chunk("RIFF", append([]byte("WEBP"), body...)), nil
}

// chunk is a RIFF chunk; one of odd length is padded.
func chunk(name string, data []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data))) //nolint:gosec // G115: a few kilobytes
	out = append(out, data...)
	if len(data)%2 == 1 {
		out = append(out, 0)
	}
	return out
}

// uint24 is a number in three bytes, the lowest first.
func uint24(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n)[:3] }
