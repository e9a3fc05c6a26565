// Package media brings a file into a form that a network takes: it looks at the content, keeps what fits, converts
// what can be converted, and says in plain words what cannot.
//
// Files stay on disk. Only images are held in memory, decoded, and only if their header declares no more pixels than
// allowed. Audio and video are converted by ffmpeg if it is installed.
package media

import (
	"os"
	"time"
)

// Kind is what a file is to be for the reader.
type Kind string

// The kinds.
const (
	Image    Kind = "image"
	Video    Kind = "video"
	Audio    Kind = "audio"
	Voice    Kind = "voice" // an audio message that plays in the chat
	Document Kind = "document"
	Sticker  Kind = "sticker"
)

// AnyMime is the type of a Rule that takes every type.
const AnyMime = "*/*"

// Rule is one form of a file that a network takes.
type Rule struct {
	// Mime is the type without parameters, or AnyMime.
	Mime string
	// MaxBytes is the largest size; 0 means no limit.
	MaxBytes int64
	// Codecs are the codecs taken inside of a container ("opus", "h264"); empty means any. For video they are those
	// of the picture.
	Codecs []string
	// Mono demands one audio channel, where Inspect can tell.
	Mono bool
	// Plain demands of a video what every phone plays: H.264 of the profile Baseline or Main without B-frames, and at
	// most one audio track, of AAC. What another one is made into is always plain.
	Plain bool
	// Animated makes it a rule for animated images alone; without it, it is one for still images.
	Animated bool
	// Side is the exact width and height in pixels; 0 means any.
	Side int
}

// Limits are the forms that a network takes for each kind, the most wanted first. A kind without rules is one that
// the network does not have.
type Limits map[Kind][]Rule

// File is a file on disk and what its content says about it.
type File struct {
	// Path is where it is.
	Path string
	// Name is what people call it, with extension.
	Name string
	// Mime is its type without parameters. What a sender declared is believed only if the content agrees and cannot
	// say more, as with an office document, which is a zip archive.
	Mime string
	// Kind is what it is to be sent as; Convert sets it.
	Kind Kind
	// Size is in bytes.
	Size int64
	// Codec is the codec inside of a container, of the picture if there is one; empty if unknown.
	Codec string
	// Width and Height are in pixels, for images; 0 if unknown.
	Width, Height int
	// Animated is set for GIF and WebP with several pictures.
	Animated bool
	// Channels is the number of audio channels; 0 if unknown.
	Channels int
	// Duration is how long it plays; 0 if unknown.
	Duration time.Duration

	plain     bool // see Rule.Plain
	deep      bool // more than 8 bits a channel, or CMYK: not every client shows it
	temporary bool
}

// Remove deletes the file if Convert made it, and does nothing for one that Convert handed back as it was.
func (f File) Remove() error {
	if !f.temporary {
		return nil
	}
	return os.Remove(f.Path)
}
