package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"math"

	"github.com/HugoSmits86/nativewebp"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// errEncoder is a picture that the WebP encoder cannot write.
var errEncoder = errors.New("the WebP encoder failed")

// encodeSticker makes a square WebP of the side, with the picture in the middle and nothing around it. WebP is
// written without loss, so that what is too large is first drawn with fewer colours and then with larger dots.
func encodeSticker(ctx context.Context, img image.Image, side int, most int64) ([]byte, error) {
	failed := errNoFit
	for _, step := range []struct{ detail, bits int }{
		{1, 8}, {1, 7}, {1, 6}, {1, 5}, {1, 4}, {2, 6}, {2, 5}, {2, 4}, {2, 3}, {4, 5}, {4, 4}, {4, 3}, {8, 4}, {8, 3}, {8, 2},
	} {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("encode sticker: %w", err)
		}
		canvas := onSquare(img, max(side/step.detail, 1))
		fewerColors(canvas, step.bits)
		if step.detail > 1 {
			large := image.NewNRGBA(image.Rect(0, 0, side, side))
			draw.NearestNeighbor.Scale(large, large.Rect, canvas, canvas.Rect, draw.Src, nil)
			canvas = large
		}
		data, err := encodeWebP(canvas)
		if err == nil && (most <= 0 || int64(len(data)) <= most) {
			return data, nil
		}
		if err != nil {
			failed = err
		}
	}
	return nil, failed
}

// encodeWebP writes a picture without loss and reads it again. nativewebp v0.9.3 builds code tables deeper than the
// format allows for some pictures (its issue 16), and then panics or writes what cannot be read.
func encodeWebP(img *image.NRGBA) (data []byte, err error) {
	defer func() {
		if recover() != nil {
			data, err = nil, errEncoder
		}
	}()
	var out bytes.Buffer
	if err := nativewebp.Encode(&out, img, nil); err != nil {
		return nil, fmt.Errorf("encode WebP: %w", err)
	}
	back, err := webp.Decode(bytes.NewReader(out.Bytes()))
	if err != nil {
		return nil, errEncoder
	}
	if got, ok := back.(*image.NRGBA); !ok || !bytes.Equal(got.Pix, img.Pix) {
		return nil, errEncoder
	}
	return out.Bytes(), nil
}

// onSquare scales the picture into the middle of a transparent square.
func onSquare(img image.Image, side int) *image.NRGBA {
	b := img.Bounds()
	factor := float64(side) / float64(max(b.Dx(), b.Dy()))
	width := max(int(math.Round(float64(b.Dx())*factor)), 1)
	height := max(int(math.Round(float64(b.Dy())*factor)), 1)
	at := image.Pt((side-width)/2, (side-height)/2)
	canvas := image.NewNRGBA(image.Rect(0, 0, side, side))
	var by draw.Scaler = draw.CatmullRom
	if b.Dx()*b.Dy() > largeImage {
		by = draw.ApproxBiLinear
	}
	by.Scale(canvas, image.Rectangle{Min: at, Max: at.Add(image.Pt(width, height))}, img, b, draw.Src, nil)
	return canvas
}

// fewerColors keeps only the upper bits of each channel, spread over the whole range, and one colour for all that is
// fully transparent.
func fewerColors(img *image.NRGBA, bits int) {
	most := 1<<bits - 1
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i+3] == 0 {
			copy(img.Pix[i:i+4], []byte{0, 0, 0, 0})
			continue
		}
		for c := range img.Pix[i : i+4] {
			level := (int(img.Pix[i+c])*most + 127) / 255
			img.Pix[i+c] = uint8(level * 255 / most) //nolint:gosec // level <= most
		}
	}
}
