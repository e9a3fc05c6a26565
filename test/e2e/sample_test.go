package e2e

import (
	"bytes"
	"encoding/binary"
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

// animatedWebP wraps a still picture as the only frame of an animation.
func animatedWebP(tb testing.TB, side int) []byte {
	tb.Helper()
	still := webpOf(tb, picture(side, side, false))[12:]
	extent := append(uint24(side-1), uint24(side-1)...)
	frame := append(append(make([]byte, 6), extent...), 100, 0, 0, 0)
	body := []byte("WEBP")
	body = append(body, riff("VP8X", append([]byte{0x02, 0, 0, 0}, extent...))...)
	body = append(body, riff("ANIM", make([]byte, 6))...)
	body = append(body, riff("ANMF", append(frame, still...))...)
	return riff("RIFF", body)
}

func uint24(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n))[:3] }

func riff(name string, data []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data))), data...)
}

// voiceNote is an Ogg file with one channel of Opus that plays two seconds.
func voiceNote() []byte {
	const skip = 312
	head := append([]byte("OpusHead\x01"), 1)
	head = binary.LittleEndian.AppendUint16(head, skip)
	head = append(binary.LittleEndian.AppendUint32(head, 48000), 0, 0, 0)
	file := append(oggPage(0, head), oggPage(0, []byte("OpusTags"))...)
	return append(file, oggPage(2*48000+skip, []byte("sound"))...)
}

func oggPage(granule int64, body []byte) []byte {
	page := append([]byte("OggS\x00"), 0)
	page = binary.LittleEndian.AppendUint64(page, uint64(granule))
	page = binary.LittleEndian.AppendUint32(page, 7)
	page = append(page, make([]byte, 8)...)
	return append(append(page, 1, byte(len(body))), body...)
}

// movie is an MP4 file that says of itself that it holds H.264 and AAC.
func movie() []byte {
	header := binary.BigEndian.AppendUint32(make([]byte, 12), 1000)
	moov := [][]byte{box("mvhd", binary.BigEndian.AppendUint32(header, 2000), make([]byte, 80)), track("vide", "avc1"), track("soun", "mp4a")}
	return append(append(box("ftyp", []byte("isom"), make([]byte, 4)), box("mdat", make([]byte, 50))...), box("moov", moov...)...)
}

func track(kind, codec string) []byte {
	entry := append(append(make([]byte, 8), 0, 0, 0, 16), codec...)
	return box("trak", box("mdia", box("hdlr", make([]byte, 8), []byte(kind), make([]byte, 13)),
		box("minf", box("stbl", box("stsd", entry, make([]byte, 8))))))
}

func box(name string, parts ...[]byte) []byte {
	data := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(data)+8)), name...), data...)
}

// sound is an MP3 frame header and silence.
func sound() []byte {
	return append([]byte{'I', 'D', '3', 3, 0, 0, 0, 0, 0, 0, 0xff, 0xfb, 0x90, 0x00}, make([]byte, 800)...)
}

func pdf() []byte { return []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n") }
