package demo

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"puente/bridges/bridgekit/media"
	"puente/core/testkit/sample"
)

// TestSamplesNeedNoConversion compares the samples with what WhatsApp takes: each must pass as it is.
func TestSamplesNeedNoConversion(t *testing.T) {
	fixed := func(data []byte) func() ([]byte, error) { return func() ([]byte, error) { return data, nil } }
	tests := map[string]struct {
		draw func() ([]byte, error)
		kind media.Kind
		rule media.Rule
	}{
		"Video":           {fixed(sample.FilmMP4()), media.Video, media.Rule{Mime: "video/mp4", Codecs: []string{"h264"}, Plain: true}},
		"Voice":           {fixed(sample.VoiceOpus()), media.Voice, media.Rule{Mime: "audio/ogg", Codecs: []string{"opus"}, Mono: true}},
		"MP3":             {fixed(sample.SongMP3()), media.Audio, media.Rule{Mime: "audio/mpeg"}},
		"AAC":             {fixed(sample.SongAAC()), media.Audio, media.Rule{Mime: "audio/aac"}},
		"PDF":             {fixed(sample.PagePDF("Hello")), media.Document, media.Rule{Mime: "application/pdf"}},
		"Sticker":         {sample.StillSticker, media.Sticker, media.Rule{Mime: "image/webp", Side: 512, MaxBytes: 100 << 10}},
		"AnimatedSticker": {sample.AnimatedSticker, media.Sticker, media.Rule{Mime: "image/webp", Side: 512, Animated: true, MaxBytes: 500 << 10}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			content, err := test.draw()
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "sample")
			if err := os.WriteFile(path, content, 0o600); err != nil {
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
