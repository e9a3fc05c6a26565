package emulator

// look finds a chat to ask about: one may ask about a person that one cannot write to.
func (c *call) look() (*chat, *refusal) {
	id := c.number("chat_id")
	if id > 0 && c.e.st.person(id) != nil && c.e.st.chat(privateKey(c.b.ID(), id)) != nil {
		return c.e.st.private(c.b, id), nil
	}
	one, r := c.where("chat_id")
	if r != nil && r.code == 403 && id < 0 {
		return c.e.st.chat(groupKey(id)), r
	}
	return one, r
}

// getChat tells all about a chat. ref: reference/telegram-bot.md §4
func (c *call) getChat() (any, *refusal) {
	if c.e.clientOf(c.b, c.number("chat_id")) {
		return forBot(c.b.ID(), c.e.personInfo(c.number("chat_id"))), nil
	}
	one, r := c.look()
	if r != nil {
		return nil, r
	}
	if !one.isGroup() {
		return forBot(c.b.ID(), c.e.personInfo(one.User)), nil
	}
	out := c.e.wireChat(one)
	c.e.commonInfo(out, one.Photo)
	put(out, "description", one.About)
	out["permissions"] = object{
		"can_send_messages": true, "can_send_audios": true, "can_send_documents": true, "can_send_photos": true,
		"can_send_videos": true, "can_send_video_notes": true, "can_send_voice_notes": true, "can_send_polls": true,
		"can_send_other_messages": true, "can_add_web_page_previews": true, "can_react_to_messages": true,
		"can_edit_tag": false, "can_change_info": true, "can_invite_users": true, "can_pin_messages": true, "can_manage_topics": true,
	}
	if n := len(one.Pinned); n > 0 {
		if m := one.message(one.Pinned[n-1]); m != nil {
			out["pinned_message"] = c.e.wireBare(c.b, one, m)
		}
	}
	if one.Timer > 0 {
		out["message_auto_delete_time"] = one.Timer
	}
	return forBot(c.b.ID(), out), nil
}

// clientOf tells whether somebody is a customer of a business account that the bot is connected to.
func (e *Emulator) clientOf(b *botState, user int64) bool {
	for _, conn := range e.st.Connections {
		if conn.Bot == b.ID() && conn.Enabled && e.st.chat(businessKey(conn.Owner, user)) != nil {
			return true
		}
	}
	return false
}

func (e *Emulator) personInfo(id int64) object {
	p := e.st.person(id)
	out := e.wireChat(&chat{User: id})
	e.commonInfo(out, p.Photo)
	put(out, "bio", p.Bio)
	if p.Username != "" {
		out["active_usernames"] = []any{p.Username}
	}
	return out
}

// commonInfo is what getChat tells of every chat.
func (e *Emulator) commonInfo(out object, photo *chatPhoto) {
	out["accent_color_id"], out["max_reaction_count"] = 3, 11
	out["accepted_gift_types"] = object{
		"unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true, "premium_subscription": true, "gifts_from_channels": true,
	}
	if photo != nil {
		out["photo"] = object{
			"small_file_id": photo.Small, "small_file_unique_id": uniqueID(photo.Small),
			"big_file_id": photo.Big, "big_file_unique_id": uniqueID(photo.Big),
		}
	}
}

// getUserProfilePhotos lists a person's pictures; here everybody has one or none.
func (c *call) getUserProfilePhotos() (any, *refusal) {
	p := c.e.st.person(c.number("user_id"))
	if p == nil {
		return nil, bad("user not found")
	}
	photos := []any{}
	if p.Photo != nil && c.number("offset") == 0 {
		var sizes []any
		for _, key := range []string{p.Photo.Small, p.Photo.Big} {
			sizes = append(sizes, photoSize(c.e.st.Files[key]))
		}
		photos = append(photos, sizes)
	}
	total := 0
	if p.Photo != nil {
		total = 1
	}
	return forBot(c.b.ID(), object{"total_count": total, "photos": photos}), nil
}

func (c *call) getChatMember() (any, *refusal) {
	one, r := c.look()
	if r != nil {
		return nil, r
	}
	id := c.number("user_id")
	if c.e.st.person(id) == nil && c.e.st.bot(id) == nil {
		return nil, bad("PARTICIPANT_ID_INVALID")
	}
	if !one.isGroup() {
		return c.e.wireMember(&member{ID: id, Status: statusMember}), nil
	}
	m := one.member(id)
	if m == nil {
		m = &member{ID: id, Status: statusLeft}
	}
	return c.e.wireMember(m), nil
}

func (c *call) getChatMemberCount() (any, *refusal) {
	one, r := c.look()
	if r != nil {
		return nil, r
	}
	if !one.isGroup() {
		return 2, nil
	}
	count := 0
	for _, m := range one.Members {
		if m.in() {
			count++
		}
	}
	return count, nil
}

func (c *call) getChatAdministrators() (any, *refusal) {
	one, r := c.look()
	if r != nil {
		return nil, r
	}
	if !one.isGroup() {
		return nil, bad("there are no administrators in the private chat")
	}
	out := []any{}
	for _, m := range one.Members {
		isBot := c.e.st.bot(m.ID) != nil
		if one.admin(m.ID) && (!isBot || c.yes("return_bots") || m.ID == c.b.ID()) {
			out = append(out, c.e.wireMember(m))
		}
	}
	return out, nil
}
