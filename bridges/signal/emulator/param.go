package emulator

import (
	"encoding/json"
	"strings"
)

// params are a request's parameters. Options of the command line are camelCase keys; a list may be one value, an
// array, or stand under the plural key. Unknown keys are ignored. ref: reference/signal-cli.md §3
//
// A method's table says which keys it has and of what type; check has seen that they are, before a handler reads them.
type params map[string]json.RawMessage

// readParams reads the parameters of a request. Only unsubscribeReceive takes an array, of one.
func readParams(method string, raw json.RawMessage) params {
	p := params{}
	var list []json.RawMessage
	if json.Unmarshal(raw, &p) != nil && method == "unsubscribeReceive" && json.Unmarshal(raw, &list) == nil && len(list) > 0 {
		p = params{"subscription": list[0]}
	}
	return p
}

// param is one parameter of a method. In a table it is a word: its name, then # for whole numbers or ? for yes and no,
// * for a list, ! for what must be there.
type param struct {
	name           string
	kind           byte // '#', '?' or 0 for a text
	list, required bool
}

func readParam(word string) param {
	var p param
	word, p.required = strings.CutSuffix(word, "!")
	word, p.list = strings.CutSuffix(word, "*")
	if last := word[len(word)-1]; last == '#' || last == '?' {
		word, p.kind = word[:len(word)-1], last
	}
	p.name = word
	return p
}

// check tells what is wrong with the parameters of a method with a table of keys.
func (p params) check(keys string) error {
	for _, word := range strings.Fields(keys) {
		one := readParam(word)
		if one.required && !p.has(one.name) {
			// The daemon trips over it.
			return internalError("parameter " + one.name + " is null (NullPointerException)")
		}
		if !p.fits(one) {
			// ref: reference/signal-cli.md §4, -32600
			return rpcError{Code: codeRequest, Message: "Cannot deserialize value of parameter " + one.name}
		}
	}
	return nil
}

func (p params) fits(one param) bool {
	switch {
	case one.list && one.kind == '#':
		return reads[[]int64](p.listed(one.name))
	case one.list:
		return reads[[]string](p.listed(one.name))
	case one.kind == '#':
		return reads[int64](p.value(one.name))
	case one.kind == '?':
		return reads[bool](p.value(one.name))
	}
	return reads[string](p.value(one.name))
}

// reads tells whether a value, if there is one, is of a type.
func reads[T any](raw json.RawMessage) bool {
	return raw == nil || json.Unmarshal(raw, new(T)) == nil
}

// read reads a value, or gives nil if there is none.
func read[T any](raw json.RawMessage) *T {
	v := new(T)
	if raw == nil || json.Unmarshal(raw, v) != nil {
		return nil
	}
	return v
}

// readOr is read with a zero value instead of nil.
func readOr[T any](raw json.RawMessage) T {
	if v := read[T](raw); v != nil {
		return *v
	}
	return *new(T)
}

// value is a parameter, or nil if there is none.
func (p params) value(key string) json.RawMessage {
	if raw := p[key]; string(raw) != "null" {
		return raw
	}
	return nil
}

// listed is a list parameter as an array, however it was given.
func (p params) listed(key string) json.RawMessage {
	raw := p.value(key)
	if raw == nil {
		raw = p.value(key + "s")
	}
	if raw == nil || raw[0] == '[' {
		return raw
	}
	return json.RawMessage("[" + string(raw) + "]")
}

// has tells whether a parameter, or its plural, is there.
func (p params) has(key string) bool { return p.listed(key) != nil }

func (p params) text(key string) *string    { return read[string](p.value(key)) }
func (p params) textOr(key string) string   { return readOr[string](p.value(key)) }
func (p params) maybe(key string) *bool     { return read[bool](p.value(key)) }
func (p params) flag(key string) bool       { return readOr[bool](p.value(key)) }
func (p params) number(key string) *int64   { return read[int64](p.value(key)) }
func (p params) numberOr(key string) int64  { return readOr[int64](p.value(key)) }
func (p params) texts(key string) []string  { return readOr[[]string](p.listed(key)) }
func (p params) numbers(key string) []int64 { return readOr[[]int64](p.listed(key)) }

// unknown returns the keys that are not in a method's table.
func (p params) unknown(keys string) []string {
	have := map[string]bool{"account": true}
	for _, word := range strings.Fields(keys) {
		one := readParam(word)
		have[one.name] = true
		have[one.name+"s"] = have[one.name+"s"] || one.list
	}
	var out []string
	for key := range p {
		if !have[key] {
			out = append(out, key)
		}
	}
	return out
}
