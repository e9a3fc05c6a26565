package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"os"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"puente/core/base/errs"
)

// likeWhatsApp are rules of the shape that a network has (ref: reference/whatsapp-cloud.md, section 5.1).
func likeWhatsApp() Limits {
	return Limits{
		Image:    {{Mime: "image/jpeg", MaxBytes: 5 << 20}, {Mime: "image/png", MaxBytes: 5 << 20}},
		Video:    {{Mime: "video/mp4", MaxBytes: 16 << 20, Codecs: []string{"h264"}, Plain: true}},
		Audio:    {{Mime: "audio/ogg", MaxBytes: 16 << 20, Codecs: []string{"opus"}, Mono: true}, {Mime: "audio/mpeg", MaxBytes: 16 << 20}},
		Voice:    {{Mime: "audio/ogg", MaxBytes: 16 << 20, Codecs: []string{"opus"}, Mono: true}},
		Document: {{Mime: AnyMime, MaxBytes: 100 << 20}},
		Sticker: {{Mime: "image/webp", MaxBytes: 100 << 10, Side: 512},
			{Mime: "image/webp", MaxBytes: 500 << 10, Side: 512, Animated: true}},
	}
}

// convert converts data and checks that nothing but the input, and the result until it is removed, is left over.
func convert(t *testing.T, data []byte, kind Kind, want Limits, change func(*Options)) (File, []byte, error) {
	t.Helper()
	in, opt := inFolder(t, "my photo.bin", data)
	if change != nil {
		change(&opt)
	}
	out, err := Convert(t.Context(), in, kind, want, opt)
	if err != nil {
		if n := files(t, opt.TempDir); n != 1 {
			t.Errorf("%d files are left over after an error", n-1)
		}
		return out, nil, err
	}
	content, err := os.ReadFile(out.Path)
	if err != nil {
		t.Fatal(err)
	}
	if out.Size != int64(len(content)) {
		t.Errorf("size %d, file has %d", out.Size, len(content))
	}
	if err := out.Remove(); err != nil {
		t.Fatal(err)
	}
	if n := files(t, opt.TempDir); n != 1 {
		t.Errorf("%d files besides the input are left over", n-1)
	}
	if kept, err := os.ReadFile(in.Path); err != nil || !bytes.Equal(kept, data) {
		t.Errorf("the input was changed: %v", err)
	}
	return out, content, nil
}

