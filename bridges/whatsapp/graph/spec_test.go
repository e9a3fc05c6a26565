package graph_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"gopkg.in/yaml.v3"
)

// spec is Meta's OpenAPI file, of which the schemas are plain JSON Schema 2020-12.
type spec struct {
	root     map[string]any
	compiler *jsonschema.Compiler
}

const specURL = "https://puente.invalid/openapi"

func loadSpec(t *testing.T) *spec {
	t.Helper()
	raw, err := os.ReadFile("testdata/business-messaging-api_v23.0.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err = yaml.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(plain(tree))
	if err != nil {
		t.Fatal(err)
	}
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	s := &spec{root: root.(map[string]any), compiler: jsonschema.NewCompiler()}
	s.closeAtTheTop()
	s.compiler.DefaultDraft(jsonschema.Draft2020)
	if err = s.compiler.AddResource(specURL, s.root); err != nil {
		t.Fatal(err)
	}
	return s
}

// plain makes map keys strings: YAML reads the keys of `responses` as numbers.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, one := range v {
			v[key] = plain(one)
		}
		return v
	case map[any]any:
		out := map[string]any{}
		for key, one := range v {
			out[fmt.Sprint(key)] = plain(one)
		}
		return out
	case []any:
		for i, one := range v {
			v[i] = plain(one)
		}
		return v
	}
	return v
}

// closeAtTheTop mends a mistake that no message could pass: in `allOf: [base, {additionalProperties:
// false}]` the second part refuses all members of the first. What is meant is that the members of all
// parts are the allowed ones.
func (s *spec) closeAtTheTop() {
	for _, one := range s.schemas() {
		schema, ok := one.(map[string]any)
		if !ok {
			continue
		}
		parts, _ := schema["allOf"].([]any)
		closed, names := false, []any{}
		for _, part := range parts {
			part := s.resolve(part.(map[string]any))
			for name := range at(part, "properties") {
				names = append(names, name)
			}
			if part["additionalProperties"] == false {
				delete(part, "additionalProperties")
				closed = true
			}
		}
		if closed {
			schema["propertyNames"] = map[string]any{"enum": names}
		}
	}
}

func (s *spec) schemas() map[string]any { return at(s.root, "components", "schemas") }

func at(tree map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		tree, _ = tree[key].(map[string]any)
	}
	return tree
}

// operation finds the operation of a request by its path.
func (s *spec) operation(method, path string) (template string, op map[string]any) {
	for candidate, item := range at(s.root, "paths") {
		pattern := regexp.MustCompile(`\\\{[^}]*\\\}`).ReplaceAllString(regexp.QuoteMeta(candidate), `[^/]+`)
		if !regexp.MustCompile("^" + pattern + "$").MatchString(path) {
			continue
		}
		found, ok := item.(map[string]any)[strings.ToLower(method)].(map[string]any)
		// /{Version}/{Media-ID} and its like match the same paths; the caller's ID says which is meant.
		if ok && (op == nil || candidate < template) {
			template, op = candidate, found
		}
	}
	return template, op
}

// pointer is where a schema stands in the file.
func pointer(keys ...string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	for i, key := range keys {
		keys[i] = url.PathEscape(escape.Replace(key))
	}
	return specURL + "#/" + strings.Join(keys, "/")
}

// check validates value and returns what is wrong as "where: rule".
func (s *spec) check(t *testing.T, schema string, value []byte) []string {
	t.Helper()
	compiled, err := s.compiler.Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(value))
	if err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	var invalid *jsonschema.ValidationError
	if err = compiled.Validate(instance); err == nil {
		return nil
	} else if !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	return leaves(invalid)
}

// leaves are the innermost findings; those within a oneOf count as one.
func leaves(e *jsonschema.ValidationError) []string {
	if name, ok := e.ErrorKind.(*kind.PropertyNames); ok {
		return []string{"/" + name.Property + ": unknown member"}
	}
	path := e.ErrorKind.KeywordPath()
	keyword := ""
	if len(path) > 0 {
		keyword = path[0]
	}
	if keyword == "oneOf" || len(e.Causes) == 0 {
		return []string{"/" + strings.Join(e.InstanceLocation, "/") + ": " + keyword}
	}
	var all []string
	for _, cause := range e.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

func (s *spec) resolve(v map[string]any) map[string]any {
	ref, ok := v["$ref"].(string)
	if !ok {
		return v
	}
	return at(s.root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
}

// example returns the fullest of the file's own examples of an answer.
func (s *spec) example(t *testing.T, response map[string]any) string {
	t.Helper()
	content := at(s.resolve(response), "content", "application/json")
	best := ""
	examples, _ := content["examples"].(map[string]any)
	for _, one := range examples {
		raw, err := json.Marshal(one.(map[string]any)["value"])
		if err != nil {
			t.Error(err)
		}
		if len(raw) > len(best) {
			best = string(raw)
		}
	}
	if best == "" {
		if raw, err := json.Marshal(content["example"]); err == nil {
			best = string(raw)
		}
	}
	return best
}
