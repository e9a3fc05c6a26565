package media

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
)

// made has the real ffmpeg make a file. Without ffmpeg these tests fail: what customers get depends on it.
func made(t *testing.T, name string, args ...string) File {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Fatal("ffmpeg is missing: apt-get install ffmpeg")
	}
	path := filepath.Join(t.TempDir(), name)
	args = append([]string{"-nostdin", "-hide_banner", "-loglevel", "error", "-y"}, append(args, path)...)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("make %s: %v\n%s", name, err, out)
	}
	return File{Path: path, Name: name}
}

// What ffmpeg itself can draw and sing: three seconds each.
func tone() []string { return []string{"-f", "lavfi", "-i", "sine=frequency=440:duration=3"} }

func picture(size string) []string {
	return []string{"-f", "lavfi", "-i", "testsrc2=size=" + size + ":rate=25:duration=3"}
}

// stream is what ffprobe says about one stream.
type stream struct {
	Type     string `json:"codec_type"`
	Codec    string `json:"codec_name"`
	Profile  string `json:"profile"`
	Channels int    `json:"channels"`
	Rate     string `json:"sample_rate"`
	BFrames  int    `json:"has_b_frames"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Pixels   string `json:"pix_fmt"`
}

// probed is what ffprobe says about a file: its streams, its container, and the kinds of its pictures (I, P, B).
type probed struct {
	Streams []stream `json:"streams"`
	Format  struct {
		Name string            `json:"format_name"`
		Tags map[string]string `json:"tags"`
	} `json:"format"`
	Frames []struct {
		Type string `json:"pict_type"`
	} `json:"frames"`
}

func probe(t *testing.T, path string) probed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-loglevel", "error", "-of", "json", "-show_streams", "-show_format",
		"-show_frames", "-select_streams", "v", "-show_entries", "frame=pict_type", path).Output()
	if err != nil {
		t.Fatalf("ffprobe: %v", err)
	}
	var frames, all probed
	if err = json.Unmarshal(out, &frames); err != nil {
		t.Fatal(err)
	}
	out, err = exec.CommandContext(t.Context(), "ffprobe", "-loglevel", "error", "-of", "json", "-show_streams", "-show_format", path).Output()
	if err == nil {
		err = json.Unmarshal(out, &all)
	}
	if err != nil {
		t.Fatalf("ffprobe: %v", err)
	}
	all.Frames = frames.Frames
	return all
}

func (p probed) of(kind string) (found []stream) {
	for _, s := range p.Streams {
		if s.Type == kind {
			found = append(found, s)
		}
	}
	return found
}

// reallyConverted converts with the real ffmpeg and returns the result, which is removed with the test.
func reallyConverted(t *testing.T, in File, kind Kind, want Limits) File {
	t.Helper()
	out, err := Convert(t.Context(), in, kind, want, Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatalf("%v (%s)", err, errs.Message(err))
	}
	t.Cleanup(func() {
		if err := out.Remove(); err != nil {
			t.Error(err)
		}
	})
	return out
}

// aboutThreeSeconds allows for what codecs put before and after the sound.
func aboutThreeSeconds(d time.Duration) bool {
	return d > 2900*time.Millisecond && d < 3200*time.Millisecond
}

func TestRealVoice(t *testing.T) {
	stereo := func(args ...string) []string { return append([]string{"-ac", "2"}, args...) }
	for _, tc := range []struct {
		name string
		args []string
		mime string // as Inspect sees the input
	}{
		{"tone.wav", nil, "audio/wav"},
		{"tone.mp3", nil, "audio/mpeg"},
		{"tone.m4a", []string{"-c:a", "aac"}, "audio/mp4"},
		{"tone.aac", []string{"-c:a", "aac"}, "audio/aac"},
		{"tone.flac", nil, "audio/flac"},
		{"tone.aiff", nil, "audio/aiff"},
		{"recorded.webm", []string{"-c:a", "libopus"}, "audio/webm"}, // what browsers record
		{"stereo.ogg", stereo("-c:a", "libopus"), "audio/ogg"},
		{"vorbis.ogg", stereo("-c:a", "libvorbis"), "audio/ogg"},
		{"stereo.wav", stereo(), "audio/wav"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := made(t, tc.name, append(tone(), tc.args...)...)
			if seen := inspected(t, in); seen.Mime != tc.mime {
				t.Errorf("the input is seen as %s", seen.Mime)
			}
			out := reallyConverted(t, in, Voice, likeWhatsApp())
			if out.Mime != "audio/ogg" || out.Codec != "opus" || out.Channels != 1 || !aboutThreeSeconds(out.Duration) ||
				filepath.Ext(out.Name) != ".ogg" || out.Path == in.Path {
				t.Errorf("result: %+v", out)
			}
			found := probe(t, out.Path)
			if sound := found.of("audio"); len(found.Streams) != 1 || len(sound) != 1 || sound[0].Codec != "opus" || sound[0].Channels != 1 ||
				sound[0].Rate != "48000" || found.Format.Name != "ogg" {
				t.Errorf("ffprobe: %+v", found)
			}
			if out.Size > 512<<10 {
				t.Errorf("%d bytes: WhatsApp shows voice messages over 512 KB without a play button", out.Size)
			}
		})
	}
}

func inspected(t *testing.T, in File) File {
	t.Helper()
	out, err := Inspect(in)
	return must(t, out, err)
}

func TestRealFilesThatStayAsTheyAre(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		kind Kind
		mime string
	}{
		{"tone.mp3", tone(), Audio, "audio/mpeg"},
		{"mono.ogg", append(tone(), "-ac", "1", "-c:a", "libopus"), Voice, "audio/ogg"},
		{"film.mp4", append(picture("320x240"), "-c:v", "libx264", "-profile:v", "baseline", "-pix_fmt", "yuv420p"), Video, "video/mp4"},
		{"talk.mp4", append(append(picture("320x240"), tone()...), "-c:v", "libx264", "-profile:v", "main", "-bf", "0", "-pix_fmt", "yuv420p", "-c:a", "aac"), Video, "video/mp4"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := made(t, tc.name, tc.args...)
			if out := reallyConverted(t, in, tc.kind, likeWhatsApp()); out.Path != in.Path || out.Mime != tc.mime || out.Name != tc.name {
				t.Errorf("result: %+v", out)
			}
		})
	}
}

// ref: reference/whatsapp-cloud.md, section 5.1: H.264 Main or Baseline without B-frames, AAC, one audio stream.
func TestRealVideo(t *testing.T) {
	withSound := func(size string, args ...string) []string { return append(append(picture(size), tone()...), args...) }
	for _, tc := range []struct {
		name          string
		args          []string
		sound         int
		width, height int
	}{
		{"vp8.webm", withSound("320x240", "-c:v", "libvpx", "-c:a", "libopus"), 1, 320, 240},
		{"silent.webm", append(picture("320x240"), "-c:v", "libvpx"), 0, 320, 240},
		{"phone.mov", withSound("640x360", "-c:v", "libx264", "-bf", "3", "-profile:v", "high", "-c:a", "aac"), 1, 640, 360},
		{"mpeg4.mp4", withSound("320x240", "-c:v", "mpeg4", "-c:a", "aac"), 1, 320, 240},
		{"old.avi", withSound("320x240", "-c:v", "mpeg4", "-c:a", "libmp3lame"), 1, 320, 240},
		{"odd.mkv", withSound("321x241", "-c:v", "libx264", "-pix_fmt", "yuv444p", "-c:a", "flac"), 1, 320, 240},
		{"large.mkv", append(picture("1920x1080"), "-c:v", "libx264", "-preset", "ultrafast"), 0, 1280, 720},
		{"dubbed.mkv", append(append(withSound("320x240"), tone()...), "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-c:a", "aac"), 1, 320, 240},
		{"frames.mp4", withSound("320x240", "-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p", "-bf", "2", "-c:a", "aac"), 1, 320, 240},
		{"high.mp4", withSound("320x240", "-c:v", "libx264", "-profile:v", "high", "-pix_fmt", "yuv420p", "-bf", "0", "-x264-params", "8x8dct=1", "-c:a", "aac"), 1, 320, 240},
		{"tracks.mp4", append(append(withSound("320x240"), tone()...), "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p", "-bf", "0", "-c:a", "aac"), 1, 320, 240},
		{"music.mp4", withSound("320x240", "-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p", "-bf", "0", "-c:a", "ac3"), 1, 320, 240},
		{"loop.gif", append(picture("160x120"), "-r", "10"), 0, 160, 120},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := made(t, tc.name, tc.args...)
			out := reallyConverted(t, in, Video, likeWhatsApp())
			if out.Path == in.Path {
				t.Error("it was left as it is")
			}
			if out.Mime != "video/mp4" || out.Codec != "h264" || out.Size > 16<<20 || !aboutThreeSeconds(out.Duration) || filepath.Ext(out.Name) != ".mp4" {
				t.Errorf("result: %+v", out)
			}
			checkPlayable(t, out.Path, tc.sound, tc.width, tc.height)
		})
	}
}

func checkPlayable(t *testing.T, path string, sound, width, height int) {
	t.Helper()
	found := probe(t, path)
	video, audio := found.of("video"), found.of("audio")
	if len(video) != 1 || len(audio) != sound || len(found.Streams) != 1+sound || !strings.Contains(found.Format.Name, "mp4") {
		t.Fatalf("streams: %+v in %s", found.Streams, found.Format.Name)
	}
	v := video[0]
	if v.Codec != "h264" || !slices.Contains([]string{"Main", "Baseline", "Constrained Baseline"}, v.Profile) || v.BFrames != 0 ||
		v.Pixels != "yuv420p" || v.Width != width || v.Height != height {
		t.Errorf("picture: %+v", v)
	}
	for i, frame := range found.Frames {
		if frame.Type == "B" {
			t.Fatalf("picture %d is a B-frame", i)
		}
	}
	if len(found.Frames) == 0 {
		t.Error("there are no pictures")
	}
	if sound > 0 && (audio[0].Codec != "aac" || audio[0].Channels > 2) {
		t.Errorf("sound: %+v", audio[0])
	}
}

func TestRealConversionLeavesTagsBehind(t *testing.T) {
	in := made(t, "tone.mp3", append(tone(), "-metadata", "title=At home", "-metadata", "artist=Anna")...)
	out := reallyConverted(t, in, Voice, likeWhatsApp())
	content := string(read(t, out.Path))
	if strings.Contains(content, "At home") || strings.Contains(content, "Anna") {
		t.Error("the title or the artist is still in there")
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	return must(t, content, err)
}

func TestRealVideoIsMadeSmaller(t *testing.T) {
	noise := []string{"-f", "lavfi", "-i", "nullsrc=size=640x480:rate=25:duration=3,geq=random(1)*255:128:128"}
	in := made(t, "noise.webm", append(noise, "-c:v", "libvpx", "-b:v", "8M", "-deadline", "realtime", "-cpu-used", "8")...)
	full := reallyConverted(t, in, Video, likeWhatsApp())
	limit := func(most int64) Limits {
		return Limits{Video: {{Mime: "video/mp4", MaxBytes: most, Codecs: []string{"h264"}}}}
	}
	t.Run("UntilItFits", func(t *testing.T) {
		out := reallyConverted(t, in, Video, limit(full.Size*3/4))
		if out.Size > full.Size*3/4 || !aboutThreeSeconds(out.Duration) {
			t.Errorf("result: %+v, full size %d", out, full.Size)
		}
	})
	t.Run("OrRefused", func(t *testing.T) {
		_, err := Convert(t.Context(), in, Video, limit(20<<10), Options{TempDir: t.TempDir()})
		if !errors.Is(err, errs.ErrTooLarge) {
			t.Errorf("error: %v", err)
		}
	})
}

func TestRealDamagedFiles(t *testing.T) {
	in := made(t, "tone.wav", tone()...)
	if err := os.Truncate(in.Path, 30); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	_, err := Convert(t.Context(), in, Voice, likeWhatsApp(), Options{TempDir: dir})
	if !errors.Is(err, errs.ErrInvalid) || !strings.Contains(errs.Message(err), "damaged") {
		t.Errorf("error: %v", err)
	}
	if left := entries(t, dir); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

func entries(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	list, err := os.ReadDir(dir)
	return must(t, list, err)
}
