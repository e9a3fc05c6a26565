package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// parse reads one YAML document whose root is a mapping; an empty one is an empty mapping. name is
// what the problems call it.
func parse(name string, text []byte, found *Problems) *yaml.Node {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	err := decoder.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	} else if err != nil {
		where, what := splitYAMLError(name, err)
		found.add(where, "not readable as YAML: "+what)
		return nil
	}
	root := doc.Content[0]
	if isNull(root) {
		return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	}
	if root.Kind != yaml.MappingNode {
		found.add(at(name, root), "the file must consist of keys and values, such as `homeserver:`")
		return nil
	}
	if err = decoder.Decode(&second); !errors.Is(err, io.EOF) {
		found.add(name, "there must be one document: remove the line --- and what follows")
		return nil
	}
	return root
}

// splitYAMLError takes the line out of the YAML library's error: "yaml: line 3: did not find …".
func splitYAMLError(name string, err error) (where, what string) {
	parts := regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`).FindStringSubmatch(strings.Split(err.Error(), "\n")[0])
	switch {
	case parts == nil:
		return name, err.Error()
	case parts[1] == "":
		return name, parts[2]
	}
	return name + ":" + parts[1], parts[2]
}

// at is "config.yaml:12".
func at(name string, node *yaml.Node) string { return name + ":" + strconv.Itoa(node.Line) }

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

// child returns the value of a mapping's key, or nil.
func child(node *yaml.Node, key string) *yaml.Node {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

// setChild sets or adds a mapping's key.
func setChild(node *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content[i+1] = value
			return
		}
	}
	node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
}

// removeChild removes a mapping's key.
func removeChild(node *yaml.Node, key string) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content = append(node.Content[:i:i], node.Content[i+2:]...)
			return
		}
	}
}

// join appends a key to a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// element is the path of a list's i-th element.
func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// kindName says what a node is, in plain words.
func kindName(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	}
	return "one value"
}

// overlay lays what the user gave over the defaults: mappings key by key, each element of a list of
// mappings over the default's first element, everything else as a whole. What is null keeps its default.
func overlay(base, user *yaml.Node) *yaml.Node {
	switch {
	case user == nil || isNull(user):
		return copyNode(base)
	case base == nil || base.Kind != user.Kind:
		return copyNode(user)
	case base.Kind == yaml.MappingNode:
		merged := copyNode(base)
		for i := 0; i+1 < len(user.Content); i += 2 {
			key := user.Content[i].Value
			setChild(merged, key, overlay(child(base, key), user.Content[i+1]))
		}
		return merged
	case base.Kind == yaml.SequenceNode && len(base.Content) > 0 && base.Content[0].Kind == yaml.MappingNode:
		merged := copyNode(user)
		for i, each := range user.Content {
			merged.Content[i] = overlay(base.Content[0], each)
		}
		return merged
	}
	return copyNode(user)
}

// copyNode copies a tree, so that laying over and filling in changes no other.
func copyNode(node *yaml.Node) *yaml.Node {
	copied := *node
	copied.Content = make([]*yaml.Node, len(node.Content))
	for i, each := range node.Content {
		copied.Content[i] = copyNode(each)
	}
	return &copied
}
