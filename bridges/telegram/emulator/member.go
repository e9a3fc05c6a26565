package emulator

// What a member of a group may be.
const (
	statusCreator    = "creator"
	statusAdmin      = "administrator"
	statusMember     = "member"
	statusRestricted = "restricted"
	statusLeft       = "left"
	statusKicked     = "kicked"
)

// wireMember is a member as bots see it. The caller holds mu.
func (e *Emulator) wireMember(m *member) object {
	out := object{"status": m.Status, "user": e.wireUser(m.ID)}
	switch m.Status {
	case statusCreator:
		out["is_anonymous"] = m.Anonymous
		put(out, "custom_title", m.Title)
	case statusAdmin:
		for _, right := range []string{
			"can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_change_info",
			"can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories", "can_pin_messages", "can_manage_topics",
		} {
			out[right] = true
		}
		out["can_be_edited"], out["can_promote_members"], out["is_anonymous"] = false, false, m.Anonymous
		put(out, "custom_title", m.Title)
	case statusRestricted:
		for _, right := range []string{
			"can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
			"can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
			"can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users",
			"can_pin_messages", "can_manage_topics",
		} {
			out[right] = false
		}
		out["is_member"], out["until_date"] = true, 0
	case statusKicked:
		out["until_date"] = 0
	}
	return out
}

// setStatus changes what somebody is in a group and tells the bots: my_chat_member to a bot itself, chat_member to
// those that are administrators. The caller holds mu. ref: reference/telegram-bot.md §3
func (e *Emulator) setStatus(one *chat, by, id int64, status string) {
	m := one.member(id)
	if m == nil {
		m = &member{ID: id, Status: statusLeft, Since: e.clock.Now()}
		one.Members = append(one.Members, m)
	}
	before := *m
	m.Status = status
	if before.Status == status {
		return
	}
	body := object{
		"chat": e.wireChat(one), "from": e.wireUser(by), "date": e.clock.Now().Unix(),
		"old_chat_member": e.wireMember(&before), "new_chat_member": e.wireMember(m),
	}
	for _, b := range e.st.Bots {
		switch {
		case b.ID() == id:
			e.enqueue(b, one.Key, "my_chat_member", body)
		case one.admin(b.ID()):
			e.enqueue(b, one.Key, "chat_member", body)
		}
	}
	e.touch()
}

// setBlocked notes that a person blocked a bot, or let it in again. The caller holds mu.
func (e *Emulator) setBlocked(one *chat, blocked bool) {
	if one.Blocked == blocked {
		return
	}
	one.Blocked = blocked
	status := map[bool]string{true: statusKicked, false: statusMember}
	e.enqueue(e.st.bot(one.Bot), one.Key, "my_chat_member", object{
		"chat": e.wireChat(one), "from": e.wireUser(one.User), "date": e.clock.Now().Unix(),
		"old_chat_member": e.wireMember(&member{ID: one.Bot, Status: status[!blocked]}),
		"new_chat_member": e.wireMember(&member{ID: one.Bot, Status: status[blocked]}),
	})
}

func (c *call) leaveChat() (any, *refusal) {
	one, r := c.where("chat_id")
	if r != nil {
		return nil, r
	}
	if !one.isGroup() {
		return nil, bad("chat member status can't be changed in private chats")
	}
	c.e.leave(one, c.b.ID(), c.b.ID(), statusLeft)
	return true, nil
}

// leave takes somebody out of a group, with the line that everybody sees. The caller holds mu.
func (e *Emulator) leave(one *chat, by, id int64, status string) {
	if !one.has(id) {
		return
	}
	m := &message{From: by, Service: true, Content: object{"left_chat_member": e.wireUser(id)}}
	if one.Kind != kindChannel {
		e.add(one, m)
		e.tell(one, m, false)
	}
	e.setStatus(one, by, id, status)
}

func (c *call) setChatTitle() (any, *refusal) {
	one, r := c.where("chat_id")
	if r != nil {
		return nil, r
	}
	if !one.isGroup() {
		return nil, bad("can't change private chat title")
	}
	if !one.admin(c.b.ID()) {
		return nil, bad("not enough rights to change chat title")
	}
	c.e.retitle(one, c.b.ID(), c.text("title"))
	return true, nil
}

func (e *Emulator) retitle(one *chat, by int64, title string) {
	if one.Title == title {
		return
	}
	one.Title = title
	e.service(one, by, object{"new_chat_title": title})
}

// service writes a line that says what happened in a chat. The caller holds mu.
func (e *Emulator) service(one *chat, by int64, content object) *message {
	m := &message{From: by, Service: true, Content: content}
	if one.Kind == kindChannel {
		m.From, m.SenderChat = 0, one.ID
	}
	e.add(one, m)
	e.tell(one, m, false)
	return m
}
