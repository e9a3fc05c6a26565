package config

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// decode reads a tree into a struct field by field, so that each wrong value is told with its path,
// its place and the mend, and a key without a field is not passed over.
func decode(node *yaml.Node, into any, path string, origin origins, found *Problems) {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		found.add("", fmt.Sprintf("%s is read into a %T, which is no pointer to a struct", path, into))
		return
	}
	decodeValue(node, target.Elem(), path, origin, found)
}

func decodeValue(node *yaml.Node, target reflect.Value, path string, origin origins, found *Problems) {
	_, reads := target.Addr().Interface().(yaml.Unmarshaler)
	switch {
	case isNull(node) || reads && node.Kind == yaml.ScalarNode && node.Value == "":
		return // not given
	case !reads && target.Kind() == reflect.Struct && node.Kind == yaml.MappingNode:
		decodeFields(node, target, path, origin, found)
		return
	case !reads && target.Kind() == reflect.Slice && node.Kind == yaml.SequenceNode:
		list := reflect.MakeSlice(target.Type(), len(node.Content), len(node.Content))
		for i, each := range node.Content {
			decodeValue(each, list.Index(i), element(path, i), origin, found)
		}
		target.Set(list)
		return
	}
	if err := decodeOne(node, target); err != nil {
		found.add(origin[path], fmt.Sprintf("%s must be %s%s", path, wanted(target), got(node, target)))
	}
}

// decodeOne reads one value; a time.Duration may be written with days, as a Duration may.
func decodeOne(node *yaml.Node, target reflect.Value) error {
	if target.Type() == reflect.TypeFor[time.Duration]() {
		target = target.Addr().Convert(reflect.TypeFor[*Duration]()).Elem()
	}
	return node.Decode(target.Addr().Interface())
}

func decodeFields(node *yaml.Node, target reflect.Value, path string, origin origins, found *Problems) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i].Value
		field, ok := fieldOf(target, key)
		if !ok {
			found.add(origin[join(path, key)], "unknown key "+join(path, key)+": nothing reads it")
			continue
		}
		decodeValue(node.Content[i+1], field, join(path, key), origin, found)
	}
}

// fieldOf finds the field with a yaml tag, also within embedded structs (yaml:",inline").
func fieldOf(target reflect.Value, key string) (reflect.Value, bool) {
	for i := range target.NumField() {
		field := target.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if strings.Contains(options, "inline") && field.Type.Kind() == reflect.Struct {
			if inner, ok := fieldOf(target.Field(i), key); ok {
				return inner, true
			}
		} else if name == key || name == "" && strings.ToLower(field.Name) == key {
			return target.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// wanted says what a value must be, in plain words.
func wanted(target reflect.Value) string {
	if t := target.Type(); t == reflect.TypeFor[Duration]() || t == reflect.TypeFor[time.Duration]() {
		return "a duration such as 30s, 5m, 2h or 8d"
	}
	switch target.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number, 0 or more"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "keys and values"
	}
	return "of another kind"
}

// got quotes the wrong value, unless a secret may stand there.
func got(node *yaml.Node, target reflect.Value) string {
	if node.Kind != yaml.ScalarNode {
		return ", not " + kindName(node)
	}
	switch target.Kind() {
	case reflect.String, reflect.Slice, reflect.Map, reflect.Struct:
		return ", not one value"
	}
	return fmt.Sprintf(", not %q", node.Value)
}
