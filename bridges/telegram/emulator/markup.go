package emulator

// markup reads reply_markup and checks its buttons. ref: reference/telegram-bot.md §4
func (c *call) markup(to *chat) (object, *refusal) {
	m := c.object("reply_markup")
	if m == nil {
		return nil, nil
	}
	rows, _ := m["inline_keyboard"].([]any)
	for _, row := range rows {
		for _, v := range row.([]any) {
			if r := checkButton(v.(object), to); r != nil {
				return nil, r
			}
		}
	}
	if rows, _ = m["keyboard"].([]any); m["keyboard"] != nil {
		if len(rows) == 0 {
			return nil, bad("reply keyboard is empty")
		}
		if r := checkKeyboard(rows, to); r != nil {
			return nil, r
		}
	}
	return m, nil
}

// checkButton checks one inline button: a text, and exactly one thing that it does.
func checkButton(button object, to *chat) *refusal {
	actions := 0
	for _, name := range []string{
		"url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
		"switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay", "disabled",
	} {
		if button[name] != nil {
			actions++
		}
	}
	text, _ := button["text"].(string)
	data, hasData := button["callback_data"].(string)
	switch {
	case text == "":
		return bad("can't parse inline keyboard button: text is empty")
	case actions == 0:
		return bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
	case hasData && (data == "" || len(data) > 64):
		return bad("BUTTON_DATA_INVALID")
	case to.Kind == kindBusiness && (button["web_app"] != nil || button["switch_inline_query"] != nil ||
		button["switch_inline_query_current_chat"] != nil || button["switch_inline_query_chosen_chat"] != nil):
		return bad("BUTTON_TYPE_INVALID") // ref: reference/telegram-bot.md §5
	}
	return nil
}

// checkKeyboard checks a reply keyboard: only in private chats may it ask for what the person is.
func checkKeyboard(rows []any, to *chat) *refusal {
	for _, row := range rows {
		for _, v := range row.([]any) {
			button := v.(object)
			asks := button["request_contact"] == true || button["request_location"] == true
			if asks && to.Kind != kindPrivate {
				return bad("phone number can be requested in private chats only")
			}
		}
	}
	return nil
}

// show puts a reply keyboard on the phones of a chat, or takes it away.
func (c *chat) show(markup object) {
	switch {
	case markup["remove_keyboard"] == true:
		c.Keyboard = nil
	case markup["keyboard"] != nil:
		c.Keyboard = markup
	}
}

// button finds an inline button by its text or its callback data.
func (m *message) button(name string) object {
	rows, _ := m.Markup["inline_keyboard"].([]any)
	for _, row := range rows {
		cells, _ := row.([]any)
		for _, v := range cells {
			button, _ := v.(object)
			if button["text"] == name || button["callback_data"] == name {
				return button
			}
		}
	}
	return nil
}
