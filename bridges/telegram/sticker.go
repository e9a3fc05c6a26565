package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-telegram/bot/models"
	"go.mau.fi/util/ffmpeg"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
	"puente/bridges/bridgekit/message"
	"puente/core/base/errs"
)

// sticker shows a sticker: a still one as it is, a film as an animated WebP, and what cannot be made one by its still
// preview. Matrix clients show neither WebM nor Lottie as stickers.
// ref: reference/telegram-bot.md §3, Message content
func (in *incoming) sticker(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, s *models.Sticker) (*bridgev2.ConvertedMessagePart, error) {
	file := attachment{fileID: s.FileID, size: int64(s.FileSize), Infile: message.Infile{
		Kind: media.Sticker, Mime: "image/webp", Width: s.Width, Height: s.Height,
	}}
	switch {
	case s.IsVideo:
		file.Mime = "video/webm"
		file.Convert = func(ctx context.Context, film media.File) (media.File, error) { return in.animated(ctx, film, s) }
	case s.IsAnimated && s.Thumbnail == nil:
		return message.Plain(event.MsgText, either(s.Emoji, "A sticker that cannot be shown here")), nil
	case s.IsAnimated:
		file.fileID, file.size, file.Mime = s.Thumbnail.FileID, int64(s.Thumbnail.FileSize), ""
	}
	part, err := in.file(ctx, portal, intent, file)
	if err == nil && part.Type == event.EventSticker {
		part.Content.Body = strings.TrimSpace("Sticker " + s.Emoji)
	}
	return part, err
}

// animated makes an animated WebP of a film, or fetches the preview if there is no ffmpeg or it fails.
func (in *incoming) animated(ctx context.Context, film media.File, s *models.Sticker) (media.File, error) {
	if ffmpeg.Supported() {
		made, err := animatedWebP(ctx, film)
		if err == nil {
			return made, nil
		}
		in.client.connector.log.Debug().Err(err).Msg("A sticker's film could not be converted; its preview is shown")
	}
	if s.Thumbnail == nil {
		return media.File{}, fmt.Errorf("preview of a sticker: %w", errs.ErrNotFound)
	}
	return in.preview(ctx, film, s.Thumbnail)
}

// animatedWebP converts a WebM film, with what is transparent in it.
func animatedWebP(ctx context.Context, film media.File) (media.File, error) {
	path, err := ffmpeg.ConvertPath(ctx, film.Path, ".webp",
		[]string{"-protocol_whitelist", "file", "-f", "matroska", "-c:v", "libvpx-vp9"},
		[]string{"-an", "-map_metadata", "-1", "-c:v", "libwebp_anim", "-loop", "0", "-quality", "70", "-vf", "fps=25,format=yuva420p"}, false)
	if err != nil {
		return media.File{}, errors.New("ffmpeg failed") // its own words may hold paths
	}
	made, err := media.Inspect(media.File{Path: path, Name: "sticker.webp", Mime: "image/webp", Kind: media.Sticker})
	if err != nil || made.Mime != "image/webp" {
		_ = os.Remove(path)
		return media.File{}, errors.New("ffmpeg made no WebP")
	}
	return made, nil
}

// preview fetches a sticker's still picture.
func (in *incoming) preview(ctx context.Context, film media.File, size *models.PhotoSize) (media.File, error) {
	body, _, err := in.client.opener(size.FileID, int64(size.FileSize))(ctx)
	if err != nil {
		return media.File{}, err
	}
	defer func() { _ = body.Close() }()
	out, err := os.CreateTemp("", "puente-sticker-*")
	if err != nil {
		return media.File{}, fmt.Errorf("keep the preview of a sticker: %w", err)
	}
	_, err = io.Copy(out, body)
	if err = errors.Join(err, out.Close()); err == nil {
		var made media.File
		if made, err = media.Inspect(media.File{Path: out.Name(), Name: film.Name, Kind: media.Sticker}); err == nil {
			return made, nil
		}
	}
	return media.File{}, errors.Join(fmt.Errorf("keep the preview of a sticker: %w", err), os.Remove(out.Name()))
}
