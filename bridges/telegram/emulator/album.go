package emulator

// sendMediaGroup sends an album: messages that share a media_group_id. ref: reference/telegram-bot.md §4
func (c *call) sendMediaGroup() (any, *refusal) {
	items := c.list("media")
	if len(items) < 2 || len(items) > 10 {
		return nil, bad("there must be 2-10 items in an album")
	}
	group := decimal(13_000_000_000_000_000 + c.e.st.next())
	var contents []object
	family := ""
	for _, v := range items {
		item := v.(object)
		kind, _ := item["type"].(string)
		if f := familyOf(kind); f == "" || family != "" && f != family {
			return nil, bad("can't use the media of the specified type in the album")
		} else {
			family = f
		}
		content, r := c.media(kind, item, "media")
		if r == nil {
			r = caption(item, content)
		}
		if r != nil {
			return nil, r
		}
		content["media_group_id"] = group
		contents = append(contents, content)
	}
	to, r := c.target()
	if r != nil {
		return nil, r
	}
	out := []any{}
	for _, content := range contents {
		out = append(out, c.e.wireMessage(c.b, to.chat, c.post(to, content)))
	}
	return out, nil
}

// familyOf tells which kinds may stand together in an album.
func familyOf(kind string) string {
	switch kind {
	case "photo", "video", "live_photo":
		return "pictures"
	case "audio", "document":
		return kind
	}
	return ""
}
