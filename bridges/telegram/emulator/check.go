package emulator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// checker turns a request's fields into the types that the API description gives them, and notes those that it does
// not know: a string holds an integer or JSON where the request was a form.
type checker struct {
	table   *fieldTable
	unknown func(path string)
}

// check returns the fields in their types: int64, float64, bool, string, object, []any. What is required and
// missing, or of another type, is refused in Telegram's words.
func (k *checker) check(method string, given map[string]any, uploads map[string]*upload) (object, *refusal) {
	fields := k.table.methods[method]
	out := object{}
	for name, value := range given {
		f, ok := fieldNamed(fields, name)
		if !ok {
			k.unknown(k.table.names[method] + "." + name)
			continue
		}
		typed, r := k.value(f.types, value, k.table.names[method]+"."+name)
		if r != nil {
			return nil, r
		}
		out[name] = typed
	}
	for _, f := range fields {
		if empty(out[f.name]) && f.required && uploads[f.name] == nil {
			return nil, bad(missing(f.name, out["business_connection_id"] != nil))
		}
	}
	return out, nil
}

func empty(v any) bool {
	s, isText := v.(string)
	return v == nil || isText && s == ""
}

// missing is what Telegram answers when a required field is not there. ref: tdlib/telegram-bot-api, Client.cpp
func missing(name string, business bool) string {
	switch name {
	case "chat_id":
		if business {
			return "chat identifier is empty"
		}
		return "chat_id is empty"
	case "text":
		return "message text is empty"
	case "animation", "audio", "document", "photo", "live_photo", "sticker", "video", "video_note", "voice":
		return "there is no " + strings.ReplaceAll(name, "_", " ") + " in the request"
	case "message_id":
		return "message identifier is not specified"
	case "message_ids":
		return "message identifiers are not specified"
	case "user_id", "message_thread_id":
		return "invalid " + name + " specified"
	case "file_id":
		return "file_id not specified"
	case "latitude", "longitude":
		return name + " is empty"
	case "action":
		return "wrong parameter action in request"
	case "media":
		return "can't parse media JSON object"
	case "options":
		return "can't parse options JSON object"
	}
	return fmt.Sprintf("parameter %q is required", name)
}

// value makes one value what its types allow.
func (k *checker) value(types []string, value any, path string) (any, *refusal) {
	if text, ok := value.(string); ok && !allows(types, "String") && !allows(types, "InputFile") {
		return k.fromText(types, text, path)
	}
	if items, isArray := value.([]any); isArray && len(types) > 1 {
		return k.mixed(types, items, path)
	}
	for _, t := range types {
		if typed, ok, r := k.as(t, value, path); ok || r != nil {
			return typed, r
		}
	}
	return nil, bad("can't parse " + fieldOf(path) + " JSON object")
}

// mixed reads an array whose items may be of the types of several arrays, as in an album.
func (k *checker) mixed(types []string, items []any, path string) (any, *refusal) {
	var of []string
	for _, t := range types {
		if item, isArray := strings.CutPrefix(t, "[]"); isArray {
			of = append(of, item)
		}
	}
	out := make([]any, 0, len(items))
	for _, v := range items {
		typed, r := k.value(of, v, path)
		if r != nil {
			return nil, r
		}
		out = append(out, typed)
	}
	return out, nil
}

func fieldOf(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func allows(types []string, t string) bool {
	for _, have := range types {
		if have == t {
			return true
		}
	}
	return false
}

// fromText reads a field of a form: JSON, but for what is not.
func (k *checker) fromText(types []string, text, path string) (any, *refusal) {
	if text == "" {
		return nil, nil // as good as absent
	}
	if allows(types, "Boolean") {
		return strings.EqualFold(text, "true") || text == "1" || strings.EqualFold(text, "yes"), nil
	}
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		return nil, bad("can't parse " + fieldOf(path) + " JSON object")
	}
	return k.value(types, parsed, path)
}

// as makes a value one type, if it can be that.
func (k *checker) as(t string, value any, path string) (any, bool, *refusal) {
	if item, isArray := strings.CutPrefix(t, "[]"); isArray {
		return k.asArray(item, value, path)
	}
	switch t {
	case "Integer":
		switch v := value.(type) {
		case float64:
			return int64(v), v == float64(int64(v)), nil
		case string: // chat_id
			n, err := strconv.ParseInt(v, 10, 64)
			return n, err == nil, nil
		}
		return nil, false, nil
	case "Float":
		v, ok := value.(float64)
		return v, ok, nil
	case "Boolean":
		v, ok := value.(bool)
		return v, ok, nil
	case "String", "InputFile":
		switch v := value.(type) {
		case string:
			return v, true, nil
		case float64: // Telegram takes a number for a text
			return strconv.FormatFloat(v, 'f', -1, 64), true, nil
		}
		return nil, false, nil
	}
	return k.asObject(t, value, path)
}

func (k *checker) asArray(item string, value any, path string) (any, bool, *refusal) {
	items, ok := value.([]any)
	if !ok {
		return nil, false, nil
	}
	out := make([]any, 0, len(items))
	for _, v := range items {
		typed, ok, r := k.as(item, v, path)
		if r != nil || !ok {
			return nil, false, r
		}
		out = append(out, typed)
	}
	return out, true, nil
}

// asObject makes a value an object of a name, or of one of the names of a union.
func (k *checker) asObject(name string, value any, path string) (any, bool, *refusal) {
	given, ok := value.(object)
	if !ok {
		return nil, false, nil
	}
	for _, one := range k.table.unions[name] {
		if k.fits(one, given) {
			return k.asObject(one, value, path)
		}
	}
	if k.table.unions[name] != nil || !k.fits(name, given) {
		return nil, false, nil
	}
	out := object{}
	for key, v := range given {
		f, ok := fieldNamed(k.table.objects[name], key)
		if !ok {
			k.unknown(path + "." + key)
			continue
		}
		if v == nil {
			continue
		}
		typed, r := k.value(f.types, v, path+"."+key)
		if r != nil {
			return nil, false, r
		}
		out[key] = typed
	}
	return out, true, nil
}

// fits tells whether an object has what one of a name must have.
func (k *checker) fits(name string, given object) bool {
	for _, f := range k.table.objects[name] {
		v, has := given[f.name]
		if f.required && !has || f.always != "" && v != f.always {
			return false
		}
	}
	return true
}
