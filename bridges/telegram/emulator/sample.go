package emulator

import (
	"embed"
	"fmt"

	"puente/core/base/errs"
)

// samples are small valid files of every kind, for whoever sends something without having a file at hand.
//
//go:embed sample
var samples embed.FS

func sampleBytes(name string) []byte {
	data, err := samples.ReadFile("sample/" + name)
	if err != nil {
		panic("sample " + name + " is not embedded") // a name of our own
	}
	return data
}

func samplePhoto() []byte { return sampleBytes("photo.jpg") }

// sampleFile is the file that stands for a kind.
func sampleFile(kind string) (File, error) {
	for _, one := range []struct{ kind, name, show, mime string }{
		{Photo, "photo.jpg", "", "image/jpeg"},
		{LivePhoto, "animation.mp4", "", "video/mp4"},
		{Video, "video.mp4", "film.mp4", "video/mp4"},
		{VideoNote, "round.mp4", "", "video/mp4"},
		{Animation, "animation.mp4", "wave.gif.mp4", "video/mp4"},
		{Voice, "voice.ogg", "", "audio/ogg"},
		{Audio, "song.mp3", "tone.mp3", "audio/mpeg"},
		{Document, "order.pdf", "order.pdf", "application/pdf"},
		{Sticker, "sticker.webp", "", "image/webp"},
	} {
		if one.kind == kind {
			f := File{Data: sampleBytes(one.name), Name: one.show, Mime: one.mime}
			if kind == Audio {
				f.Duration, f.Title, f.Performer = 2, "Tone", "Puente" // as its tags say
			}
			return f, nil
		}
	}
	return File{}, fmt.Errorf("send a file as %q: no such kind: %w", kind, errs.ErrInvalid)
}

// sampleSet is the name of the sticker set that the sample stickers belong to.
const sampleSet = "PuenteSamples"

// sampleSticker is one of the three forms of sticker.
func sampleSticker(form string) (File, error) {
	f := File{Emoji: "🙂", Set: sampleSet}
	switch form {
	case "static":
		f.Data, f.Mime = sampleBytes("sticker.webp"), "image/webp"
	case "animated":
		f.Data, f.Mime, f.Emoji = sampleBytes("sticker.tgs"), "application/x-tgsticker", "💙"
	case "video":
		f.Data, f.Mime, f.Emoji = sampleBytes("sticker.webm"), "video/webm", "🔥"
	default:
		return File{}, fmt.Errorf("sticker %q: static, animated or video: %w", form, errs.ErrInvalid)
	}
	return f, nil
}
