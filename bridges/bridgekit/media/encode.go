package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
)

const (
	// leastSide is how small a picture may get in order to fit, in pixels of its longer side. Below that, text in a
	// screenshot cannot be read any more.
	leastSide = 480
	// largeImage is the number of pixels from which on the scaler that needs no memory of its own is used.
	largeImage = 2_000_000
)

// errNoFit is a picture that stays too large down to the floor.
var errNoFit = errors.New("does not fit")

// errFull ends an encoding that is over its limit already.
var errFull = errors.New("output is full")

// limited keeps what is written to it up to a limit; 0 means none.
type limited struct {
	bytes.Buffer
	most int64
}

func (l *limited) Write(p []byte) (int, error) {
	if l.most > 0 && int64(l.Len()+len(p)) > l.most {
		return 0, errFull
	}
	return l.Buffer.Write(p)
}

// encodeWithin encodes a picture so that it takes at most `most` bytes: first with less quality, then smaller.
func encodeWithin(ctx context.Context, img image.Image, mime string, most int64) ([]byte, error) {
	qualities := []int{90, 75, 60}
	if mime == "image/png" {
		qualities = []int{0}
	}
	img = eightBit(img, mime == "image/png")
	width, height := img.Bounds().Dx(), img.Bounds().Dy()
	floor := min(leastSide, max(width, height))
	for {
		for _, quality := range qualities {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("encode picture: %w", err)
			}
			out := &limited{most: most}
			err := encodeOnce(out, img, mime, quality)
			if err == nil {
				return out.Bytes(), nil
			}
			if !errors.Is(err, errFull) {
				return nil, fmt.Errorf("encode %s: %w", mime, err)
			}
		}
		width, height = width*3/4, height*3/4
		if max(width, height) < floor {
			return nil, errNoFit
		}
		img = scale(img, max(width, 1), max(height, 1))
	}
}

func encodeOnce(w io.Writer, img image.Image, mime string, quality int) error {
	if mime == "image/png" {
		return png.Encode(w, img)
	}
	return jpeg.Encode(w, img, &jpeg.Options{Quality: quality})
}

// eightBit returns the picture with 8 bits a channel, on white if transparency cannot be kept.
func eightBit(img image.Image, transparent bool) image.Image {
	b := img.Bounds()
	size := image.Rect(0, 0, b.Dx(), b.Dy())
	switch img.(type) {
	case *image.Gray:
		return img // has neither transparency nor more than 8 bits
	case *image.YCbCr:
		if !transparent {
			return img // of which PNG would make 16 bits
		}
	}
	if transparent {
		dst := image.NewNRGBA(size)
		draw.Draw(dst, size, img, b.Min, draw.Src)
		return dst
	}
	dst := image.NewRGBA(size)
	draw.Draw(dst, size, image.White, image.Point{}, draw.Src)
	draw.Draw(dst, size, img, b.Min, draw.Over)
	return dst
}

// scale returns the picture in another size.
func scale(img image.Image, width, height int) image.Image {
	var dst draw.Image = image.NewRGBA(image.Rect(0, 0, width, height))
	if _, ok := img.(*image.NRGBA); ok {
		dst = image.NewNRGBA(dst.Bounds())
	}
	var by draw.Scaler = draw.CatmullRom
	if img.Bounds().Dx()*img.Bounds().Dy() > largeImage {
		by = draw.ApproxBiLinear
	}
	by.Scale(dst, dst.Bounds(), img, img.Bounds(), draw.Src, nil)
	return dst
}

// isOpaque tells whether nothing shines through. Types that do not know are taken to be opaque.
func isOpaque(img image.Image) bool {
	known, ok := img.(interface{ Opaque() bool })
	return !ok || known.Opaque()
}
