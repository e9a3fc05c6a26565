package media

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"slices"

	"puente/core/base/errs"
)

// defaultPixels is how many pixels a picture may declare; decoded it takes 200 MB.
const defaultPixels = 50_000_000

// Options say how Convert works. The zero value is useful.
type Options struct {
	// TempDir is where new files are made; empty means the system's folder for them.
	TempDir string
	// AsDocument lets a file that cannot be sent as what it is be sent as a document, if the network takes that.
	AsDocument bool
	// MaxPixels is how many pixels a picture may declare; 0 means 50 million.
	MaxPixels int
	// FFmpeg is the path of the ffmpeg program; empty means the one in PATH, if there is one.
	FFmpeg string
}

// job is one conversion.
type job struct {
	Options
	in    File
	kind  Kind
	rules []Rule
}

// Convert brings a file into a form that the limits take for the kind. What fits already comes back as it is, with
// its type looked up and its name cleaned; else the result is a new file, which the caller ends with File.Remove.
// After an error there is nothing to remove. The input is never changed.
//
// Errors: errs.ErrUnsupported for a type that cannot be sent nor converted, errs.ErrTooLarge for what stays over the
// limit, errs.ErrInvalid for an empty or damaged file; all with a message for the sender (errs.Message). Of an
// animated picture, a still one keeps the first.
func Convert(ctx context.Context, in File, kind Kind, want Limits, opt Options) (File, error) {
	file, err := Inspect(in)
	if err != nil {
		return File{}, fmt.Errorf("inspect %s: %w", kind, err)
	}
	file.temporary = false // ours is only what is made below
	if opt.MaxPixels <= 0 {
		opt.MaxPixels = defaultPixels
	}
	out, err := job{Options: opt, in: file, kind: kind, rules: want[kind]}.run(ctx)
	if err == nil {
		return out, nil
	}
	if opt.AsDocument && kind != Document && ctx.Err() == nil {
		document := job{Options: opt, in: file, kind: Document, rules: want[Document]}
		if out, asDocument := document.run(ctx); asDocument == nil {
			return out, nil
		}
	}
	return File{}, fmt.Errorf("convert to %s: %w", kind, err)
}

func (j job) run(ctx context.Context) (File, error) {
	if len(j.rules) == 0 {
		return File{}, errs.Tell(fmt.Errorf("no %s on this network: %w", j.kind, errs.ErrUnsupported),
			fmt.Sprintf("This network does not take files of the kind %q. Please send it in another form.", j.kind))
	}
	if (j.kind == Image || j.kind == Sticker) && tooManyPixels(j.in, j.MaxPixels) {
		return File{}, errPixels(j.in, j.MaxPixels)
	}
	most, fits := int64(0), false
	for _, rule := range j.rules {
		if !rule.takes(j.in, j.kind) {
			continue
		}
		if rule.MaxBytes <= 0 || j.in.Size <= rule.MaxBytes {
			out := j.in
			out.Kind = j.kind
			return out, nil
		}
		most, fits = max(most, rule.MaxBytes), true
	}
	switch j.kind {
	case Image:
		return j.image(ctx)
	case Sticker:
		if j.in.Animated && fits {
			return File{}, j.tooLarge(most)
		}
		return j.sticker(ctx)
	case Audio, Voice, Video:
		return j.play(ctx, most)
	default:
		if fits {
			return File{}, j.tooLarge(most)
		}
		return File{}, j.unsupported("Please send it as another type of file.")
	}
}

// takes tells whether a file is of the form that the rule describes, whatever its size.
func (r Rule) takes(f File, kind Kind) bool {
	if r.Mime == AnyMime {
		return true
	}
	return r.Mime == f.Mime &&
		(len(r.Codecs) == 0 || slices.Contains(r.Codecs, f.Codec)) &&
		(!r.Mono || f.Channels == 1) &&
		(!r.Plain || f.plain) &&
		(kind == Document || (r.Animated == f.Animated && !(kind == Image && f.deep))) &&
		(r.Side == 0 || (r.Side == f.Width && r.Side == f.Height))
}