func TestConvertKeepsWhatFits(t *testing.T) {
	for name, tc := range map[string]struct {
		data []byte
		kind Kind
		mime string
	}{
		"JPEG":     {jpegOf(t, drawn(30, 20, false)), Image, "image/jpeg"},
		"PNG":      {pngOf(t, drawn(30, 20, false)), Image, "image/png"},
		"Voice":    {opusOf(1, 3), Voice, "audio/ogg"},
		"MP3":      {[]byte("ID3\x03\x00\x00\x00..."), Audio, "audio/mpeg"},
		"Video":    {movieOf("isom", map[string]string{"vide": "avc1", "soun": "mp4a"}), Video, "video/mp4"},
		"Sticker":  {webpOf(t, drawn(512, 512, false)), Sticker, "image/webp"},
		"Animated": {animatedWebP(t, 512, 512), Sticker, "image/webp"},
		"Document": {wavOf(), Document, "audio/wav"},
	} {
		t.Run(name, func(t *testing.T) {
			out, content, err := convert(t, tc.data, tc.kind, likeWhatsApp(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if out.Mime != tc.mime || out.Kind != tc.kind || !bytes.Equal(content, tc.data) {
				t.Errorf("got %s as %s, %d bytes", out.Mime, out.Kind, len(content))
			}
		})
	}
}

func TestConvertImages(t *testing.T) {
	encoded := func(encode func(*bytes.Buffer) error) []byte {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	plain := drawn(60, 40, false)
	clear := image.NewNRGBA(image.Rect(0, 0, 60, 40))
	copy(clear.Pix, plain.Pix[:len(plain.Pix)/2])
	deep := image.NewNRGBA64(image.Rect(0, 0, 60, 40))
	for i := range 60 * 40 {
		deep.Set(i%60, i/60, plain.At(i%60, i/60))
	}
	onlyJPEG := Limits{Image: likeWhatsApp()[Image][:1]}
	for _, tc := range []struct {
		name  string
		data  []byte
		rules Limits
		mime  string
	}{
		{"GIF", gifOf(t, 1), likeWhatsApp(), "image/jpeg"},
		{"AnimatedGIF", gifOf(t, 2), likeWhatsApp(), "image/jpeg"},
		{"WebP", webpOf(t, plain), likeWhatsApp(), "image/jpeg"},
		{"AnimatedWebP", animatedWebP(t, 60, 40), likeWhatsApp(), "image/jpeg"},
		{"TransparentWebP", webpOf(t, clear), likeWhatsApp(), "image/png"},
		{"BMP", encoded(func(b *bytes.Buffer) error { return bmp.Encode(b, plain) }), likeWhatsApp(), "image/jpeg"},
		{"TIFF", encoded(func(b *bytes.Buffer) error { return tiff.Encode(b, plain, nil) }), likeWhatsApp(), "image/jpeg"},
		{"DeepPNG", pngOf(t, deep), likeWhatsApp(), "image/png"},
		{"PNGToJPEG", pngOf(t, plain), onlyJPEG, "image/jpeg"},
		{"TransparentToJPEG", pngOf(t, clear), onlyJPEG, "image/jpeg"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, content, err := convert(t, tc.data, Image, tc.rules, nil)
			if err != nil {
				t.Fatal(err)
			}
			if out.Mime != tc.mime || Sniff(content) != tc.mime || out.deep || out.Width == 0 {
				t.Errorf("got %+v", out)
			}
			wantName := "my photo" + ".bin" + extensions(tc.mime)[0]
			if out.Name != wantName {
				t.Errorf("name %q, want %q", out.Name, wantName)
			}
			if img, _, err := image.Decode(bytes.NewReader(content)); err != nil {
				t.Error(err)
			} else if tc.name == "TransparentToJPEG" {
				if r, g, b, _ := img.At(30, 38).RGBA(); min(r, g, b) < 0xf000 {
					t.Error("what was transparent is not white")
				}
			}
		})
	}
}

func TestConvertMakesLargeImagesFit(t *testing.T) {
	limit := func(most int64) Limits {
		return Limits{Image: {{Mime: "image/jpeg", MaxBytes: most}, {Mime: "image/png", MaxBytes: most}}}
	}
	noise := drawn(900, 900, true)
	t.Run("JPEG", func(t *testing.T) {
		out, _, err := convert(t, jpegOf(t, noise), Image, limit(200<<10), nil)
		if err != nil || out.Size > 200<<10 || max(out.Width, out.Height) < leastSide {
			t.Errorf("got %+v, %v", out, err)
		}
	})
	t.Run("PNGBecomesJPEG", func(t *testing.T) {
		out, _, err := convert(t, pngOf(t, noise), Image, limit(600<<10), nil)
		if err != nil || out.Mime != "image/jpeg" || out.Width != 900 {
			t.Errorf("got %+v, %v", out, err)
		}
	})
	t.Run("PNGAlone", func(t *testing.T) {
		out, _, err := convert(t, pngOf(t, noise), Image, Limits{Image: {{Mime: "image/png", MaxBytes: 1 << 20}}}, nil)
		if err != nil || out.Mime != "image/png" || out.Size > 1<<20 {
			t.Errorf("got %+v, %v", out, err)
		}
	})
	t.Run("NotBelowTheFloor", func(t *testing.T) {
		_, _, err := convert(t, jpegOf(t, noise), Image, limit(2<<10), nil)
		if !errors.Is(err, errs.ErrTooLarge) || !strings.Contains(errs.Message(err), "MB") {
			t.Errorf("got %v, %q", err, errs.Message(err))
		}
	})
}

// withOrientation puts an Exif orientation into a JPEG.
func withOrientation(file []byte, value byte) []byte {
	exif := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), value, 0, 0)
	segment := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2)), exif...)
	return append(append(append([]byte{}, file[:2]...), segment...), file[2:]...)
}

