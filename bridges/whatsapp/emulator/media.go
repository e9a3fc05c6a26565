package emulator

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long media live. ref: reference/whatsapp-cloud.md §4.2
const (
	mediaURLLife   = 5 * time.Minute
	mediaLifeIn    = 7 * 24 * time.Hour
	mediaLifeOut   = 30 * 24 * time.Hour
	downloadByLink = 10 * time.Second
)

// mediaFile is what is known of one stored file.
type mediaFile struct {
	ID       string    `json:"id"`
	Number   string    `json:"number"`
	Mime     string    `json:"mime"`
	SHA256   string    `json:"sha256"` // hex
	Name     string    `json:"name"`
	Size     int64     `json:"size"`
	Opus     bool      `json:"opus"`
	Animated bool      `json:"animated"`
	Expires  time.Time `json:"expires"` // the ID is unknown to Graph from then on; the phone keeps the file
	Deleted  bool      `json:"deleted"`
}

// storeMedia streams a file to disk and returns what it is; no more than limit bytes are taken.
func (e *Emulator) storeMedia(r io.Reader, limit int64) (*mediaFile, []byte, error) {
	f := &mediaFile{ID: newDecimalID()}
	source := bufio.NewReaderSize(r, 4096)
	start, _ := source.Peek(512)
	head := slices.Clone(start)
	sum := sha256.New()
	var err error
	if f.Size, err = e.files.Store(f.ID, io.TeeReader(source, sum), limit); err != nil {
		return nil, nil, err
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	f.Opus, f.Animated = isOpus(head), isAnimatedWebP(head)
	return f, head, nil
}

// uploadMedia answers POST /{pnid}/media: multipart with messaging_product, type and file.
func (e *Emulator) uploadMedia(w http.ResponseWriter, r *http.Request, number Number) {
	reader, err := r.MultipartReader()
	if err != nil {
		answerError(w, refuse(100, "The upload must be multipart/form-data."))
		return
	}
	form := map[string]string{}
	var file *mediaFile
	var head []byte
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		switch {
		case err != nil:
			err = fmt.Errorf("read upload: %w", err)
		case part.FormName() == "file" && file == nil:
			if file, head, err = e.storeMedia(part, maxUpload); err == nil {
				file.Name, file.Mime = part.FileName(), part.Header.Get("Content-Type")
			}
		default:
			var value []byte
			value, err = io.ReadAll(io.LimitReader(part, 1024))
			form[part.FormName()] = string(value)
		}
		if err != nil {
			e.forget(file)
			answerError(w, refuse(131053, "The file could not be read or is too large."))
			return
		}
	}
	g := checkUploadForm(form, file)
	if g == nil {
		if form["type"] != "" {
			file.Mime = form["type"]
		}
		g = checkUpload(file.Mime, file.Size, head)
	}
	if g != nil {
		e.forget(file)
		answerError(w, g)
		return
	}
	e.mu.Lock()
	file.Number, file.Expires = number.PhoneNumberID, e.clock.Now().Add(mediaLifeOut)
	e.st.Media[file.ID] = file
	e.touch()
	e.mu.Unlock()
	answer(w, http.StatusOK, object{"id": file.ID})
}

func checkUploadForm(form map[string]string, file *mediaFile) *graphError {
	for name := range form {
		switch name {
		case "messaging_product", "type", "ttl_minutes":
		default:
			return refuse(100, fmt.Sprintf("Unexpected key %q on param %q.", name, "the request"))
		}
	}
	switch {
	case form["messaging_product"] != "whatsapp":
		return refuse(100, "The parameter messaging_product is required and must be whatsapp.")
	case file == nil:
		return refuse(131008, "The parameter file is required.")
	case form["type"] == "" && file.Mime == "":
		return refuse(131008, "The parameter type is required.")
	}
	return nil
}

// forget removes a file that was stored and then refused.
func (e *Emulator) forget(f *mediaFile) {
	if f != nil {
		e.files.Remove(f.ID)
	}
}

