package emulator

import (
	_ "embed" // the tables
	"fmt"
	"strings"

	"puente/core/base/errs"
)

// The tables of what requests may hold: every method that is served, the objects in their fields, and what versions
// 10.2 and 10.3 of the API added to both. A test compares the first two with the machine-readable description.
// ref: reference/data/telegram-bot-api.json, reference/telegram-bot.md §1
var (
	//go:embed wire/methods.txt
	methodTable string
	//go:embed wire/inputs.txt
	inputTable string
	//go:embed wire/newer.txt
	newerTable string
)

// field is one field of a method or an object.
type field struct {
	name     string
	required bool
	types    []string // Integer, String, Boolean, Float, InputFile, the name of an object, or [] and one of these
	always   string   // the one value that it may have
}

// fieldTable says which fields requests have.
type fieldTable struct {
	methods map[string][]field // by the name in lower case
	names   map[string]string  // how the API writes that name
	objects map[string][]field
	unions  map[string][]string
}

// readFieldTable parses the tables. A line is a name and its fields, "name!:Type|Type=value" with ! for a required
// one, or a name, "=" and the objects that it may be.
func readFieldTable() (*fieldTable, error) {
	t := &fieldTable{
		methods: map[string][]field{}, names: map[string]string{}, objects: map[string][]field{}, unions: map[string][]string{},
	}
	for _, line := range strings.Split(methodTable+inputTable+newerTable, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		name, rest := words[0], words[1:]
		if len(rest) > 0 && rest[0] == "=" {
			t.unions[name] = rest[1:]
			continue
		}
		fields, err := parseFields(rest)
		if err != nil {
			return nil, fmt.Errorf("table of %s: %w", name, err)
		}
		if name[0] >= 'a' {
			lower := strings.ToLower(name)
			t.methods[lower], t.names[lower] = mergeFields(t.methods[lower], fields), name
		} else {
			t.objects[name] = mergeFields(t.objects[name], fields)
		}
	}
	return t, nil
}

func parseFields(words []string) ([]field, error) {
	var out []field
	for _, word := range words {
		name, rest, ok := strings.Cut(word, ":")
		if !ok {
			return nil, fmt.Errorf("field %q has no type: %w", word, errs.ErrInvalid)
		}
		f := field{}
		f.name, f.required = strings.CutSuffix(name, "!")
		rest, f.always, _ = strings.Cut(rest, "=")
		f.types = strings.Split(rest, "|")
		out = append(out, f)
	}
	return out, nil
}

// mergeFields adds fields; one of a name that is known takes its place.
func mergeFields(known, more []field) []field {
	out := append([]field{}, known...)
next:
	for _, f := range more {
		for i := range out {
			if out[i].name == f.name {
				out[i] = f
				continue next
			}
		}
		out = append(out, f)
	}
	return out
}

func fieldNamed(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}
