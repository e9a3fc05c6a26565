package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/HugoSmits86/nativewebp"
)

// drawn makes a picture with a red left half; noisy ones do not compress.
func drawn(w, h int, noisy bool) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	random := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			c := color.NRGBA{B: 255, A: 255}
			switch {
			case noisy:
				n := random.Uint32()
				c = color.NRGBA{R: byte(n), G: byte(n >> 8), B: byte(n >> 16), A: 255}
			case x < w/2:
				c = color.NRGBA{R: 255, A: 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func must[T any](t testing.TB, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func webpOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := nativewebp.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, frames int) []byte {
	t.Helper()
	var all gif.GIF
	for range frames {
		frame := image.NewPaletted(image.Rect(0, 0, 20, 10), color.Palette{color.White, color.RGBA{R: 255, A: 255}})
		frame.SetColorIndex(1, 1, 1)
		all.Image, all.Delay = append(all.Image, frame), append(all.Delay, 5)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &all); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// animatedWebP wraps a still WebP as the only frame of an animation.
func animatedWebP(t testing.TB, w, h int) []byte {
	t.Helper()
	still := webpOf(t, drawn(w, h, false))[12:]
	size := func(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n))[:3] }
	extent := append(size(w-1), size(h-1)...)
	frame := append(append(make([]byte, 6), extent...), 100, 0, 0, 0)
	body := []byte("WEBP")
	body = append(body, riff("VP8X", append([]byte{0x02, 0, 0, 0}, extent...))...)
	body = append(body, riff("ANIM", make([]byte, 6))...)
	body = append(body, riff("ANMF", append(frame, still...))...)
	return riff("RIFF", body)
}

func riff(name string, data []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data))), data...)
}

// oggPageOf makes one page with a body of less than 255 bytes.
func oggPageOf(serial uint32, granule int64, body []byte) []byte {
	page := append([]byte("OggS\x00"), 0)
	page = binary.LittleEndian.AppendUint64(page, uint64(granule))
	page = binary.LittleEndian.AppendUint32(page, serial)
	page = append(page, make([]byte, 8)...) // number and checksum
	return append(append(page, 1, byte(len(body))), body...)
}

// opusOf makes an Ogg Opus file that plays for the seconds.
func opusOf(channels byte, seconds int64) []byte {
	const skip = 312
	head := append([]byte("OpusHead\x01"), channels)
	head = binary.LittleEndian.AppendUint16(head, skip)
	head = append(binary.LittleEndian.AppendUint32(head, 48000), 0, 0, 0)
	file := oggPageOf(7, 0, head)
	file = append(file, oggPageOf(7, 0, []byte("OpusTags"))...)
	file = append(file, oggPageOf(9, 1<<40, []byte("of another stream"))...)
	file = append(file, oggPageOf(7, seconds*48000+skip, []byte("sound"))...)
	return append(file, oggPageOf(7, -1, []byte("more"))...)
}

func box(name string, parts ...[]byte) []byte {
	data := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(data)+8)), name...), data...)
}

// movieOf makes an mp4 file without pictures: a brand, two seconds, and one track for each codec.
func movieOf(brand string, codecs map[string]string) []byte {
	header := binary.BigEndian.AppendUint32(make([]byte, 12), 1000)
	moov := [][]byte{box("mvhd", binary.BigEndian.AppendUint32(header, 2000), make([]byte, 80))}
	for _, kind := range []string{"vide", "soun"} {
		if codec := codecs[kind]; codec != "" {
			entry := append(append(make([]byte, 8), 0, 0, 0, 16), codec...)
			moov = append(moov, box("trak", box("mdia", box("hdlr", make([]byte, 8), []byte(kind), make([]byte, 13)),
				box("minf", box("stbl", box("stsd", entry, make([]byte, 8)))))))
		}
	}
	return append(append(box("ftyp", []byte(brand), make([]byte, 4)), box("mdat", make([]byte, 50))...),
		box("moov", moov...)...)
}

func wavOf() []byte {
	return append([]byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"), make([]byte, 64)...)
}

// inFolder writes the data as a file in a new folder, in which Convert makes its files too.
func inFolder(t testing.TB, name string, data []byte) (File, Options) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "input")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return File{Path: path, Name: name}, Options{TempDir: folder}
}

// files counts what is in the folder.
func files(t testing.TB, folder string) int {
	t.Helper()
	entries, err := os.ReadDir(folder)
	return len(must(t, entries, err))
}
