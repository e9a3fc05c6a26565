package emulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// fields reads one JSON object of a request strictly. The first thing found wrong anywhere in the tree stays in
// the shared error; after it all reads return zero values, so that a caller asks once, at the end.
type fields struct {
	path string // "" at the top, else text or interactive['action']
	m    object
	seen []string
	err  **graphError
}

// readFields parses a request's JSON body of at most limit bytes.
func readFields(r *http.Request, limit int64) (*fields, *graphError) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil || int64(len(raw)) > limit {
		return nil, refuse(100, "The request body cannot be read or is too large")
	}
	return parseFields(raw)
}

func parseFields(raw []byte) (*fields, *graphError) {
	m := object{}
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, refuse(100, "The request body is not a JSON object")
	}
	var first *graphError
	return &fields{m: m, err: &first}, nil
}

func (f *fields) failed() *graphError { return *f.err }

func (f *fields) fail(code int, format string, args ...any) {
	if *f.err == nil {
		*f.err = refuse(code, fmt.Sprintf(format, args...))
	}
}

// name writes a member as Meta's messages do: text['body'].
func (f *fields) name(key string) string {
	if f.path == "" {
		return key
	}
	return f.path + "['" + key + "']"
}

func (f *fields) get(key string) (any, bool) {
	f.seen = append(f.seen, key)
	v, ok := f.m[key]
	return v, ok && v != nil
}

func (f *fields) has(key string) bool {
	v, ok := f.m[key]
	return ok && v != nil
}

// missing reports a member that has to be there. ref: reference/whatsapp-cloud.md §7, 131008
func (f *fields) missing(key string) { f.fail(131008, "The parameter %s is required.", f.name(key)) }

// optStr returns a string of at most limit characters (0: no limit), or "" if it is absent.
func (f *fields) optStr(key string, limit int) string {
	v, ok := f.get(key)
	if !ok {
		return ""
	}
	s, isString := v.(string)
	if !isString {
		f.fail(100, "Param %s must be a string.", f.name(key))
		return ""
	}
	if limit > 0 && utf8.RuneCountInString(s) > limit {
		f.fail(100, "Param %s must be at most %d characters long.", f.name(key), limit)
		return ""
	}
	return s
}

// str is optStr for a member that must be there and not be empty.
func (f *fields) str(key string, limit int) string {
	if !f.has(key) {
		f.missing(key)
	}
	s := f.optStr(key, limit)
	if strings.TrimSpace(s) == "" {
		f.fail(100, "Param %s cannot be empty.", f.name(key))
	}
	return s
}

// oneOf returns a required string that must be one of allowed.
func (f *fields) oneOf(key string, allowed ...string) string {
	s := f.str(key, 0)
	if !slices.Contains(allowed, s) {
		f.fail(131009, "Param %s must be one of %s.", f.name(key), strings.Join(allowed, ", "))
	}
	return s
}

func (f *fields) optBool(key string) bool {
	v, ok := f.get(key)
	if !ok {
		return false
	}
	b, isBool := v.(bool)
	if !isBool {
		f.fail(100, "Param %s must be a boolean.", f.name(key))
	}
	return b
}

// num returns a required number between lo and hi.
func (f *fields) num(key string, lo, hi float64) float64 {
	v, ok := f.get(key)
	if !ok {
		f.missing(key)
		return 0
	}
	n, isNumber := v.(float64)
	if !isNumber || n < lo || n > hi {
		f.fail(100, "Param %s must be a number from %v to %v.", f.name(key), lo, hi)
		return 0
	}
	return n
}

// optObj returns a member object, or nil if it is absent.
func (f *fields) optObj(key string) *fields {
	v, ok := f.get(key)
	if !ok {
		return nil
	}
	m, isObject := v.(object)
	if !isObject {
		f.fail(100, "Param %s must be a JSON object.", f.name(key))
		return nil
	}
	return &fields{path: f.name(key), m: m, err: f.err}
}

// obj is optObj for a member that must be there; it never returns nil.
func (f *fields) obj(key string) *fields {
	if !f.has(key) {
		f.missing(key)
	}
	if o := f.optObj(key); o != nil {
		return o
	}
	return &fields{path: f.name(key), m: object{}, err: f.err}
}

// optList returns a member array of objects with least to most elements, or nil if it is absent.
func (f *fields) optList(key string, least, most int) []*fields {
	v, ok := f.get(key)
	if !ok {
		return nil
	}
	items, isArray := v.([]any)
	if !isArray {
		f.fail(100, "Param %s must be an array.", f.name(key))
		return nil
	}
	if len(items) < least || len(items) > most {
		f.fail(131009, "Param %s must have from %d to %d elements.", f.name(key), least, most)
		return nil
	}
	out := make([]*fields, 0, len(items))
	for i, item := range items {
		m, isObject := item.(object)
		if !isObject {
			f.fail(100, "Param %s[%d] must be a JSON object.", f.name(key), i)
			return nil
		}
		out = append(out, &fields{path: fmt.Sprintf("%s[%d]", f.name(key), i), m: m, err: f.err})
	}
	return out
}

func (f *fields) list(key string, least, most int) []*fields {
	if !f.has(key) {
		f.missing(key)
	}
	return f.optList(key, least, most)
}

// end reports members that nobody asked for.
func (f *fields) end() {
	var extra []string
	for key := range f.m {
		if !slices.Contains(f.seen, key) {
			extra = append(extra, key)
		}
	}
	if len(extra) == 0 {
		return
	}
	sort.Strings(extra)
	where := f.path
	if where == "" {
		where = "the request"
	}
	f.fail(100, "Unexpected key %q on param %q.", extra[0], where)
}
