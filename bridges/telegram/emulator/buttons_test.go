package emulator_test

import (
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

func buttons() *models.InlineKeyboardMarkup {
	return &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{
		{{Text: "Yes", CallbackData: "y"}, {Text: "Site", URL: "https://example.com"}},
	}}
}

func TestButtons(t *testing.T) {
	w := newWorld(t, nil).withAna()
	sent, err := w.bot.SendMessage(w.ctx, &bot.SendMessageParams{ChatID: w.ana, Text: "Sure?", ReplyMarkup: buttons()})
	w.ok(err)
	id := int64(sent.ID)

	query, err := w.chat.Press(id, "Yes")
	w.ok(err)
	q := w.update("callback_query")
	w.want(q["id"], query)
	w.want(q["data"], "y")
	w.want(at(q, "message", "reply_markup", "inline_keyboard", 0, 1, "url"), "https://example.com")
	_, err = w.bot.AnswerCallbackQuery(w.ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: query, Text: "Thanks"})
	w.ok(err)
	w.want(w.chat.View().Answers[0].Text, "Thanks")
	w.refused("answerCallbackQuery", object{"callback_query_id": query}, "Bad Request: query is too old")

	query, err = w.chat.PressGone(id, "y")
	w.ok(err)
	w.want(at(w.update("callback_query"), "message", "date"), 0)
	w.clock.Advance(time.Minute)
	w.refused("answerCallbackQuery", object{"callback_query_id": query}, "Bad Request: query is too old")
	if _, err = w.chat.Press(id, "Site"); err == nil {
		t.Error("a link was pressed like a button")
	}

	_, err = w.bot.EditMessageReplyMarkup(w.ctx, &bot.EditMessageReplyMarkupParams{ChatID: w.ana, MessageID: sent.ID})
	w.ok(err)
	m, _ := w.chat.View().Message(id)
	w.want(len(m.Buttons), 0)
	w.refused("editMessageReplyMarkup", object{"chat_id": w.ana, "message_id": id}, "Bad Request: message is not modified")
}

func TestBadButtons(t *testing.T) {
	w := newWorld(t, nil).withAna()
	for want, button := range map[string]object{
		"BUTTON_DATA_INVALID": {"text": "x", "callback_data": string(make([]byte, 65))},
		"can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard": {"text": "x"},
		"can't parse inline keyboard button: text is empty":                                     {"text": "", "callback_data": "x"},
	} {
		w.refused("sendMessage", object{
			"chat_id": w.ana, "text": "x", "reply_markup": object{"inline_keyboard": [][]object{{button}}},
		}, "Bad Request: "+want)
	}
}

func TestContactIsAskedFor(t *testing.T) {
	w := newWorld(t, nil).withAna()
	_, err := w.bot.SendMessage(w.ctx, &bot.SendMessageParams{ChatID: w.ana, Text: "Your number?", ReplyMarkup: &models.ReplyKeyboardMarkup{
		Keyboard:        [][]models.KeyboardButton{{{Text: "Share", RequestContact: true}}},
		OneTimeKeyboard: true,
	}})
	w.ok(err)
	w.want(w.chat.View().Keyboard != nil, true)
	w.id(w.chat.ShareContact())
	m := w.update("message")
	w.want(at(m, "contact", "user_id"), w.ana)
	w.want(at(m, "contact", "phone_number"), "16505551234")
	w.want(w.chat.View().Keyboard == nil, true)
}
