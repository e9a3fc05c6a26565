package config

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	envPrefix = "PUENTE_"
	// testPrefix begins the variables of Puente's own tests, which are no part of the config.
	testPrefix = "PUENTE_TEST_"
)

// VariableName returns the environment variable that sets the key of a path: homeserver.address is
// PUENTE_HOMESERVER_ADDRESS.
func VariableName(path string) string {
	return envPrefix + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(path))
}

// setFromEnvironment writes the environment's values into the user's tree, and refuses variables of
// our prefix that no key answers to.
func setFromEnvironment(user, example *yaml.Node, env []string, origin origins, found *Problems) {
	paths := map[string]string{}
	var names []string
	for _, path := range leaves(example, "") {
		paths[VariableName(path)] = path
		names = append(names, VariableName(path))
	}
	env = slices.Sorted(slices.Values(env))
	for i, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, envPrefix) || strings.HasPrefix(name, testPrefix) {
			continue
		}
		path, known := paths[name]
		if !known {
			text := "this environment variable names no key of the config: unset it"
			if similar := mostSimilar(name, names); similar != "" {
				text += fmt.Sprintf(", or did you mean %s?", similar)
			}
			found.add(name, text)
			continue
		}
		setPath(user, example, path, name, value, hasVariable(env[:i], env[i+1:], pairOf(path)), origin, found)
	}
}

// pairOf is the key that gives the same value: x for x_file, x_file for x.
func pairOf(path string) string {
	if base, isFile := strings.CutSuffix(path, fileSuffix); isFile {
		return base
	}
	return path + fileSuffix
}

func hasVariable(before, after []string, path string) bool {
	is := func(variable string) bool { return strings.HasPrefix(variable, VariableName(path)+"=") }
	return slices.ContainsFunc(before, is) || slices.ContainsFunc(after, is)
}

// setPath sets one value. It replaces the other one of a pair x, x_file that the file gives, unless
// that is set in the environment too.
func setPath(user, example *yaml.Node, path, name, value string, pairSet bool, origin origins, found *Problems) {
	keys := strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		next := child(user, key)
		if next == nil || next.Kind != yaml.MappingNode { // a wrong kind was reported by check
			next = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
			setChild(user, key, next)
		}
		user, example = next, child(example, key)
	}
	last := keys[len(keys)-1]
	node, ok := nodeFor(value, child(example, last))
	if !ok {
		found.add(name, path+" must be a list: separate its values by commas, or write it as [a, b]")
		return
	}
	setChild(user, last, node)
	origin[path] = name
	if pair := pairOf(last); !pairSet && child(example, pair) != nil {
		removeChild(user, pair)
	}
}

// nodeFor makes a node of a variable's text, of the kind that the example has.
func nodeFor(value string, example *yaml.Node) (*yaml.Node, bool) {
	text := strings.TrimSpace(value)
	switch {
	case example.Kind == yaml.ScalarNode && example.Tag == "!!str":
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: value}, true
	case example.Kind == yaml.ScalarNode:
		var node yaml.Node // so that numbers and booleans get their tags
		if err := yaml.Unmarshal([]byte(text), &node); err == nil && len(node.Content) == 1 && node.Content[0].Kind == yaml.ScalarNode {
			return node.Content[0], true
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}, true
	case strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{"):
		var node yaml.Node
		if err := yaml.Unmarshal([]byte(text), &node); err != nil || len(node.Content) != 1 || node.Content[0].Kind != example.Kind {
			return nil, false
		}
		return node.Content[0], true
	case example.Kind != yaml.SequenceNode:
		return nil, false
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list.Content = append(list.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: part})
		}
	}
	return list, true
}
