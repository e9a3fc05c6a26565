package sample

import (
	"bytes"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/webp"
)

func data(t *testing.T, draw func() ([]byte, error)) []byte {
	t.Helper()
	got, err := draw()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestPicturesDecode(t *testing.T) {
	if _, err := jpeg.Decode(bytes.NewReader(data(t, PhotoJPEG))); err != nil {
		t.Errorf("JPEG: %v", err)
	}
	if _, err := png.Decode(bytes.NewReader(data(t, PhotoPNG))); err != nil {
		t.Errorf("PNG: %v", err)
	}
	still, err := webp.Decode(bytes.NewReader(data(t, StillSticker)))
	if err != nil {
		t.Fatalf("WebP: %v", err)
	}
	if size := still.Bounds().Size(); size.X != stickerSide || size.Y != stickerSide {
		t.Errorf("the sticker is %s", size)
	}
}
