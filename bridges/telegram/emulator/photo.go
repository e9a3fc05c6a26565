package emulator

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"golang.org/x/image/draw"

	"puente/core/base/errs"
)

// photoSides are the longer sides of the sizes in which Telegram keeps a photo.
var photoSides = []int{90, 320, 800, 1280}

// photoSizes recompresses a picture as Telegram does: JPEG in several sizes, none larger than the picture itself.
func (e *Emulator) photoSizes(f *file) ([]*file, error) {
	picture, err := e.decode(f)
	if err != nil {
		return nil, err
	}
	var out []*file
	longer := max(f.Width, f.Height)
	for i, side := range photoSides {
		if i > 0 && photoSides[i-1] >= longer {
			break
		}
		size, err := e.scaled(picture, min(side, longer), 87)
		if err != nil {
			e.forget(out...)
			return nil, err
		}
		size.Folder = "photos"
		out = append(out, size)
	}
	return out, nil
}

// thumbnail makes a small JPEG of a picture. ref: reference/telegram-bot.md §4, at most 320 pixels
func (e *Emulator) thumbnail(f *file, side int) (*file, error) {
	picture, err := e.decode(f)
	if err != nil {
		return nil, err
	}
	small, err := e.scaled(picture, min(side, max(f.Width, f.Height)), 75)
	if err != nil {
		return nil, err
	}
	small.Folder = "thumbnails"
	return small, nil
}

func (e *Emulator) decode(f *file) (image.Image, error) {
	if f.Width+f.Height > 20_000 {
		return nil, fmt.Errorf("decode a picture: its sides: %w", errs.ErrTooLarge)
	}
	r, err := e.files.Open(f.Key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	picture, _, err := image.Decode(r)
	if err != nil {
		return nil, fmt.Errorf("decode a picture: %w", errs.ErrInvalid)
	}
	return picture, nil
}

// scaled stores a copy of a picture whose longer side is as given.
func (e *Emulator) scaled(picture image.Image, longer, quality int) (*file, error) {
	b := picture.Bounds()
	w, h := longer, max(1, longer*b.Dy()/max(1, b.Dx()))
	if b.Dy() > b.Dx() {
		w, h = max(1, longer*b.Dx()/b.Dy()), longer
	}
	canvas := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(canvas, canvas.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(canvas, canvas.Bounds(), picture, b, draw.Over, nil)
	var raw bytes.Buffer
	if err := jpeg.Encode(&raw, canvas, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode a picture: %w", err)
	}
	f, err := e.storeFile(&raw, maxPhoto)
	if err != nil {
		return nil, err
	}
	f.Mime = "image/jpeg"
	return f, nil
}
