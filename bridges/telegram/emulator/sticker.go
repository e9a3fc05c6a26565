package emulator

import "bytes"

// customEmojiID is the base of the IDs of the sample custom emoji: it and the two after it.
const customEmojiID = 5_368_324_170_671_202_286

// sampleStickers stores the sample stickers once and returns their content. The caller holds mu, and it is given up
// while files are stored.
func (c *call) sampleStickers() []object {
	e := c.e
	if len(e.samples) > 0 {
		return e.samples
	}
	e.mu.Unlock()
	var made []object
	for _, form := range []string{"static", "animated", "video"} {
		f, err := sampleSticker(form)
		if err != nil {
			continue
		}
		if content, err := e.fileMessage(Sticker, f); err == nil {
			made = append(made, content["sticker"].(object))
		}
	}
	e.mu.Lock()
	if len(e.samples) == 0 {
		e.samples = made
	}
	return e.samples
}

// getStickerSet knows one set, that of the samples.
func (c *call) getStickerSet() (any, *refusal) {
	if c.text("name") != sampleSet {
		return nil, bad("STICKERSET_INVALID")
	}
	var list []any
	for _, s := range c.sampleStickers() {
		list = append(list, s)
	}
	return forBot(c.b.ID(), object{
		"name": sampleSet, "title": "Samples of Puente", "sticker_type": "regular", "stickers": list,
	}), nil
}

// CustomEmojiIDs lists the IDs of the three custom emoji that there are: static, animated, video.
func (e *Emulator) CustomEmojiIDs() []string {
	return []string{decimal(customEmojiID), decimal(customEmojiID + 1), decimal(customEmojiID + 2)}
}

// getCustomEmojiStickers answers with the samples; unknown IDs are left out.
func (c *call) getCustomEmojiStickers() (any, *refusal) {
	list := c.list("custom_emoji_ids")
	if len(list) > 200 {
		return nil, bad("too many custom emoji identifiers specified")
	}
	out := []any{}
	for _, v := range list {
		for i, id := range c.e.CustomEmojiIDs() {
			if v == id {
				out = append(out, asEmoji(c.sampleStickers()[i], id))
			}
		}
	}
	return forBot(c.b.ID(), out), nil
}

func asEmoji(sticker object, id string) object {
	out := copyObject(sticker)
	out["type"], out["custom_emoji_id"], out["needs_repainting"] = "custom_emoji", id, false
	return out
}

// getForumTopicIconStickers answers with the same, as icons of topics.
func (c *call) getForumTopicIconStickers() (any, *refusal) {
	out := []any{}
	for i, s := range c.sampleStickers() {
		out = append(out, asEmoji(s, c.e.CustomEmojiIDs()[i]))
	}
	return forBot(c.b.ID(), out), nil
}

// makeChatPhoto stores a picture in the two sizes of a chat's photo.
func (e *Emulator) makeChatPhoto(picture []byte) (*chatPhoto, error) {
	if len(picture) == 0 {
		return nil, nil
	}
	f, err := e.storeFile(bytes.NewReader(picture), maxPhoto)
	if err != nil {
		return nil, err
	}
	defer e.forget(f)
	decoded, err := e.decode(f)
	if err != nil {
		return nil, err
	}
	var sizes []*file
	for _, side := range []int{160, 640} {
		size, err := e.scaled(decoded, side, 85)
		if err != nil {
			return nil, err
		}
		size.Folder = "profile_photos"
		sizes = append(sizes, size)
	}
	e.keepFiles(sizes...)
	return &chatPhoto{Small: sizes[0].Key, Big: sizes[1].Key}, nil
}
