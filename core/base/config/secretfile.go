package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	fileSuffix    = "_file"
	longestSecret = 64 << 10 // bytes; a mistaken path to something large must not be read
)

// secretName is how the keys of secrets end.
var secretName = regexp.MustCompile(`(^|_)(token|secret|key|password)$`)

// addFileKeys gives every secret of the example its x_file, so that a network need not list it.
func addFileKeys(example *yaml.Node) {
	for _, key := range keysOf(example) {
		value := child(example, key)
		if value.Kind == yaml.ScalarNode && secretName.MatchString(key) && child(example, key+fileSuffix) == nil {
			setChild(example, key+fileSuffix, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle})
		}
		addFileKeys(value)
	}
	if example.Kind == yaml.SequenceNode {
		for _, each := range example.Content {
			addFileKeys(each)
		}
	}
}

// readFiles fills in every x whose x_file is given, and removes the x_file keys. dir is where
// relative paths start.
func readFiles(node *yaml.Node, dir, path string, origin origins, found *Problems) {
	switch node.Kind {
	case yaml.SequenceNode:
		for i, each := range node.Content {
			readFiles(each, dir, element(path, i), origin, found)
		}
	case yaml.MappingNode:
		for _, key := range keysOf(node) {
			base, isFile := strings.CutSuffix(key, fileSuffix)
			value := child(node, key)
			if isFile && value.Kind == yaml.ScalarNode && child(node, base) != nil {
				readFile(node, base, value.Value, dir, path, origin, found)
				removeChild(node, key)
				continue
			}
			readFiles(value, dir, join(path, key), origin, found)
		}
	}
}

func readFile(node *yaml.Node, key, file, dir, path string, origin origins, found *Problems) {
	if file == "" {
		return
	}
	here := join(path, key)
	where := origin[here+fileSuffix]
	// A default (database.uri) gives way to the file; what the user wrote contradicts it.
	if _, given := origin[here]; given && child(node, key).Value != "" {
		found.add(where, fmt.Sprintf("%s and %s are both given: remove one of them", here, here+fileSuffix))
		return
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	text, err := readSmall(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		found.add(where, fmt.Sprintf("%s names %s, which does not exist: create it or correct the path", here+fileSuffix, file))
	case errors.Is(err, fs.ErrPermission):
		found.add(where, fmt.Sprintf("%s names %s, which Puente's user may not read: change its owner or mode", here+fileSuffix, file))
	case err != nil:
		found.add(where, fmt.Sprintf("%s names %s, which cannot be read: %v", here+fileSuffix, file, err))
	case text == "":
		found.add(where, fmt.Sprintf("%s names %s, which is empty: put the secret into it", here+fileSuffix, file))
	default:
		setChild(node, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: text})
		origin[here] = where
	}
}

// errTooLong is what a file that cannot be a secret gets.
var errTooLong = fmt.Errorf("it is longer than %d bytes", longestSecret)

// readSmall reads a secret without the line end that editors add.
func readSmall(file string) (string, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	if info.Size() > longestSecret {
		return "", errTooLong
	}
	text, err := os.ReadFile(file) // #nosec G304 -- the operator names the file
	return strings.TrimRight(string(text), "\r\n"), err
}
