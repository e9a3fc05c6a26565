package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"puente/core/base/errs"
)

func TestInspectReadsTheContent(t *testing.T) {
	for _, tc := range []struct {
		name, declared string
		data           []byte
		want           File
	}{
		{"JPEG", "image/png", jpegOf(t, drawn(30, 20, false)), File{Mime: "image/jpeg", Width: 30, Height: 20}},
		{"PNG", "", pngOf(t, drawn(30, 20, false)), File{Mime: "image/png", Width: 30, Height: 20}},
		{"GIF", "video/mp4", gifOf(t, 1), File{Mime: "image/gif", Width: 20, Height: 10}},
		{"AnimatedGIF", "", gifOf(t, 2), File{Mime: "image/gif", Width: 20, Height: 10, Animated: true}},
		{"WebP", "", webpOf(t, drawn(30, 20, false)), File{Mime: "image/webp", Width: 30, Height: 20}},
		{"AnimatedWebP", "", animatedWebP(t, 30, 20), File{Mime: "image/webp", Width: 30, Height: 20, Animated: true}},
		{"HEIC", "image/jpeg", box("ftyp", []byte("heic\x00\x00\x00\x00mif1heic")), File{Mime: "image/heic"}},
		{"AVIF", "", box("ftyp", []byte("mif1\x00\x00\x00\x00avifmif1")), File{Mime: "image/avif"}},
		{"SVG", "", []byte("<?xml version='1.0'?>\n<!-- a -->\n<!DOCTYPE svg>\n<svg xmlns='x'/>"), File{Mime: "image/svg+xml"}},
		{"OpusMono", "audio/mpeg", opusOf(1, 3), File{Mime: "audio/ogg", Codec: "opus", Channels: 1, Duration: 3 * time.Second}},
		{"OpusStereo", "", opusOf(2, 5), File{Mime: "audio/ogg", Codec: "opus", Channels: 2, Duration: 5 * time.Second}},
		{"Vorbis", "", oggPageOf(1, 0, []byte("\x01vorbis")), File{Mime: "audio/ogg"}},
		{"Theora", "", oggPageOf(1, 0, []byte("\x80theora")), File{Mime: "video/ogg"}},
		{"MP4", "", movieOf("isom", map[string]string{"vide": "avc1", "soun": "mp4a"}), File{Mime: "video/mp4", Codec: "h264", plain: true, Duration: 2 * time.Second}},
		{"HEVC", "", movieOf("mp42", map[string]string{"vide": "hvc1"}), File{Mime: "video/mp4", Codec: "hevc", Duration: 2 * time.Second}},
		{"MP4WithSoundAlone", "video/mp4", movieOf("isom", map[string]string{"soun": "mp4a"}), File{Mime: "audio/mp4", Codec: "aac", Duration: 2 * time.Second}},
		{"M4A", "", movieOf("M4A ", map[string]string{"soun": "mp4a"}), File{Mime: "audio/mp4", Codec: "aac", Duration: 2 * time.Second}},
		{"MOV", "", movieOf("qt  ", map[string]string{"vide": "avc1"}), File{Mime: "video/quicktime", Codec: "h264", plain: true, Duration: 2 * time.Second}},
		{"3GP", "", movieOf("3gp4", map[string]string{"vide": "s263"}), File{Mime: "video/3gpp", Codec: "h263", Duration: 2 * time.Second}},
		{"WebM", "", []byte("\x1a\x45\xdf\xa3....webm....V_VP9 A_OPUS"), File{Mime: "video/webm"}},
		{"WebMWithSoundAlone", "", []byte("\x1a\x45\xdf\xa3....webm....A_OPUS"), File{Mime: "audio/webm"}},
		{"Matroska", "", []byte("\x1a\x45\xdf\xa3....matroska....V_MPEG4"), File{Mime: "video/x-matroska"}},
		{"AMR", "", []byte("#!AMR\n\x00"), File{Mime: "audio/amr"}},
		{"AAC", "", []byte("\xff\xf1\x50\x80\x00"), File{Mime: "audio/aac"}},
		{"MP3", "", []byte("\xff\xfb\x90\x64\x00"), File{Mime: "audio/mpeg"}},
		{"MP3WithTags", "", []byte("ID3\x03\x00\x00\x00"), File{Mime: "audio/mpeg"}},
		{"WAV", "", wavOf(), File{Mime: "audio/wav"}},
		{"FLAC", "", []byte("fLaC\x00"), File{Mime: "audio/flac"}},
		{"PDF", "image/png", []byte("%PDF-1.7\n"), File{Mime: "application/pdf"}},
		{"OfficeDocumentIsBelieved", officePrefix + "wordprocessingml.document", []byte("PK\x03\x04...."), File{Mime: officePrefix + "wordprocessingml.document"}},
		{"ZipIsNoPDF", "application/pdf", []byte("PK\x03\x04...."), File{Mime: "application/zip"}},
		{"OldOfficeDocument", "application/msword", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), File{Mime: "application/msword"}},
		{"CSV", "text/csv; charset=utf-8", []byte("a,b\n1,2\n"), File{Mime: "text/csv"}},
		{"HTMLIsNoText", "text/csv", []byte("<html><script>"), File{Mime: "text/html"}},
		{"Unknown", "image/png", []byte{0, 1, 2, 3}, File{Mime: octetStream}},
		{"BrokenPNG", "", pngOf(t, drawn(3, 3, false))[:12], File{Mime: "image/png"}},
		{"BrokenMP4", "", movieOf("isom", map[string]string{"vide": "avc1"})[:100], File{Mime: "video/mp4"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in, _ := inFolder(t, "x", tc.data)
			in.Mime = tc.declared
			got, err := Inspect(in)
			if err != nil {
				t.Fatal(err)
			}
			tc.want.Path, tc.want.Size, tc.want.Name = in.Path, int64(len(tc.data)), got.Name
			if got != tc.want {
				t.Errorf("\n got %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

func TestInspectRefusesWhatIsNoFile(t *testing.T) {
	in, opt := inFolder(t, "x", nil)
	if _, err := Inspect(in); !errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "" {
		t.Errorf("empty file: %v", err)
	}
	if _, err := Inspect(File{Path: opt.TempDir}); !errors.Is(err, errs.ErrInvalid) {
		t.Errorf("folder: %v", err)
	}
	if _, err := Inspect(File{Path: in.Path + "-missing"}); err == nil {
		t.Error("missing file: no error")
	}
}

func TestOggOpusChannels(t *testing.T) {
	whole := opusOf(1, 60)
	if channels, duration, ok := OggOpusChannels(bytes.NewReader(whole)); !ok || channels != 1 || duration != time.Minute {
		t.Errorf("got %d channels, %v, %v", channels, duration, ok)
	}
	t.Run("CutOff", func(t *testing.T) {
		if channels, duration, ok := OggOpusChannels(bytes.NewReader(whole[:60])); !ok || channels != 1 || duration != 0 {
			t.Errorf("got %d channels, %v, %v", channels, duration, ok)
		}
	})
	for name, data := range map[string][]byte{
		"Empty": nil, "CutInHeader": whole[:40], "Vorbis": oggPageOf(1, 0, []byte("\x01vorbis............")),
		"NoChannels": oggPageOf(1, 0, []byte("OpusHead\x01\x00.........")), "NewVersion": oggPageOf(1, 0, []byte("OpusHead\x10\x01.........")),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, ok := OggOpusChannels(bytes.NewReader(data)); ok {
				t.Error("taken for Opus")
			}
		})
	}
	t.Run("AbsurdLengthIsNotBelieved", func(t *testing.T) {
		if _, duration, ok := OggOpusChannels(bytes.NewReader(opusOf(1, 1<<40))); !ok || duration != 0 {
			t.Errorf("got %v, %v", duration, ok)
		}
	})
}

func TestIsAnimatedWebP(t *testing.T) {
	still := webpOf(t, drawn(3, 3, false))
	if IsAnimatedWebP(bytes.NewReader(still)) || IsAnimatedWebP(strings.NewReader("RIFF")) {
		t.Error("a still or broken file is taken for an animation")
	}
	if !IsAnimatedWebP(bytes.NewReader(animatedWebP(t, 3, 3))) {
		t.Error("an animation is not known")
	}
}

func TestReadMovieWithBrokenBoxes(t *testing.T) {
	long := append(binary.BigEndian.AppendUint32(nil, 1), "moov\xff\xff\xff\xff\xff\xff\xff\xff"...)
	nested := []byte("x")
	for range 3000 {
		nested = box("trak", nested)
	}
	for name, data := range map[string][]byte{
		"TooLong": box("moov")[:7], "LengthOverflows": long, "LengthTooSmall": {0, 0, 0, 3, 'm', 'o', 'o', 'v'},
		"Nested": nested, "ManyBoxes": bytes.Repeat(box("free"), 10000), "NoScale": box("mvhd", make([]byte, 40)),
	} {
		t.Run(name, func(t *testing.T) {
			if got := readMovie(bytes.NewReader(data), int64(len(data))); got != (movie{}) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestCleanName(t *testing.T) {
	for _, tc := range []struct{ name, in, mime, want string }{
		{"Kept", "Invoice 7.pdf", "application/pdf", "Invoice 7.pdf"},
		{"CaseKept", "PHOTO.JPG", "image/jpeg", "PHOTO.JPG"},
		{"Empty", "", "image/png", "file.png"},
		{"UnknownType", "data.xyz", octetStream, "data.xyz"},
		{"Folders", "../../etc/passwd", "text/plain", "passwd.txt"},
		{"WindowsFolders", `C:\temp\a.png`, "image/png", "a.png"},
		{"OnlyDots", "..", "", "file"},
		{"Hidden", ".bashrc", "text/plain", "bashrc.txt"},
		{"Control", "a\x00b\nc.png", "image/png", "ab c.png"},
		{"ReadingDirection", "photo\u202egpj.exe", "image/jpeg", "photogpj.exe.jpg"},
		{"Converted", "photo.webp", "image/jpeg", "photo.jpg"},
		{"NoExtensionToReplace", "report.v2", "application/pdf", "report.v2.pdf"},
		{"ForbiddenSigns", `a<b>:"c|?*.pdf`, "application/pdf", "a_b___c___.pdf"},
		{"BrokenUTF8", "a\xffb.png", "image/png", "ab.png"},
		{"Emoji", "👩‍👩‍👧.png", "image/png", "👩‍👩‍👧.png"},
		{"Long", strings.Repeat("ñ", 300) + ".pdf", "application/pdf", strings.Repeat("ñ", 98) + ".pdf"},
		{"Device", "CON.pdf", "application/pdf", "_CON.pdf"},
		{"DeviceInDisguise", "com¹ .tar.pdf", "application/pdf", "_com¹ .tar.pdf"},
		{"NoDevice", "command.pdf", "application/pdf", "command.pdf"},
		{"Windows", `C:\Windows\win.ini. . `, "text/plain", "win.ini"},
		{"LongExtension", "a." + strings.Repeat("x", 300), "", "a." + strings.Repeat("x", 198)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := CleanName(tc.in, tc.mime); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func FuzzInspect(f *testing.F) {
	for _, seed := range [][]byte{
		opusOf(1, 2), movieOf("isom", map[string]string{"vide": "avc1"}), gifOf(f, 2), webpOf(f, drawn(2, 2, false)),
		animatedWebP(f, 2, 2), jpegOf(f, drawn(2, 2, false)), []byte("<?xml?><svg>"), []byte("\x1a\x45\xdf\xa3webm"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		mime := Sniff(data)
		if !strings.Contains(mime, "/") || strings.Contains(mime, ";") {
			t.Fatalf("type %q", mime)
		}
		file := File{Mime: mime, Size: int64(len(data))}
		if err := file.details(bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		if file.Duration < 0 || file.Channels < 0 || file.Width < 0 || file.Height < 0 {
			t.Fatalf("negative: %+v", file)
		}
		if o := exifOrientation(bytes.NewReader(data)); o < 1 || o > 8 {
			t.Fatalf("orientation %d", o)
		}
		OggOpusChannels(bytes.NewReader(data))
		isAnimatedGIF(bytes.NewReader(data))
		readMovie(bytes.NewReader(data), int64(len(data)))
		if len(data) < 1<<16 && file.Width*file.Height < 1<<16 {
			_, _ = decodeWebP(bytes.NewReader(data))
		}
	})
}

func FuzzCleanName(f *testing.F) {
	f.Add("../a\u202eb.exe", "image/png")
	f.Add(strings.Repeat("é", 200), "")
	f.Add("CON.", "text/plain")
	f.Add(strings.Repeat(".", 300)+"lpt1", "image/jpeg")
	f.Fuzz(func(t *testing.T, name, mime string) {
		got := CleanName(name, mime)
		if got == "" || len(got) > maxName || !utf8.ValidString(got) || strings.ContainsAny(got, `/\<>:"|?*`) || got[0] == '.' ||
			strings.TrimRight(got, ". ") != got || isDevice(got) ||
			strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
			t.Fatalf("CleanName(%q, %q) = %q", name, mime, got)
		}
		if again := CleanName(got, mime); again != got {
			t.Fatalf("cleaning again gives %q instead of %q", again, got)
		}
	})
}
