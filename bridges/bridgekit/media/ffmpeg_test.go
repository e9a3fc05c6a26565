package media

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"puente/core/base/errs"
)

// fakeFFmpeg writes a program that notes its arguments in "args" beside itself and then runs the shell commands, in
// which $out is the output file and $here the program's folder.
func fakeFFmpeg(t *testing.T, commands string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "ffmpeg")
	script := "#!/bin/sh\nhere=$(dirname \"$0\")\nfor out; do :; done\nout=${out#file:}\n" +
		"for a; do echo \"$a\"; done > \"$here/args\"\n" + commands + "\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// giving is a fake that puts out the data.
func giving(t *testing.T, data []byte) string {
	t.Helper()
	path := fakeFFmpeg(t, `cat "$here/result" > "$out"`)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "result"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func argsOf(t *testing.T, path string) []string {
	t.Helper()
	args, err := os.ReadFile(filepath.Join(filepath.Dir(path), "args"))
	return strings.Split(string(must(t, args, err)), "\n")
}

func TestConvertWithFFmpeg(t *testing.T) {
	webm := []byte("\x1a\x45\xdf\xa3....webm....V_VP9 A_OPUS")
	h264 := movieOf("isom", map[string]string{"vide": "avc1", "soun": "mp4a"})
	for _, tc := range []struct {
		name       string
		in, result []byte
		kind       Kind
		mime       string
		args       []string
	}{
		{"WAVToVoice", wavOf(), opusOf(1, 3), Voice, "audio/ogg", []string{"wav", "libopus", "voip", "ogg"}},
		{"MP3ToVoice", []byte("ID3\x03..."), opusOf(1, 3), Voice, "audio/ogg", []string{"mp3", "libopus"}},
		{"StereoToMono", opusOf(2, 3), opusOf(1, 3), Voice, "audio/ogg", []string{"-ac", "1"}},
		{"WebMToAudio", webm, opusOf(1, 3), Audio, "audio/ogg", []string{"matroska", "-vn", "audio"}},
		{"WebMToVideo", webm, h264, Video, "video/mp4", []string{"matroska", "libx264", "aac", "-bf", "0"}},
		{"MOVToVideo", movieOf("qt  ", map[string]string{"vide": "avc1"}), h264, Video, "video/mp4", []string{"mov"}},
		{"HEVCToVideo", movieOf("isom", map[string]string{"vide": "hvc1"}), h264, Video, "video/mp4", []string{"mov"}},
		{"AnimatedGIFToVideo", gifOf(t, 2), h264, Video, "video/mp4", []string{"gif"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			program := giving(t, tc.result)
			out, content, err := convert(t, tc.in, tc.kind, likeWhatsApp(), func(o *Options) { o.FFmpeg = program })
			if err != nil {
				t.Fatal(err)
			}
			if out.Mime != tc.mime || out.Kind != tc.kind || !slices.Equal(content, tc.result) {
				t.Errorf("got %+v", out)
			}
			args := argsOf(t, program)
			for _, want := range append(tc.args, "-nostdin", "-protocol_whitelist", "-map_metadata", "-fs") {
				if !slices.Contains(args, want) {
					t.Errorf("arguments %q lack %q", args, want)
				}
			}
		})
	}
}

func TestConvertFindsFFmpegInPath(t *testing.T) {
	program := giving(t, opusOf(1, 1))
	t.Run("Present", func(t *testing.T) {
		t.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
		if _, _, err := convert(t, wavOf(), Voice, likeWhatsApp(), nil); err != nil {
			t.Error(err)
		}
	})
	t.Run("Absent", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, _, err := convert(t, wavOf(), Voice, likeWhatsApp(), nil)
		if !errors.Is(err, errs.ErrUnsupported) || !strings.Contains(errs.Message(err), "install ffmpeg") {
			t.Errorf("got %v", err)
		}
	})
}

func TestConvertWhenFFmpegFails(t *testing.T) {
	with := func(commands string) func(*Options) {
		program := fakeFFmpeg(t, commands)
		return func(o *Options) { o.FFmpeg = program }
	}
	t.Run("Exits", func(t *testing.T) {
		_, _, err := convert(t, wavOf(), Voice, likeWhatsApp(), with("echo secret >&2; echo x > \"$out\"; exit 1"))
		if !errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "" || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("MakesSomethingElse", func(t *testing.T) {
		if _, _, err := convert(t, wavOf(), Voice, likeWhatsApp(), with("echo text > \"$out\"")); !errors.Is(err, errs.ErrUnsupported) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("MakesNothing", func(t *testing.T) {
		if _, _, err := convert(t, wavOf(), Voice, likeWhatsApp(), with(":")); !errors.Is(err, errs.ErrInvalid) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("RemovesTheOutput", func(t *testing.T) {
		if _, _, err := convert(t, wavOf(), Voice, likeWhatsApp(), with("rm \"$out\"; exit 1")); !errors.Is(err, errs.ErrInvalid) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("StaysTooLarge", func(t *testing.T) {
		rules := Limits{Video: {{Mime: "video/mp4", MaxBytes: 100, Codecs: []string{"h264"}}}}
		program := giving(t, movieOf("isom", map[string]string{"vide": "avc1"}))
		_, _, err := convert(t, []byte("\x1a\x45\xdf\xa3....webm....V_VP9"), Video, rules, func(o *Options) { o.FFmpeg = program })
		if !errors.Is(err, errs.ErrTooLarge) {
			t.Errorf("got %v", err)
		}
		if args := argsOf(t, program); !slices.Contains(args, "30") {
			t.Error("the smaller encoding was not tried")
		}
	})
	t.Run("Cancelled", func(t *testing.T) {
		in, opt := inFolder(t, "x", wavOf())
		// The program says that it runs and then waits at a pipe that nobody writes to, until it is killed.
		opt.FFmpeg = fakeFFmpeg(t, `mkfifo "$here/pipe"; echo > "$here/started"; read -r line < "$here/pipe"`)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := Convert(ctx, in, Voice, likeWhatsApp(), opt)
			done <- err
		}()
		for {
			if _, err := os.Stat(filepath.Join(filepath.Dir(opt.FFmpeg), "started")); err == nil {
				break
			}
			select {
			case err := <-done:
				t.Fatalf("ended before it was cancelled: %v", err)
			default:
				runtime.Gosched()
			}
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if n := files(t, opt.TempDir); n != 1 {
			t.Errorf("%d files are left over", n-1)
		}
	})
}
