package emulator

// mediaFacts is what a bot or a customer says of a file that they send, which goes before what the file itself says.
type mediaFacts struct {
	fields    object // width, height, duration, title, performer, emoji, length
	thumbnail *file
}

// whole returns a number that the sender gave, or else the one that the file tells.
func (m mediaFacts) whole(name string, own int) int64 {
	if n := integer(m.fields[name]); n > 0 {
		return n
	}
	return int64(own)
}

// base is what all kinds of file tell.
func base(f *file) object {
	return object{"file_id": f.Key, "file_unique_id": uniqueID(f.Key), "file_size": f.Size}
}

// named is a file with its name and type.
func named(f *file) object {
	out := base(f)
	put(out, "file_name", f.Name)
	put(out, "mime_type", f.Mime)
	return out
}

func photoSize(f *file) object {
	out := base(f)
	out["width"], out["height"] = f.Width, f.Height
	return out
}

func sizeList(sizes []*file) []any {
	var out []any
	for _, f := range sizes {
		out = append(out, photoSize(f))
	}
	return out
}

// photoContent is a message with a photo. ref: reference/telegram-bot.md §4
func photoContent(in *fileField) (object, *refusal) {
	f := in.file
	switch {
	case f.Size > maxPhoto:
		return nil, bad("file is too big for a photo: at most 10485760 bytes")
	case f.Width+f.Height > 10_000, f.Width > 20*f.Height, f.Height > 20*f.Width:
		return nil, bad("PHOTO_INVALID_DIMENSIONS")
	case len(in.sizes) == 0:
		return nil, bad("IMAGE_PROCESS_FAILED")
	}
	return object{"photo": sizeList(in.sizes)}, nil
}

// livePhotoContent is a photo with a short film. It fills photo too. ref: reference/telegram-bot.md §3
func livePhotoContent(film *file, still *fileField) (object, *refusal) {
	content, r := photoContent(still)
	if r != nil {
		return nil, r
	}
	if film.Format != "mp4" {
		return nil, bad("VIDEO_CONTENT_TYPE_INVALID")
	}
	film.Folder = "live_photos"
	live := base(film)
	live["photo"] = content["photo"]
	live["width"], live["height"], live["duration"], live["mime_type"] = film.Width, film.Height, film.Duration, film.Mime
	content["live_photo"] = live
	return content, nil
}

// fileContent is a message with any other kind of file. What is not of the kind's format becomes a document.
func fileContent(kind string, f *file, facts mediaFacts) (object, *refusal) {
	switch {
	case kind == "sticker":
		return stickerContent(f, facts)
	case kind == "video_note":
		return videoNoteContent(f, facts)
	case kind == "video" && f.Format == "mp4":
		return object{"video": f.film("videos", facts)}, nil
	case kind == "animation" && (f.Format == "mp4" || f.Format == "gif"):
		content := object{"animation": f.film("animations", facts)}
		content["document"] = f.document(facts) // ref: reference/telegram-bot.md §3, animation
		return content, nil
	case kind == "voice" && f.isSound():
		f.Folder = "voice"
		out := base(f)
		out["duration"], out["mime_type"] = facts.whole("duration", f.Duration), f.Mime
		return object{"voice": out}, nil
	case kind == "audio" && f.isSound():
		return object{"audio": f.audio(facts)}, nil
	}
	return object{"document": f.document(facts)}, nil
}

func (f *file) isSound() bool { return f.Format == "ogg" || f.Format == "mp3" || f.Format == "mp4" }

func (f *file) film(folder string, facts mediaFacts) object {
	f.Folder = folder
	out := named(f)
	out["width"], out["height"] = facts.whole("width", f.Width), facts.whole("height", f.Height)
	out["duration"] = facts.whole("duration", f.Duration)
	return facts.withThumbnail(out)
}

func (f *file) document(facts mediaFacts) object {
	if f.Folder == "" {
		f.Folder = "documents"
	}
	return facts.withThumbnail(named(f))
}

func (f *file) audio(facts mediaFacts) object {
	f.Folder = "music"
	out := named(f)
	out["duration"] = facts.whole("duration", f.Duration)
	for _, name := range []string{"performer", "title"} {
		text, _ := facts.fields[name].(string)
		put(out, name, text)
	}
	return facts.withThumbnail(out)
}

func (m mediaFacts) withThumbnail(out object) object {
	if m.thumbnail != nil {
		out["thumbnail"] = photoSize(m.thumbnail)
	}
	return out
}

// videoNoteContent is a round video: square, at most a minute. ref: reference/telegram-bot.md §4
func videoNoteContent(f *file, facts mediaFacts) (object, *refusal) {
	switch {
	case f.Format != "mp4":
		return nil, bad("VIDEO_CONTENT_TYPE_INVALID")
	case f.Width != f.Height || f.Duration > 60:
		return nil, bad("VIDEO_NOTE_INVALID")
	}
	f.Folder = "video_notes"
	out := base(f)
	out["length"], out["duration"] = facts.whole("length", f.Width), facts.whole("duration", f.Duration)
	return object{"video_note": facts.withThumbnail(out)}, nil
}

// stickerContent is a sticker: a picture, a Lottie animation or a short film. ref: reference/telegram-bot.md §3
func stickerContent(f *file, facts mediaFacts) (object, *refusal) {
	switch f.Format {
	case "webp", "tgs", "webm":
	default:
		return nil, bad("wrong sticker file: WEBP, TGS or WEBM is needed")
	}
	if f.Format == "webp" && f.Size > maxSticker {
		return nil, bad("file is too big for a sticker: at most 524288 bytes")
	}
	f.Folder = "stickers"
	out := base(f)
	out["type"], out["width"], out["height"] = "regular", f.Width, f.Height
	out["is_animated"], out["is_video"] = f.Format == "tgs", f.Format == "webm"
	for _, name := range []string{"emoji", "set_name"} {
		text, _ := facts.fields[name].(string)
		put(out, name, text)
	}
	return object{"sticker": facts.withThumbnail(out)}, nil
}
