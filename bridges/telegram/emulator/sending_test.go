package emulator_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"puente/bridges/telegram/emulator"
	"puente/core/testkit/sample"
)

func upload(name string, data []byte) *models.InputFileUpload {
	return &models.InputFileUpload{Filename: name, Data: bytes.NewReader(data)}
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

// TestWhatBotsSend sends every kind of message through the client library, whose requests are all multipart. The
// transport holds each answer against the description.
func TestWhatBotsSend(t *testing.T) {
	w := newWorld(t, nil).withAna()
	ctx, b, film := w.ctx, w.bot, sample.FilmMP4()
	for kind, send := range map[string]func() (*models.Message, error){
		"text": func() (*models.Message, error) {
			return b.SendMessage(ctx, &bot.SendMessageParams{ChatID: w.ana, Text: "x", LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: bot.True()}})
		},
		"photo": func() (*models.Message, error) {
			return b.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: w.ana, Photo: upload("a.png", must(sample.PhotoPNG())), HasSpoiler: true})
		},
		"video": func() (*models.Message, error) {
			return b.SendVideo(ctx, &bot.SendVideoParams{ChatID: w.ana, Video: upload("a.mp4", film), SupportsStreaming: true})
		},
		"animation": func() (*models.Message, error) {
			return b.SendAnimation(ctx, &bot.SendAnimationParams{ChatID: w.ana, Animation: upload("a.mp4", film), Duration: 3})
		},
		"audio": func() (*models.Message, error) {
			return b.SendAudio(ctx, &bot.SendAudioParams{ChatID: w.ana, Audio: upload("a.mp3", sample.SongMP3()), Title: "Song", Performer: "Ana"})
		},
		"live_photo": func() (*models.Message, error) {
			return b.SendLivePhoto(ctx, &bot.SendLivePhotoParams{
				ChatID: w.ana, LivePhoto: upload("a.mp4", film), Photo: upload("a.jpg", must(sample.PhotoJPEG())),
			})
		},
		"voice": func() (*models.Message, error) {
			return b.SendVoice(ctx, &bot.SendVoiceParams{ChatID: w.ana, Voice: upload("a.ogg", sample.VoiceOpus())})
		},
		"document": func() (*models.Message, error) {
			return b.SendDocument(ctx, &bot.SendDocumentParams{ChatID: w.ana, Document: upload("a.pdf", sample.PagePDF("x"))})
		},
		"sticker": func() (*models.Message, error) {
			return b.SendSticker(ctx, &bot.SendStickerParams{ChatID: w.ana, Sticker: upload("a.webp", must(sample.StillSticker())), Emoji: "🙂"})
		},
		"location": func() (*models.Message, error) {
			return b.SendLocation(ctx, &bot.SendLocationParams{ChatID: w.ana, Latitude: 1, Longitude: 2, LivePeriod: 600})
		},
		"venue": func() (*models.Message, error) {
			return b.SendVenue(ctx, &bot.SendVenueParams{ChatID: w.ana, Latitude: 1, Longitude: 2, Title: "Shop", Address: "Street"})
		},
		"contact": func() (*models.Message, error) {
			return b.SendContact(ctx, &bot.SendContactParams{ChatID: w.ana, PhoneNumber: "+1", FirstName: "Cy"})
		},
		"poll": func() (*models.Message, error) {
			return b.SendPoll(ctx, &bot.SendPollParams{ChatID: w.ana, Question: "?", Options: []models.InputPollOption{{Text: "a"}, {Text: "b"}}})
		},
		"dice": func() (*models.Message, error) {
			return b.SendDice(ctx, &bot.SendDiceParams{ChatID: w.ana, Emoji: "🎲"})
		},
	} {
		t.Run(kind, func(t *testing.T) {
			w.t = t
			sent, err := send()
			w.ok(err)
			m, ok := w.chat.View().Message(int64(sent.ID))
			w.want(ok, true)
			w.want(m.Kind, kind)
			w.want(m.Request["chat_id"], w.ana)
		})
	}
	w.want(len(w.e.UnknownFields()), 0)
}

func TestVideoNoteIsSquare(t *testing.T) {
	w := newWorld(t, nil).withAna()
	_, err := w.bot.SendVideoNote(w.ctx, &bot.SendVideoNoteParams{ChatID: w.ana, VideoNote: upload("a.mp4", w.sample(emulator.Video))})
	w.want(err != nil, true)
	sent, err := w.bot.SendVideoNote(w.ctx, &bot.SendVideoNoteParams{ChatID: w.ana, VideoNote: upload("a.mp4", w.sample(emulator.VideoNote))})
	w.ok(err)
	w.want(sent.VideoNote.Length, 240)
}

// sample returns the emulator's own file of a kind.
func (w *world) sample(kind string) []byte {
	w.t.Helper()
	kept, err := w.e.Keep(kind, emulator.File{})
	w.ok(err)
	f, err := w.e.OpenFile(at(kept, kind, "file_id").(string))
	w.ok(err)
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(f)
	w.ok(err)
	return data
}

