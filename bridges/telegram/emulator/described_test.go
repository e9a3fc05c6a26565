package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
)

// description is the machine-readable description of the Bot API.
type description struct {
	Methods map[string]*specEntry `json:"methods"`
	Types   map[string]*specEntry `json:"types"`
	lower   map[string]string
}

type specEntry struct {
	Returns  []string    `json:"returns"`
	Fields   []specField `json:"fields"`
	Subtypes []string    `json:"subtypes"`
}

type specField struct {
	Name        string   `json:"name"`
	Types       []string `json:"types"`
	Required    bool     `json:"required"`
	Description string   `json:"description"`
}

var readDescription = sync.OnceValue(func() *description {
	raw, err := os.ReadFile("testdata/telegram-bot-api.json")
	if err != nil {
		panic(err)
	}
	d := &description{lower: map[string]string{}}
	if err = json.Unmarshal(raw, d); err != nil {
		panic(err)
	}
	for name := range d.Methods {
		d.lower[strings.ToLower(name)] = name
	}
	return d
})

// described is a transport that holds every answer, and so every update, against the description.
type described struct {
	t    *testing.T
	next http.RoundTripper
	mu   sync.Mutex
}

func (d *described) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := d.next.RoundTrip(r)
	if err != nil || !strings.HasPrefix(r.URL.Path, "/bot") {
		return response, err
	}
	raw, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(raw))
	var answer struct {
		OK     bool `json:"ok"`
		Result any  `json:"result"`
	}
	if err != nil || json.Unmarshal(raw, &answer) != nil || !answer.OK {
		return response, nil
	}
	spec := readDescription()
	name := spec.lower[strings.ToLower(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])]
	if name == "" {
		return response, nil
	}
	if problems := spec.check(spec.Methods[name].Returns, answer.Result, name); len(problems) > 0 {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.t.Errorf("not as the description says: %s", strings.Join(problems, "; "))
	}
	return response, nil
}

// odd are fields that an answer has on purpose although nobody knows them.
var odd = map[string]bool{"Message.hologram": true, "Update.channel_surprise": true}

// check tells what about a value is not of any of the types.
func (d *description) check(types []string, v any, path string) []string {
	var best []string
	for i, t := range types {
		problems := d.checkOne(t, v, path)
		if len(problems) == 0 {
			return nil
		}
		if i == 0 || len(problems) < len(best) {
			best = problems
		}
	}
	return best
}

func (d *description) checkOne(t string, v any, path string) []string {
	wrong := []string{fmt.Sprintf("%s: %T is no %s", path, v, t)}
	if item, ok := strings.CutPrefix(t, "Array of "); ok {
		list, isList := v.([]any)
		if !isList {
			return wrong
		}
		var out []string
		for i, inner := range list {
			out = append(out, d.checkOne(item, inner, fmt.Sprintf("%s[%d]", path, i))...)
		}
		return out
	}
	switch t {
	case "Integer":
		if n, ok := v.(float64); !ok || n != float64(int64(n)) {
			return wrong
		}
		return nil
	case "Float":
		if _, ok := v.(float64); !ok {
			return wrong
		}
		return nil
	case "String":
		if s, ok := v.(string); !ok || s == "" {
			return wrong
		}
		return nil
	case "Boolean", "True":
		if b, ok := v.(bool); !ok || t == "True" && !b {
			return wrong
		}
		return nil
	}
	return d.checkObject(t, v, path)
}

// checkObject holds an object against a type: every field known and of its type, the required ones there.
func (d *description) checkObject(t string, v any, path string) []string {
	spec := d.Types[t]
	if spec == nil {
		return []string{path + ": no type " + t}
	}
	if len(spec.Subtypes) > 0 {
		return d.check(spec.Subtypes, v, path)
	}
	o, ok := v.(object)
	if !ok {
		return []string{fmt.Sprintf("%s: %T is no %s", path, v, t)}
	}
	var out []string
	for name, inner := range o {
		f := spec.field(name)
		switch {
		case odd[t+"."+name]:
		case f == nil:
			out = append(out, path+"."+name+": "+t+" has no such field")
		case f.always() != "" && inner != f.always():
			out = append(out, path+"."+name+": must be "+f.always())
		case t == "User" && name == "first_name" && inner == "": // of a deleted account
		case t == "WebhookInfo" && name == "url" && inner == "": // none set
		default:
			out = append(out, d.check(f.Types, inner, path+"."+name)...)
		}
	}
	for _, f := range spec.Fields {
		if _, has := o[f.Name]; f.Required && !has {
			out = append(out, path+": "+t+"."+f.Name+" is missing")
		}
	}
	return out
}

func (s *specEntry) field(name string) *specField {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return &s.Fields[i]
		}
	}
	return nil
}

// always is the one value that a field may have, as its text says: always "photo".
func (f *specField) always() string {
	for _, word := range []string{"always ", "must be "} {
		if _, rest, ok := strings.Cut(f.Description, word); ok && (f.Name == "type" || f.Name == "status") {
			rest = strings.Trim(strings.Fields(rest)[0], "“”\"'.,*")
			return rest
		}
	}
	return ""
}