func TestConvertTurnsAsExifSays(t *testing.T) {
	// The left half is red; the points are where red stands after turning.
	for orientation, redAt := range map[byte]image.Point{
		1: {2, 20}, 2: {57, 20}, 3: {57, 20}, 4: {2, 20}, 5: {20, 2}, 6: {20, 2}, 7: {20, 57}, 8: {20, 57},
	} {
		file := withOrientation(jpegOf(t, drawn(60, 40, false)), orientation)
		_, content, err := convert(t, file, Image, Limits{Image: {{Mime: "image/png"}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := image.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if c := color.NRGBAModel.Convert(img.At(redAt.X, redAt.Y)).(color.NRGBA); c.R < 200 || c.B > 60 {
			t.Errorf("orientation %d: %v at %v of %v", orientation, c, redAt, img.Bounds())
		}
	}
}

func TestConvertStickers(t *testing.T) {
	for name, data := range map[string][]byte{
		"PNG": pngOf(t, drawn(300, 100, false)), "JPEG": jpegOf(t, drawn(700, 900, false)), "WebP": webpOf(t, drawn(100, 100, false)),
		"Noise": pngOf(t, drawn(600, 600, true)), "SmallAnimation": animatedWebP(t, 100, 50), "GIF": gifOf(t, 2), "Tiny": pngOf(t, drawn(1, 1, false)),
	} {
		t.Run(name, func(t *testing.T) {
			out, content, err := convert(t, data, Sticker, likeWhatsApp(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if out.Mime != "image/webp" || out.Width != 512 || out.Height != 512 || out.Size > 100<<10 {
				t.Errorf("got %+v", out)
			}
			img, err := decodeWebP(bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			if _, _, _, alpha := img.At(256, 0).RGBA(); name == "PNG" && alpha != 0 {
				t.Error("the space around the picture is not transparent")
			}
			if r, _, _, alpha := img.At(100, 256).RGBA(); name == "PNG" && (alpha == 0 || r < 0xe000) {
				t.Error("the picture is not in the middle")
			}
		})
	}
	t.Run("TooLargeAnimation", func(t *testing.T) {
		data := append(animatedWebP(t, 512, 512), make([]byte, 600<<10)...)
		if _, _, err := convert(t, data, Sticker, likeWhatsApp(), nil); !errors.Is(err, errs.ErrTooLarge) {
			t.Errorf("got %v", err)
		}
	})
}

// bomb is a PNG that declares the size and holds nothing.
func bomb(w, h uint32) []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	header = append(binary.BigEndian.AppendUint32(header, h), 8, 6, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(header))
}

func TestConvertRefuses(t *testing.T) {
	big := append(movieOf("isom", map[string]string{"vide": "avc1"}), make([]byte, 17<<20)...)
	webpFile := webpOf(t, drawn(60, 60, true))
	for _, tc := range []struct {
		name    string
		data    []byte
		kind    Kind
		want    error
		message []string
	}{
		{"Bomb", bomb(100000, 100000), Image, errs.ErrTooLarge, []string{"100000 × 100000", "50 megapixels"}},
		{"BombAsSticker", bomb(100000, 100000), Sticker, errs.ErrTooLarge, []string{"megapixels"}},
		{"HEIC", box("ftyp", []byte("heic\x00\x00\x00\x00")), Image, errs.ErrUnsupported, []string{"image/heic", "image/jpeg or image/png"}},
		{"SVG", []byte("<svg></svg>"), Image, errs.ErrUnsupported, []string{"image/svg+xml"}},
		{"TextAsImage", []byte("hello"), Image, errs.ErrUnsupported, []string{"text/plain"}},
		{"TextAsVoice", []byte("#EXTM3U\nfile:///etc/passwd"), Voice, errs.ErrUnsupported, []string{"text/plain", "audio/ogg (opus, mono)"}},
		{"TruncatedImage", webpFile[:len(webpFile)/2], Image, errs.ErrInvalid, []string{"damaged"}},
		{"TruncatedHeader", webpFile[:20], Image, errs.ErrInvalid, []string{"damaged"}},
		{"Empty", nil, Image, errs.ErrInvalid, []string{"empty"}},
		{"VideoTooLarge", big, Video, errs.ErrTooLarge, []string{"17.0 MB", "at most 16 MB"}},
		{"WAVWithoutFFmpeg", wavOf(), Voice, errs.ErrUnsupported, []string{"audio/wav", "install ffmpeg", "audio/ogg (opus, mono)"}},
		{"StereoWithoutFFmpeg", opusOf(2, 1), Voice, errs.ErrUnsupported, []string{"install ffmpeg"}},
		{"HEVCWithoutFFmpeg", movieOf("isom", map[string]string{"vide": "hvc1"}), Video, errs.ErrUnsupported, []string{"hevc", "install ffmpeg"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, err := convert(t, tc.data, tc.kind, likeWhatsApp(), func(o *Options) { o.FFmpeg = "/nonexistent/ffmpeg" })
			if !errors.Is(err, tc.want) {
				t.Fatalf("got %v, want %v", err, tc.want)
			}
			for _, part := range tc.message {
				if !strings.Contains(errs.Message(err), part) {
					t.Errorf("message %q lacks %q", errs.Message(err), part)
				}
			}
		})
	}
	t.Run("KindThatTheNetworkLacks", func(t *testing.T) {
		_, _, err := convert(t, webpFile, Sticker, Limits{}, nil)
		if !errors.Is(err, errs.ErrUnsupported) || errs.Message(err) == "" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("DocumentOfAnotherType", func(t *testing.T) {
		_, _, err := convert(t, wavOf(), Document, Limits{Document: {{Mime: "application/pdf"}}}, nil)
		if !errors.Is(err, errs.ErrUnsupported) || !strings.Contains(errs.Message(err), "application/pdf") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("EndedContext", func(t *testing.T) {
		in, opt := inFolder(t, "x", webpFile)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		opt.AsDocument = true
		if _, err := Convert(ctx, in, Image, likeWhatsApp(), opt); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if n := files(t, opt.TempDir); n != 1 {
			t.Errorf("%d files left", n-1)
		}
	})
}

func TestConvertFallsBackToDocument(t *testing.T) {
	asDocument := func(o *Options) { o.AsDocument, o.FFmpeg = true, "/nonexistent/ffmpeg" }
	for name, data := range map[string][]byte{
		"HEIC": box("ftyp", []byte("heic\x00\x00\x00\x00")), "Damaged": webpOf(t, drawn(60, 60, true))[:100],
	} {
		out, content, err := convert(t, data, Image, likeWhatsApp(), asDocument)
		if err != nil || out.Kind != Document || !bytes.Equal(content, data) {
			t.Errorf("%s: got %+v, %v", name, out, err)
		}
	}
	_, _, err := convert(t, wavOf(), Voice, Limits{Voice: likeWhatsApp()[Voice], Document: {{Mime: AnyMime, MaxBytes: 10}}}, asDocument)
	if !errors.Is(err, errs.ErrUnsupported) || !strings.Contains(errs.Message(err), "audio/wav") {
		t.Errorf("a document that is too large: got %v, want the reason for the voice message", err)
	}
}
