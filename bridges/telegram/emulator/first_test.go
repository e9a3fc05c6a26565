package emulator_test

import (
	"bytes"
	"testing"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"puente/bridges/telegram/emulator"
)

func TestTexts(t *testing.T) {
	w := newWorld(t, nil).withAna()
	id := w.id(w.chat.SendText("hello /help"))
	m := w.update("message")
	w.want(m["text"], "hello /help")
	w.want(m["message_id"], id)
	w.want(at(m, "entities", 0, "type"), "bot_command")

	sent, err := w.bot.SendMessage(w.ctx, &bot.SendMessageParams{
		ChatID: w.ana, Text: "hi", ReplyParameters: &models.ReplyParameters{MessageID: int(id)},
	})
	w.ok(err)
	w.want(sent.ReplyToMessage.ID, id)
	view, err := w.chat.Wait(w.ctx, func(v emulator.View) bool { last, ok := v.Last(); return ok && last.Text == "hi" })
	w.ok(err)
	last, _ := view.Last()
	w.want(last.ReplyTo, id)
	w.want(len(w.e.Calls("sendMessage")), 1)

	_, err = w.bot.EditMessageText(w.ctx, &bot.EditMessageTextParams{ChatID: w.ana, MessageID: sent.ID, Text: "hi there"})
	w.ok(err)
	last, _ = w.chat.View().Last()
	w.want(last.Text, "hi there")
	_, err = w.bot.DeleteMessage(w.ctx, &bot.DeleteMessageParams{ChatID: w.ana, MessageID: sent.ID})
	w.ok(err)
	gone, _ := w.chat.View().Message(int64(sent.ID))
	w.want(gone.Deleted, true)
}

func TestFiles(t *testing.T) {
	w := newWorld(t, nil).withAna()
	for _, kind := range []string{
		emulator.Photo, emulator.LivePhoto, emulator.Video, emulator.VideoNote, emulator.Animation, emulator.Voice,
		emulator.Audio, emulator.Document, emulator.Sticker,
	} {
		t.Run(kind, func(t *testing.T) {
			w.id(w.chat.SendFile(kind, emulator.File{}))
			m := w.update("message")
			v := m[kind]
			if list, ok := v.([]any); ok {
				v = list[len(list)-1]
			}
			data := w.download(at(v, "file_id"))
			w.want(len(data), at(v, "file_size"))
		})
	}
	sent, err := w.bot.SendDocument(w.ctx, &bot.SendDocumentParams{
		ChatID: w.ana, Caption: "a list", Document: &models.InputFileUpload{Filename: "list.txt", Data: bytes.NewReader([]byte("one\ntwo"))},
	})
	w.ok(err)
	w.want(sent.Document.MimeType, "text/plain")
	w.want(string(w.download(sent.Document.FileID)), "one\ntwo")
}
