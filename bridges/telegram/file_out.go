package telegram

import (
	"context"
	"fmt"
	"os"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
	"puente/bridges/bridgekit/message"
	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
)

// The sizes that Telegram takes from bots, in bytes. ref: reference/telegram-bot.md §4
const (
	maxPhoto         = 10 << 20
	maxUpload        = 50 << 20
	maxUploadToLocal = 2000 << 20
	maxStillSticker  = 512 << 10
	maxFilmSticker   = 256 << 10
	stickerSide      = 512
)

// A photo's sides may have 10,000 pixels together, and one may be twenty times the other.
const (
	maxPhotoSides = 10_000
	maxPhotoRatio = 20
)

// limitsOf are the forms of a file that Telegram takes of bots, with the size that its server takes.
func limitsOf(local bool) media.Limits {
	most := uploadLimit(local)
	return media.Limits{
		media.Image: {
			{Mime: "image/jpeg", MaxBytes: maxPhoto}, {Mime: "image/png", MaxBytes: maxPhoto}, {Mime: "image/gif", MaxBytes: most, Animated: true},
		},
		media.Video: {{Mime: "video/mp4", MaxBytes: most, Codecs: []string{"h264"}}, {Mime: "video/mp4", MaxBytes: most, Codecs: []string{"h265", "hevc"}}},
		media.Voice: {{Mime: "audio/ogg", MaxBytes: most, Codecs: []string{"opus"}}, {Mime: "audio/mpeg", MaxBytes: most}, {Mime: "audio/mp4", MaxBytes: most}},
		media.Audio: {{Mime: "audio/mpeg", MaxBytes: most}, {Mime: "audio/mp4", MaxBytes: most}},
		media.Sticker: {
			{Mime: "image/webp", MaxBytes: maxStillSticker, Side: stickerSide}, {Mime: "video/webm", MaxBytes: maxFilmSticker},
		},
		media.Document: {{Mime: media.AnyMime, MaxBytes: most}},
	}
}

func uploadLimit(local bool) int64 {
	if local {
		return maxUploadToLocal
	}
	return maxUpload
}

// sendFile brings an agent's file into a form that Telegram takes, and sends it from disk as a stream.
func (cl *Client) sendFile(ctx context.Context, msg *bridgev2.MatrixMessage, meta *MessageMeta) (sent networkid.MessageID, err error) {
	caption, entities, err := cl.captionOf(ctx, msg.Content)
	if err != nil {
		return "", err
	}
	limits := limitsOf(cl.connector.config.LocalServer)
	err = message.Outfile(ctx, cl.connector.bridge.Bot, msg.Content, limits, func(file media.File) error {
		out := upload{file: photoOrDocument(file), caption: caption, entities: entities, info: msg.Content.Info}
		meta.Words, meta.Caption, meta.Wordless = words(caption), true, out.file.Kind == media.Sticker
		sent, err = cl.deliver(ctx, msg.Event.ID, msg.Portal, msg.ReplyTo, func(address) (post, error) { return out.post, nil })
		return err
	})
	return sent, err
}

// captionOf is what stands under a file, if anything does. Stickers have none.
func (cl *Client) captionOf(ctx context.Context, content *event.MessageEventContent) (string, []models.MessageEntity, error) {
	body, html := message.Caption(content)
	if (body == "" && html == "") || content.MsgType == event.CapMsgSticker {
		return "", nil, nil
	}
	text, entities := cl.fromMatrix(ctx, body, html)
	return text, entities, tooLong("caption", text, maxCaption)
}

// photoOrDocument makes a document of a picture whose shape Telegram does not take as a photo.
func photoOrDocument(file media.File) media.File {
	if file.Kind != media.Image || file.Width == 0 || file.Height == 0 {
		return file
	}
	long, short := max(file.Width, file.Height), min(file.Width, file.Height)
	if file.Width+file.Height > maxPhotoSides || long > short*maxPhotoRatio {
		file.Kind = media.Document
	}
	return file
}

// upload is a file on its way to Telegram.
type upload struct {
	file     media.File
	caption  string
	entities []models.MessageEntity
	info     *event.FileInfo // as the agent's client described it; may be nil
}

// post sends the file.
func (u upload) post(ctx context.Context, api *botapi.Client, to address) (*models.Message, error) {
	opened, err := os.Open(u.file.Path)
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("open the converted file: %w", err), 0)
	}
	defer func() { _ = opened.Close() }()
	return u.as(ctx, api, to, &models.InputFileUpload{Filename: u.file.Name, Data: opened})
}

// as sends the file by the method of its kind.
func (u upload) as(ctx context.Context, api *botapi.Client, to address, file models.InputFile) (*models.Message, error) {
	width, height, duration := u.shape()
	switch kind := u.file.Kind; {
	case kind == media.Image && u.file.Mime == "image/gif", kind == media.Video && u.info != nil && u.info.MauGIF:
		return api.SendAnimation(ctx, &bot.SendAnimationParams{
			BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread, Animation: file,
			Width: width, Height: height, Duration: duration, Caption: u.caption, CaptionEntities: u.entities, ReplyParameters: to.reply,
		})
	case kind == media.Image:
		return api.SendPhoto(ctx, &bot.SendPhotoParams{
			BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread, Photo: file,
			Caption: u.caption, CaptionEntities: u.entities, ReplyParameters: to.reply,
		})
	case kind == media.Video:
		return api.SendVideo(ctx, &bot.SendVideoParams{
			BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread, Video: file, SupportsStreaming: true,
			Width: width, Height: height, Duration: duration, Caption: u.caption, CaptionEntities: u.entities, ReplyParameters: to.reply,
		})
	case kind == media.Voice:
		return api.SendVoice(ctx, &bot.SendVoiceParams{
			BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread, Voice: file,
			Duration: duration, Caption: u.caption, CaptionEntities: u.entities, ReplyParameters: to.reply,
		})
	case kind == media.Audio:
		return api.SendAudio(ctx, &bot.SendAudioParams{
			BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread, Audio: file,
			Duration: duration, Caption: u.caption, CaptionEntities: u.entities, ReplyParameters: to.reply,
		})
	case kind == media.Sticker:
		return api.SendSticker(ctx, &bot.SendStickerParams{
			BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread, Sticker: file, ReplyParameters: to.reply,
		})
	}
	return api.SendDocument(ctx, &bot.SendDocumentParams{
		BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread, Document: file,
		DisableContentTypeDetection: true, Caption: u.caption, CaptionEntities: u.entities, ReplyParameters: to.reply,
	})
}

// shape is what the file's own headers say, or else the agent's client.
func (u upload) shape() (width, height, duration int) {
	width, height, duration = u.file.Width, u.file.Height, int(u.file.Duration.Seconds())
	if u.info == nil {
		return width, height, duration
	}
	if width == 0 || height == 0 {
		width, height = u.info.Width, u.info.Height
	}
	if duration == 0 {
		duration = u.info.Duration / 1000
	}
	return width, height, duration
}
