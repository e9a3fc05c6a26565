package emulator

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"puente/core/base/errs"
)

func (p *pageServer) addCustomer(w http.ResponseWriter, r *http.Request) {
	added, err := p.e.AddCustomer(Customer{
		Name: strings.TrimSpace(r.FormValue("name")), WaID: r.FormValue("phone"),
		Username: strings.TrimPrefix(strings.TrimSpace(r.FormValue("username")), "@"), HidesNumber: r.FormValue("hides") != "",
	})
	if err != nil {
		http.Error(w, "A customer needs a name and a phone number that nobody else has.", http.StatusUnprocessableEntity)
		return
	}
	http.Redirect(w, r, "/phone/"+added.UserID, http.StatusSeeOther)
}

// act does what a form of the page asks for and shows the page again.
func (p *pageServer) act(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload+mib)
	chat, err := p.e.Chat(r.PathValue("user"), r.FormValue("number"))
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	if err != nil {
		http.Error(w, "There is no such customer or business number.", http.StatusNotFound)
		return
	}
	query := url.Values{"number": {chat.number.PhoneNumberID}}
	if err = p.do(chat, r.PathValue("action"), r); err != nil {
		query.Set("problem", "That did not work: "+err.Error())
	}
	http.Redirect(w, r, "/phone/"+r.PathValue("user")+"?"+query.Encode(), http.StatusSeeOther)
}

func (p *pageServer) do(chat *Chat, action string, r *http.Request) (err error) {
	id := r.FormValue("message")
	switch action {
	case "text":
		return sendText(chat, r)
	case "file":
		return sendUpload(chat, r, false)
	case "voice":
		return sendUpload(chat, r, true)
	case "location":
		return sendPlace(chat, r)
	case "react":
		if emoji := r.FormValue("emoji"); emoji != "" {
			_, err = chat.React(id, emoji)
		} else {
			_, err = chat.Unreact(id, true)
		}
	case "delete":
		_, err = chat.Delete(id)
	case "press":
		_, err = chat.Press(id, r.FormValue("choice"))
	case "read":
		err = chat.MarkRead("")
	case "played":
		err = chat.MarkPlayed(id)
	case "receipts":
		err = chat.SetReadReceipts(r.FormValue("on") != "")
	case "online":
		err = chat.SetOnline(r.FormValue("on") != "")
	case "marketing":
		err = chat.SetMarketing(r.FormValue("on") != "")
	case "call":
		_, err = chat.Call()
	case "unsupported":
		_, err = chat.SendUnsupported("poll")
	default:
		err = fmt.Errorf("unknown action: %w", errs.ErrInvalid)
	}
	return err
}

func replyOption(r *http.Request) []SendOption {
	if id := r.FormValue("reply"); id != "" {
		return []SendOption{ReplyTo(id)}
	}
	return nil
}

func sendText(chat *Chat, r *http.Request) error {
	text := strings.ReplaceAll(strings.TrimSpace(r.FormValue("text")), "\r\n", "\n")
	if text == "" {
		return fmt.Errorf("the text is empty: %w", errs.ErrInvalid)
	}
	var err error
	if id := r.FormValue("edit"); id != "" {
		_, err = chat.Edit(id, text)
	} else {
		_, err = chat.SendText(text, replyOption(r)...)
	}
	return err
}

// sendUpload sends an uploaded file as the kind that fits its type; a voice message without a file is a sample.
func sendUpload(chat *Chat, r *http.Request, voice bool) error {
	file, header, err := r.FormFile("file")
	switch {
	case err == nil:
		defer func() { _ = file.Close() }()
	case !voice:
		return fmt.Errorf("choose a file first: %w", errs.ErrInvalid)
	}
	f := File{Mime: "audio/ogg; codecs=opus", Caption: strings.TrimSpace(r.FormValue("caption"))}
	if err == nil && header.Size > 0 {
		if f, err = readUpload(file, header, f.Caption); err != nil {
			return err
		}
	} else if f.Data, err = web.ReadFile("web/voice.ogg"); err != nil {
		return fmt.Errorf("read the sample: %w", err)
	}
	opts := replyOption(r)
	family, _, _ := strings.Cut(f.Mime, "/")
	switch {
	case voice:
		_, err = chat.SendVoice(f, opts...)
	case f.Mime == "image/webp":
		_, err = chat.SendSticker(f, opts...)
	case family == "image":
		_, err = chat.SendImage(f, opts...)
	case family == "video":
		_, err = chat.SendVideo(f, opts...)
	case family == "audio":
		_, err = chat.SendAudio(f, opts...)
	default:
		_, err = chat.SendDocument(f, opts...)
	}
	return err
}

func readUpload(file multipart.File, header *multipart.FileHeader, caption string) (File, error) {
	data, err := io.ReadAll(file)
	if err != nil {
		return File{}, fmt.Errorf("read the file: %w", err)
	}
	mimeType := header.Header.Get("Content-Type")
	if mimeType == "" || mimeType == "application/octet-stream" {
		mimeType = http.DetectContentType(data)
	}
	return File{Data: data, Mime: mimeType, Name: header.Filename, Caption: caption}, nil
}

func sendPlace(chat *Chat, r *http.Request) error {
	latitude, err := strconv.ParseFloat(r.FormValue("latitude"), 64)
	longitude, err2 := strconv.ParseFloat(r.FormValue("longitude"), 64)
	if err != nil || err2 != nil || latitude < -90 || latitude > 90 || longitude < -180 || longitude > 180 {
		return fmt.Errorf("a place needs a latitude and a longitude in degrees: %w", errs.ErrInvalid)
	}
	_, err = chat.SendLocation(Location{
		Latitude: latitude, Longitude: longitude, Name: r.FormValue("name"), Address: r.FormValue("address"),
	}, replyOption(r)...)
	return err
}
