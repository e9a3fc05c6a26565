package media

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"puente/core/base/errs"
)

// play makes audio or video as the first rule wants that ffmpeg can serve. most is the limit that the file is over
// already in its own type, or 0.
func (j job) play(ctx context.Context, most int64) (File, error) {
	tooLarge := most > 0
	_, readable := demuxer(j.in.Mime)
	if !readable || !j.fitsKind() {
		return File{}, j.unsupported("Please send it as another type of file, or as a document.")
	}
	program, err := findFFmpeg(j.FFmpeg)
	if err != nil {
		if tooLarge {
			return File{}, j.tooLarge(most)
		}
		return File{}, j.unsupported("Please install ffmpeg where Puente runs, or send " + j.accepted() + ".")
	}
	for _, rule := range j.rules {
		for _, how := range encodings(rule, j.kind) {
			out, err := j.encodeWith(ctx, program, rule, how)
			if err != nil {
				return File{}, err
			}
			if rule.MaxBytes <= 0 || out.Size <= rule.MaxBytes {
				return out, nil
			}
			most, tooLarge = max(most, rule.MaxBytes), true
			if err := out.Remove(); err != nil {
				return File{}, fmt.Errorf("remove conversion: %w", err)
			}
		}
	}
	if tooLarge {
		return File{}, j.tooLarge(most)
	}
	return File{}, j.unsupported("Please send " + j.accepted() + ".")
}

// fitsKind tells whether the file can become the kind: no sound can become a video, and no picture sound.
func (j job) fitsKind() bool {
	if j.kind == Video {
		return strings.HasPrefix(j.in.Mime, "video/") || (j.in.Mime == "image/gif" && j.in.Animated)
	}
	return !strings.HasPrefix(j.in.Mime, "image/")
}

func (j job) encodeWith(ctx context.Context, program ffmpeg, rule Rule, how []string) (File, error) {
	path, err := j.newFile(rule.Mime)
	if err != nil {
		return File{}, err
	}
	if err := program.run(ctx, j.in, path, how, rule.MaxBytes); err != nil {
		if ctx.Err() == nil {
			err = errs.Tell(fmt.Errorf("convert %s to %s: %w: %w", j.in.Mime, rule.Mime, errs.ErrInvalid, err),
				"The file could not be converted; it may be damaged. Please send "+j.accepted()+".")
		}
		return File{}, errors.Join(err, os.Remove(path))
	}
	return j.made(path, rule)
}