func TestAlbumOfABot(t *testing.T) {
	w := newWorld(t, nil).withAna()
	picture := must(sample.PhotoJPEG())
	sent, err := w.bot.SendMediaGroup(w.ctx, &bot.SendMediaGroupParams{ChatID: w.ana, Media: []models.InputMedia{
		&models.InputMediaPhoto{Media: "attach://one", MediaAttachment: bytes.NewReader(picture), Caption: "first"},
		&models.InputMediaVideo{Media: "attach://two", MediaAttachment: bytes.NewReader(sample.FilmMP4())},
	}})
	w.ok(err)
	w.want(len(sent), 2)
	w.want(sent[0].Caption, "first")
	w.want(sent[0].MediaGroupID, sent[1].MediaGroupID)
	_, err = w.bot.SendMediaGroup(w.ctx, &bot.SendMediaGroupParams{ChatID: w.ana, Media: []models.InputMedia{
		&models.InputMediaPhoto{Media: "attach://one", MediaAttachment: bytes.NewReader(picture)},
		&models.InputMediaDocument{Media: "attach://two", MediaAttachment: bytes.NewReader(picture)},
	}})
	if err == nil || !strings.Contains(err.Error(), "can't use the media of the specified type in the album") {
		t.Errorf("got %v", err)
	}
}

func TestFileIsSentAgainByItsID(t *testing.T) {
	w := newWorld(t, nil).withAna()
	sent, err := w.bot.SendPhoto(w.ctx, &bot.SendPhotoParams{ChatID: w.ana, Photo: upload("a.jpg", must(sample.PhotoJPEG()))})
	w.ok(err)
	id := sent.Photo[len(sent.Photo)-1].FileID
	again, err := w.bot.SendPhoto(w.ctx, &bot.SendPhotoParams{ChatID: w.ana, Photo: &models.InputFileString{Data: id}})
	w.ok(err)
	w.want(again.Photo[0].FileUniqueID, sent.Photo[0].FileUniqueID)
	out := w.callAs(otherToken, "getFile", object{"file_id": id})
	w.want(out["ok"], false) // another bot's file_id
}

func TestLimits(t *testing.T) {
	w := newWorld(t, nil).withAna()
	text := func(n int) object { return object{"chat_id": w.ana, "text": strings.Repeat("я", n)} }
	w.result("sendMessage", text(4096))
	w.refused("sendMessage", text(4097), "Bad Request: message is too long")
	sent := w.result("sendDocument", object{"chat_id": w.ana, "document": w.fileID("a.txt", []byte("x"))})
	edit := func(n int) object {
		return object{"chat_id": w.ana, "message_id": at(sent, "message_id"), "caption": strings.Repeat("я", n)}
	}
	w.result("editMessageCaption", edit(1024))
	w.refused("editMessageCaption", edit(1025), "Bad Request: message caption is too long")

	_, err := w.bot.SendPhoto(w.ctx, &bot.SendPhotoParams{ChatID: w.ana, Photo: upload("a.jpg", make([]byte, 10<<20+1))})
	if err == nil || !strings.Contains(err.Error(), "file is too big") {
		t.Errorf("a photo of more than 10 MB: %v", err)
	}
	_, err = w.bot.SendPhoto(w.ctx, &bot.SendPhotoParams{ChatID: w.ana, Photo: upload("a.jpg", []byte("no picture"))})
	if err == nil || !strings.Contains(err.Error(), "IMAGE_PROCESS_FAILED") {
		t.Errorf("a photo that is none: %v", err)
	}
}

// fileID uploads a document and returns its file_id.
func (w *world) fileID(name string, data []byte) string {
	w.t.Helper()
	sent, err := w.bot.SendDocument(w.ctx, &bot.SendDocumentParams{ChatID: w.ana, Document: upload(name, data)})
	w.ok(err)
	return sent.Document.FileID
}

func TestLargeFiles(t *testing.T) {
	big := make([]byte, 20<<20+1)
	t.Run("CloudServer", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.id(w.chat.SendDocument(emulator.File{Data: big, Name: "big.bin"}))
		w.refused("getFile", object{"file_id": at(w.update("message"), "document", "file_id")}, "Bad Request: file is too big")
		_, err := w.bot.SendDocument(w.ctx, &bot.SendDocumentParams{ChatID: w.ana, Document: upload("x", make([]byte, 50<<20+1))})
		if err == nil || !strings.Contains(err.Error(), "413 Request Entity Too Large") {
			t.Errorf("an upload of more than 50 MB: %v", err)
		}
	})
	t.Run("LocalServer", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.Local = true }).withAna()
		w.id(w.chat.SendDocument(emulator.File{Data: big, Name: "big.bin"}))
		path := at(w.result("getFile", object{"file_id": at(w.update("message"), "document", "file_id")}), "file_path").(string)
		w.want(strings.HasPrefix(path, "/"), true)
		w.fileID("x", make([]byte, 50<<20+1))
	})
}

func TestFilePathEnds(t *testing.T) {
	w := newWorld(t, nil).withAna()
	id := w.fileID("a.txt", []byte("x"))
	path := at(w.result("getFile", object{"file_id": id}), "file_path").(string)
	w.clock.Advance(time.Hour + time.Second)
	r, err := w.http.Get(w.base + "/file/bot" + token + "/" + path)
	w.ok(err)
	defer r.Body.Close()
	w.want(r.StatusCode, 404)
	w.want(string(w.download(id)), "x")
}
