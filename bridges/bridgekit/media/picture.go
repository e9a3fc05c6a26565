package media

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"puente/core/base/errs"
)

// codec reads one type of image.
type codec struct {
	decode func(io.Reader) (image.Image, error)
	config func(io.Reader) (image.Config, error)
}

// codecOf returns the codec of a type that is read without other programs.
func codecOf(mime string) (codec, bool) {
	switch mime {
	case "image/jpeg":
		return codec{jpeg.Decode, jpeg.DecodeConfig}, true
	case "image/png":
		return codec{png.Decode, png.DecodeConfig}, true
	case "image/gif":
		return codec{gif.Decode, gif.DecodeConfig}, true // the first picture
	case "image/webp":
		return codec{decodeWebP, webp.DecodeConfig}, true
	case "image/bmp":
		return codec{bmp.Decode, bmp.DecodeConfig}, true
	case "image/tiff":
		return codec{tiff.Decode, tiff.DecodeConfig}, true
	default:
		return codec{}, false
	}
}

// picture reads what an image's header says. A broken header leaves it unknown.
func (f *File) picture(r io.ReadSeeker) {
	reader, ok := codecOf(f.Mime)
	if !ok {
		return
	}
	if config, err := reader.config(r); err == nil {
		f.Width, f.Height, f.deep = config.Width, config.Height, isDeep(config.ColorModel)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return
	}
	switch f.Mime {
	case "image/webp":
		f.Animated = IsAnimatedWebP(r)
	case "image/gif":
		f.Animated = isAnimatedGIF(r)
	}
}

// isDeep tells whether a colour model needs a conversion before every client shows it
// (ref: reference/whatsapp-cloud.md, section 5.1: 8-bit RGB or RGBA).
func isDeep(model color.Model) bool {
	switch model {
	case color.CMYKModel, color.RGBA64Model, color.NRGBA64Model, color.Gray16Model, color.Alpha16Model:
		return true
	default:
		return false
	}
}

// errPixels is a picture that declares more pixels than may be decoded.
func errPixels(f File, most int) error {
	return errs.Tell(fmt.Errorf("picture of %d by %d pixels: %w", f.Width, f.Height, errs.ErrTooLarge),
		fmt.Sprintf("The picture has %d × %d pixels, more than the %d megapixels that can be handled. "+
			"Please send a smaller one.", f.Width, f.Height, most/1e6))
}

// tooManyPixels compares without the overflow that a header made for it could cause.
func tooManyPixels(f File, most int) bool {
	return f.Width > 0 && f.Height > 0 && f.Height > most/f.Width
}

// errBroken is a picture that cannot be read.
func errBroken(doing string, err error) error {
	return errs.Tell(fmt.Errorf("%s: %w: %w", doing, errs.ErrInvalid, err),
		"The picture is damaged and cannot be read. Please send it again.")
}

// decodePicture reads the picture, the first one of an animation, turned as its Exif data says.
func decodePicture(f File, most int) (image.Image, error) {
	reader, ok := codecOf(f.Mime)
	if !ok {
		return nil, fmt.Errorf("decode %s: %w", f.Mime, errs.ErrUnsupported)
	}
	if f.Width <= 0 || f.Height <= 0 {
		return nil, errBroken("read picture header", errors.New("no size"))
	}
	if tooManyPixels(f, most) {
		return nil, errPixels(f, most)
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, fmt.Errorf("open picture: %w", err)
	}
	defer func() { _ = file.Close() }() // only read from
	img, err := reader.decode(bufio.NewReader(file))
	if err != nil {
		return nil, errBroken("decode "+f.Mime, err)
	}
	if f.Mime != "image/jpeg" {
		return img, nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read picture again: %w", err)
	}
	return turn(img, exifOrientation(bufio.NewReader(file))), nil
}

// isAnimatedGIF tells whether a GIF has a second picture, by its blocks (GIF89a specification) and without decoding.
func isAnimatedGIF(r io.Reader) bool {
	b := bufio.NewReader(r)
	var head [13]byte
	if _, err := io.ReadFull(b, head[:]); err != nil {
		return false
	}
	if !skipColors(b, head[10]) {
		return false
	}
	pictures := 0
	for {
		kind, err := b.ReadByte()
		if err != nil {
			return false
		}
		switch kind {
		case '!': // extension: label, then data
			if _, err := b.Discard(1); err != nil || !skipBlocks(b) {
				return false
			}
		case ',':
			if pictures++; pictures > 1 {
				return true
			}
			var descriptor [9]byte
			if _, err := io.ReadFull(b, descriptor[:]); err != nil || !skipColors(b, descriptor[8]) {
				return false
			}
			if _, err := b.Discard(1); err != nil || !skipBlocks(b) { // code size, then data
				return false
			}
		default:
			return false
		}
	}
}

// skipColors passes over a colour table, if the flags say that there is one.
func skipColors(b *bufio.Reader, flags byte) bool {
	if flags&0x80 == 0 {
		return true
	}
	_, err := b.Discard(3 << (flags&7 + 1))
	return err == nil
}

func skipBlocks(b *bufio.Reader) bool {
	for {
		length, err := b.ReadByte()
		if err != nil {
			return false
		}
		if length == 0 {
			return true
		}
		if _, err := b.Discard(int(length)); err != nil {
			return false
		}
	}
}