// liveMedia returns a file as long as Graph knows its ID. The caller holds mu.
func (e *Emulator) liveMedia(id string) *mediaFile {
	f := e.st.Media[id]
	if f == nil || f.Deleted || !f.Expires.After(e.clock.Now()) {
		return nil
	}
	return f
}

func (e *Emulator) getMedia(w http.ResponseWriter, r *http.Request, id string) {
	e.mu.Lock()
	f := e.liveMedia(id)
	var body object
	if f != nil {
		body = object{
			"messaging_product": "whatsapp", "id": id, "url": e.mediaURL(f, r), "mime_type": f.Mime,
			"sha256": f.SHA256, "file_size": f.Size,
		}
	}
	e.mu.Unlock()
	if pnid := r.URL.Query().Get("phone_number_id"); f == nil || (pnid != "" && pnid != f.Number) {
		answerError(w, refuseObject(id))
		return
	}
	answer(w, http.StatusOK, body)
}

func (e *Emulator) deleteMedia(w http.ResponseWriter, id string) {
	e.mu.Lock()
	f := e.liveMedia(id)
	if f != nil {
		f.Deleted = true
		e.touch()
	}
	e.mu.Unlock()
	if f == nil {
		answerError(w, refuseObject(id))
		return
	}
	answerSuccess(w)
}

// mediaURL makes a link to a file that works for five minutes. The caller holds mu.
func (e *Emulator) mediaURL(f *mediaFile, r *http.Request) string {
	until := strconv.FormatInt(e.clock.Now().Add(mediaURLLife).Unix(), 10)
	query := url.Values{"mid": {f.ID}, "ext": {until}, "hash": {e.mediaHash(f.ID, until)}}
	return e.mediaBase(r) + "/media/whatsapp_business/attachments/?" + query.Encode()
}

func (e *Emulator) mediaHash(id, until string) string {
	mac := hmac.New(sha256.New, []byte(e.opt.AppSecret))
	_, _ = io.WriteString(mac, "media "+id+" "+until)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// serveMedia answers a media link: 401 without the token, 404 when the link is too old.
func (e *Emulator) serveMedia(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	id, until := query.Get("mid"), query.Get("ext")
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	seconds, err := strconv.ParseInt(until, 10, 64)
	e.mu.Lock()
	f := e.liveMedia(id)
	now := e.clock.Now()
	e.mu.Unlock()
	switch {
	case !sameSecret(token, e.opt.AccessToken):
		http.Error(w, "an access token is needed", http.StatusUnauthorized)
	case err != nil, f == nil, !sameSecret(query.Get("hash"), e.mediaHash(id, until)), now.Unix() >= seconds:
		http.Error(w, "not found", http.StatusNotFound)
	default:
		e.serveFile(w, r, f)
	}
}

// serveFile writes a stored file, with ranges.
func (e *Emulator) serveFile(w http.ResponseWriter, r *http.Request, f *mediaFile) {
	file, err := e.files.Open(f.ID)
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	defer func() { _ = file.Close() }()
	w.Header().Set("Content-Type", f.Mime)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if f.Name != "" {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": f.Name}))
	}
	http.ServeContent(w, r, "", time.Time{}, file)
}

// fetchLink downloads what a message names by link, as Meta does, and stores it. Any failure is a 131053.
func (e *Emulator) fetchLink(ctx context.Context, kind, link string) (*mediaFile, *graphError) {
	ctx, cancel := context.WithTimeout(ctx, downloadByLink)
	defer cancel()
	failed := refuse(131053, "The media could not be downloaded from the link.")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return nil, failed
	}
	res, err := e.client.Do(req)
	if err != nil {
		return nil, failed
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, failed
	}
	f, head, err := e.storeMedia(res.Body, maxUpload)
	if err != nil {
		return nil, failed
	}
	f.Mime = res.Header.Get("Content-Type")
	if g := checkUpload(f.Mime, f.Size, head); g != nil {
		e.forget(f)
		return nil, g
	}
	if reason := checkUse(kind, false, f); reason != "" {
		e.forget(f)
		return nil, refuse(131053, reason)
	}
	return f, nil
}
