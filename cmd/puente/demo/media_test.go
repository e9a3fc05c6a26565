package demo

import (
	"bytes"
	"context"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/webp"

	"puente/bridges/bridgekit/media"
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
	if _, err := jpeg.Decode(bytes.NewReader(data(t, photoJPEG))); err != nil {
		t.Errorf("JPEG: %v", err)
	}
	if _, err := png.Decode(bytes.NewReader(data(t, photoPNG))); err != nil {
		t.Errorf("PNG: %v", err)
	}
	still, err := webp.Decode(bytes.NewReader(data(t, stillSticker)))
	if err != nil {
		t.Fatalf("WebP: %v", err)
	}
	if size := still.Bounds().Size(); size.X != stickerSide || size.Y != stickerSide {
		t.Errorf("the sticker is %s", size)
	}
}

// TestSamplesNeedNoConversion compares the samples with what WhatsApp takes: each must pass as it is.
func TestSamplesNeedNoConversion(t *testing.T) {
	fixed := func(data []byte) func() ([]byte, error) { return func() ([]byte, error) { return data, nil } }
	tests := map[string]struct {
		draw func() ([]byte, error)
		kind media.Kind
		rule media.Rule
	}{
		"Video":           {fixed(filmMP4()), media.Video, media.Rule{Mime: "video/mp4", Codecs: []string{"h264"}}},
		"Voice":           {fixed(voiceOpus()), media.Voice, media.Rule{Mime: "audio/ogg", Codecs: []string{"opus"}, Mono: true}},
		"MP3":             {fixed(songMP3()), media.Audio, media.Rule{Mime: "audio/mpeg"}},
		"AAC":             {fixed(songAAC()), media.Audio, media.Rule{Mime: "audio/aac"}},
		"PDF":             {fixed(pagePDF("Hello")), media.Document, media.Rule{Mime: "application/pdf"}},
		"Sticker":         {stillSticker, media.Sticker, media.Rule{Mime: "image/webp", Side: 512, MaxBytes: 100 << 10}},
		"AnimatedSticker": {animatedSticker, media.Sticker, media.Rule{Mime: "image/webp", Side: 512, Animated: true, MaxBytes: 500 << 10}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sample")
			if err := os.WriteFile(path, data(t, test.draw), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := media.Convert(context.Background(), media.File{Path: path, Name: "sample"}, test.kind,
				media.Limits{test.kind: {test.rule}}, media.Options{FFmpeg: "/nowhere/ffmpeg"})
			if err != nil {
				t.Fatal(err)
			}
			if got.Path != path {
				t.Error("it was converted")
			}
		})
	}
}
