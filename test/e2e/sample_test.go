package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/HugoSmits86/nativewebp"
)

// picture is red on its left half; a noisy one does not compress.
func picture(width, height int, noisy bool) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	random := rand.New(rand.NewPCG(1, 2))
	for y := range height {
		for x := range width {
			c := color.NRGBA{B: 255, A: 255}
			if noisy {
				n := random.Uint32()
				c = color.NRGBA{R: byte(n), G: byte(n >> 8), B: byte(n >> 16), A: 255}
			} else if x < width/2 {
				c = color.NRGBA{R: 255, A: 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func pngOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func webpOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := nativewebp.Encode(&b, img, nil); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// drawn is a sample that takes drawing.
func drawn(tb testing.TB, draw func() ([]byte, error)) []byte {
	tb.Helper()
	data, err := draw()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}