// image makes a still picture of one of the types that the rules name: one that keeps transparency if there is any
// to keep, or else, and if that does not fit, JPEG.
func (j job) image(ctx context.Context) (File, error) {
	rules := j.rulesFor("image/jpeg", "image/png")
	if _, ok := codecOf(j.in.Mime); !ok || len(rules) == 0 {
		return File{}, j.unsupported("Please send it as JPEG or PNG.")
	}
	img, err := decodePicture(j.in, j.MaxPixels)
	if err != nil {
		return File{}, err
	}
	first := "image/jpeg"
	if j.in.Mime == "image/png" || !isOpaque(img) {
		first = "image/png"
	}
	slices.SortStableFunc(rules, func(a, b Rule) int { return boolRank(a.Mime != first) - boolRank(b.Mime != first) })
	most := int64(0)
	for i, rule := range rules {
		most = max(most, rule.MaxBytes)
		data, err := j.encode(ctx, img, rule, i+1 < len(rules))
		if errors.Is(err, errNoFit) {
			continue
		} else if err != nil {
			return File{}, err
		}
		return j.keep(rule, data)
	}
	return File{}, j.tooLarge(most)
}

// encode writes the picture as the rule wants. A PNG that has JPEG behind it is only tried in its own size: a sharp
// JPEG is better than a tiny PNG.
func (j job) encode(ctx context.Context, img image.Image, rule Rule, other bool) ([]byte, error) {
	if rule.Mime == "image/png" && other && isOpaque(img) {
		out := &limited{most: rule.MaxBytes}
		err := encodeOnce(out, eightBit(img, true), rule.Mime, 0)
		if errors.Is(err, errFull) {
			return nil, errNoFit
		} else if err != nil {
			return nil, fmt.Errorf("encode %s: %w", rule.Mime, err)
		}
		return out.Bytes(), nil
	}
	return encodeWithin(ctx, img, rule.Mime, rule.MaxBytes)
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (j job) sticker(ctx context.Context) (File, error) {
	rules := j.rulesFor("image/webp")
	if _, ok := codecOf(j.in.Mime); !ok || len(rules) == 0 {
		return File{}, j.unsupported("Please send it as PNG or WebP.")
	}
	img, err := decodePicture(j.in, j.MaxPixels)
	if err != nil {
		return File{}, err
	}
	const usualSide = 512
	rule := rules[0]
	side := rule.Side
	if side == 0 {
		side = usualSide
	}
	data, err := encodeSticker(ctx, img, side, rule.MaxBytes)
	switch {
	case errors.Is(err, errNoFit):
		return File{}, j.tooLarge(rule.MaxBytes)
	case errors.Is(err, errEncoder):
		return File{}, j.unsupported("This picture cannot be made a sticker. Please send it as an image.")
	case err != nil:
		return File{}, err
	}
	return j.keep(rule, data)
}

// rulesFor returns the rules for still pictures of the types.
func (j job) rulesFor(mimes ...string) []Rule {
	var rules []Rule
	for _, rule := range j.rules {
		if !rule.Animated && slices.Contains(mimes, rule.Mime) {
			rules = append(rules, rule)
		}
	}
	return rules
}

// keep writes data into a new file.
func (j job) keep(rule Rule, data []byte) (File, error) {
	path, err := j.newFile(rule.Mime)
	if err != nil {
		return File{}, err
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return File{}, errors.Join(fmt.Errorf("write picture: %w", err), os.Remove(path))
	}
	return j.made(path, rule)
}

// newFile makes an empty file, which only this user may read.
func (j job) newFile(mime string) (string, error) {
	extension := ""
	if known := extensions(mime); len(known) > 0 {
		extension = known[0]
	}
	f, err := os.CreateTemp(j.TempDir, "puente-media-*"+extension)
	if err != nil {
		return "", fmt.Errorf("make file: %w", err)
	}
	if err := f.Close(); err != nil {
		return "", errors.Join(fmt.Errorf("make file: %w", err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// made looks at a file that was made and takes it only if it is what the rule wants, but for its size.
func (j job) made(path string, rule Rule) (File, error) {
	out, err := Inspect(File{Path: path, Name: j.in.Name, Mime: rule.Mime, Kind: j.kind, temporary: true})
	if err == nil && !rule.takes(out, j.kind) {
		err = fmt.Errorf("conversion gave %s instead of %s: %w", out.Mime, rule.Mime, errs.ErrUnsupported)
	}
	if err != nil {
		return File{}, errors.Join(fmt.Errorf("check conversion: %w", err), os.Remove(path))
	}
	return out, nil
}
