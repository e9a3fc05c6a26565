package media

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"puente/core/base/errs"
)

// errNoFFmpeg is a conversion that would need ffmpeg, which is not installed.
var errNoFFmpeg = errors.New("ffmpeg is not installed")

// killAfter is how long an ended ffmpeg may keep its output open.
const killAfter = 5 * time.Second

// demuxer returns the name by which ffmpeg reads a type; false if it is not to be given to ffmpeg. The name is always
// passed on, since ffmpeg, left to guess, would also take playlists that name other files.
func demuxer(mime string) (string, bool) {
	switch mime {
	case "audio/wav":
		return "wav", true
	case "audio/mpeg":
		return "mp3", true
	case "audio/ogg", "video/ogg", "application/ogg":
		return "ogg", true
	case "audio/webm", "video/webm", "video/x-matroska":
		return "matroska", true
	case "audio/mp4", "video/mp4", "video/quicktime", "video/3gpp":
		return "mov", true
	case "audio/aac":
		return "aac", true
	case "audio/amr", "audio/amr-wb":
		return "amr", true
	case "audio/flac":
		return "flac", true
	case "audio/aiff":
		return "aiff", true
	case "video/avi":
		return "avi", true
	case "image/gif":
		return "gif", true
	default:
		return "", false
	}
}

// encodings returns the ways, the best first and the smallest last, in which ffmpeg makes what a rule wants; nil if
// it does not.
func encodings(rule Rule, kind Kind) [][]string {
	channels := "2"
	if rule.Mono {
		channels = "1"
	}
	sound := func(args ...string) [][]string {
		return [][]string{append([]string{"-vn", "-map", "0:a:0", "-ac", channels}, args...)}
	}
	switch rule.Mime {
	case "audio/ogg":
		rate, application := "96k", "audio"
		if kind == Voice {
			rate, application = "32k", "voip"
		}
		return sound("-ar", "48000", "-c:a", "libopus", "-b:a", rate, "-application", application, "-f", "ogg")
	case "audio/mpeg":
		return sound("-c:a", "libmp3lame", "-b:a", "128k", "-f", "mp3")
	case "audio/mp4":
		return sound("-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", "-f", "ipod")
	case "audio/aac":
		return sound("-c:a", "aac", "-b:a", "128k", "-f", "adts")
	case "video/mp4":
		return [][]string{videoArgs("1280", "23", "128k"), videoArgs("640", "30", "64k")}
	default:
		return nil
	}
}

// videoArgs asks for H.264 without B-frames and AAC with one audio stream (ref: reference/whatsapp-cloud.md,
// section 5.1), with even sides of at most `side` pixels.
func videoArgs(side, quality, rate string) []string {
	within := "scale='min(" + side + ",iw)':'min(" + side + ",ih)':force_original_aspect_ratio=decrease"
	return []string{
		"-map", "0:v:0", "-map", "0:a:0?", "-vf", within + ",scale='trunc(iw/2)*2':'trunc(ih/2)*2'",
		"-c:v", "libx264", "-profile:v", "main", "-bf", "0", "-crf", quality, "-pix_fmt", "yuv420p",
		"-c:a", "aac", "-ac", "2", "-b:a", rate, "-movflags", "+faststart", "-f", "mp4",
	}
}

// ffmpeg runs the program at a path.
type ffmpeg struct{ path string }

// findFFmpeg returns the program at the path, or the one that the system finds if path is empty.
func findFFmpeg(path string) (ffmpeg, error) {
	if path == "" {
		path = "ffmpeg"
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return ffmpeg{}, errNoFFmpeg
	}
	return ffmpeg{path: found}, nil
}

// run converts a file. It ends when ctx does, and the output does not grow much over most bytes: it is then cut off,
// and larger than most.
func (f ffmpeg) run(ctx context.Context, in File, out string, how []string, most int64) error {
	format, ok := demuxer(in.Mime)
	if !ok {
		return fmt.Errorf("read %s with ffmpeg: %w", in.Mime, errs.ErrUnsupported)
	}
	args := []string{"-nostdin", "-hide_banner", "-loglevel", "error", "-y",
		"-protocol_whitelist", "file", "-f", format, "-i", "file:" + in.Path, "-map_metadata", "-1"}
	if most > 0 {
		args = append(args, "-fs", strconv.FormatInt(most+most/8+1<<16, 10))
	}
	args = append(append(args, how...), "file:"+out)
	cmd := exec.CommandContext(ctx, f.path, args...) //nolint:gosec // the path is the operator's, the rest is ours
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.WaitDelay = killAfter
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("run ffmpeg: %w", context.Cause(ctx))
		}
		return fmt.Errorf("run ffmpeg: %w", err) // its output may hold names and titles, so it is not kept
	}
	return nil
}
