package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"puente/core/base/errs"
)

// maxForm bounds what is not a file in a request.
const maxForm = 1 << 20

// call is one request of a bot, once its fields are known and checked.
type call struct {
	e       *Emulator
	b       *botState
	method  string // in lower case
	fields  object
	uploads map[string]*upload
	r       *http.Request
	lost    bool // the answer is lost on its way
}

// upload is a file in a request, stored but not yet part of any message.
type upload struct {
	file  *file
	sizes []*file // of a photo, the smallest first
	used  bool
}

func (c *call) text(name string) string { s, _ := c.fields[name].(string); return s }
func (c *call) yes(name string) bool    { b, _ := c.fields[name].(bool); return b }
func (c *call) number(name string) int64 {
	n, _ := c.fields[name].(int64)
	return n
}
func (c *call) float(name string) float64  { n, _ := c.fields[name].(float64); return n }
func (c *call) object(name string) object  { o, _ := c.fields[name].(object); return o }
func (c *call) list(name string) []any     { a, _ := c.fields[name].([]any); return a }
func (c *call) has(name string) bool       { return c.fields[name] != nil }
func (c *call) businessConnection() string { return c.text("business_connection_id") }

// numbers returns a field that is an array of integers.
func (c *call) numbers(name string) []int64 {
	var out []int64
	for _, v := range c.list(name) {
		n, _ := v.(int64)
		out = append(out, n)
	}
	return out
}

// readFields reads a request's fields, from the query and from a body of any of the three kinds, and stores its files.
// ref: reference/telegram-bot.md §2
func (e *Emulator) readFields(r *http.Request) (map[string]any, map[string]*upload, *refusal) {
	given, uploads := map[string]any{}, map[string]*upload{}
	addValues(given, r.URL.Query())
	if r.Method != http.MethodPost {
		return given, uploads, nil
	}
	kind, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "multipart/form-data":
		if parameters["boundary"] == "" {
			return nil, nil, bad("boundary parameter not found")
		}
		return given, uploads, e.readMultipart(r, given, uploads)
	case "application/json":
		raw, err := io.ReadAll(io.LimitReader(r.Body, maxForm))
		if err != nil || len(raw) > 0 && json.Unmarshal(raw, &given) != nil {
			return nil, nil, bad("can't parse JSON object")
		}
		for name, v := range given {
			if v == nil {
				delete(given, name)
			}
		}
	case "application/x-www-form-urlencoded":
		raw, _ := io.ReadAll(io.LimitReader(r.Body, maxForm))
		values, err := url.ParseQuery(string(raw))
		if err != nil {
			return nil, nil, bad("can't parse the form")
		}
		addValues(given, values)
	}
	return given, uploads, nil
}

func addValues(given map[string]any, values url.Values) {
	for name, v := range values {
		given[name] = v[0]
	}
}

// readMultipart reads the parts of a form. Files go to disk at once.
func (e *Emulator) readMultipart(r *http.Request, given map[string]any, uploads map[string]*upload) *refusal {
	reader, err := r.MultipartReader()
	if err != nil {
		return bad("can't parse the form")
	}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) || err != nil && len(given) == 0 && len(uploads) == 0 {
			return nil // some clients send no parts at all
		} else if err != nil {
			return bad("can't read the form")
		}
		name := part.FormName()
		if part.FileName() == "" && !strings.HasPrefix(part.Header.Get("Content-Type"), "application/octet-stream") {
			value, err := io.ReadAll(io.LimitReader(part, maxForm))
			if err != nil {
				return bad("can't read the form")
			}
			given[name] = string(value)
			continue
		}
		f, err := e.storeFile(part, e.uploadLimit())
		if errors.Is(err, errs.ErrTooLarge) {
			return &refusal{code: http.StatusRequestEntityTooLarge, text: "Request Entity Too Large"}
		} else if err != nil {
			return bad("can't read the form")
		}
		f.Name = part.FileName()
		uploads[name] = &upload{file: f}
	}
}

// record keeps what a call said, for tests and for the phone.
func (c *call) record() object {
	out := object{}
	for name, v := range c.fields {
		out[name] = v
	}
	for name, u := range c.uploads {
		out[name] = fmt.Sprintf("file of %d bytes named %q", u.file.Size, u.file.Name)
	}
	return out
}
