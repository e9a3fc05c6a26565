package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"io"
)

// exifOrientation reads how a JPEG is to be turned (Exif 2.32, tag 0x0112): 1 to 8, and 1 if nothing is said. A new
// encoding drops the Exif data, so that the pixels themselves must be turned.
func exifOrientation(r io.Reader) int {
	var mark [4]byte
	if _, err := io.ReadFull(r, mark[:2]); err != nil || mark[0] != 0xff || mark[1] != 0xd8 {
		return 1
	}
	for {
		if _, err := io.ReadFull(r, mark[:]); err != nil || mark[0] != 0xff || mark[1] == 0xda {
			return 1
		}
		length := int64(binary.BigEndian.Uint16(mark[2:])) - 2
		if length < 0 {
			return 1
		}
		if mark[1] != 0xe1 { // not APP1
			if _, err := io.CopyN(io.Discard, r, length); err != nil {
				return 1
			}
			continue
		}
		data := make([]byte, length)
		if _, err := io.ReadFull(r, data); err != nil {
			return 1
		}
		if tiff, ok := bytes.CutPrefix(data, []byte("Exif\x00\x00")); ok {
			return tiffOrientation(tiff)
		}
	}
}

func tiffOrientation(data []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(data, []byte("MM")) {
		order = binary.BigEndian
	}
	if len(data) < 8 {
		return 1
	}
	at := int64(order.Uint32(data[4:8]))
	if at+2 > int64(len(data)) {
		return 1
	}
	entries := int64(order.Uint16(data[at : at+2]))
	for at += 2; entries > 0 && at+12 <= int64(len(data)); entries, at = entries-1, at+12 {
		if order.Uint16(data[at:at+2]) == 0x0112 {
			if value := int(order.Uint16(data[at+8 : at+10])); value >= 1 && value <= 8 {
				return value
			}
			return 1
		}
	}
	return 1
}

// turn returns the picture as an orientation wants it shown.
func turn(img image.Image, orientation int) image.Image {
	if orientation <= 1 || orientation > 8 {
		return img
	}
	src := asRGBA(img)
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			dx, dy := x, y
			switch orientation {
			case 2:
				dx = w - 1 - x
			case 3:
				dx, dy = w-1-x, h-1-y
			case 4:
				dy = h - 1 - y
			case 5:
				dx, dy = y, x
			case 6:
				dx, dy = h-1-y, x
			case 7:
				dx, dy = h-1-y, w-1-x
			case 8:
				dx, dy = y, w-1-x
			}
			copy(dst.Pix[dst.PixOffset(dx, dy):][:4], src.Pix[src.PixOffset(x, y):][:4])
		}
	}
	return dst
}

// asRGBA returns the picture with its corner at 0,0 in a form whose bytes can be copied.
func asRGBA(img image.Image) *image.RGBA {
	if rgba, ok := img.(*image.RGBA); ok && rgba.Rect.Min == (image.Point{}) {
		return rgba
	}
	b := img.Bounds()
	rgba := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(rgba, rgba.Rect, img, b.Min, draw.Src)
	return rgba
}
