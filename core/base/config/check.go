package config

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// checker compares what the user wrote with the example.
type checker struct {
	name   string // of the file, in messages
	known  []string
	origin origins
	found  *Problems
}

// check notes where each value stands and reports what the example does not have.
func (c *checker) check(user, example *yaml.Node, path string) {
	if path != "" {
		c.origin[path] = at(c.name, user)
	}
	switch {
	case user.Kind == yaml.AliasNode || user.Anchor != "":
		c.found.add(at(c.name, user), path+" uses an anchor or alias (& or *), which Puente does not read: write the value out")
	case isNull(user) || example == nil:
	case example.Kind != user.Kind && !isNull(example):
		c.found.add(at(c.name, user), fmt.Sprintf("%s must be %s, not %s", path, kindName(example), kindName(user)))
	case user.Kind == yaml.MappingNode:
		c.checkKeys(user, example, path)
	case user.Kind == yaml.SequenceNode && len(example.Content) > 0:
		for i, each := range user.Content {
			c.check(each, example.Content[0], element(path, i))
		}
	}
}

func (c *checker) checkKeys(user, example *yaml.Node, path string) {
	var seen []string
	for i := 0; i+1 < len(user.Content); i += 2 {
		key, value := user.Content[i], user.Content[i+1]
		at, here := at(c.name, key), join(path, key.Value)
		if slices.Contains(seen, key.Value) {
			c.found.add(at, here+" is given twice: remove one of them")
			continue
		}
		seen = append(seen, key.Value)
		switch known := child(example, key.Value); {
		case known != nil:
			c.check(value, known, here)
		case len(example.Content) == 0: // may have any keys
			c.origin[here] = at
		case path == "networks":
			c.found.add(at, fmt.Sprintf("there is no network %s: this Puente has %s", key.Value, strings.Join(keysOf(example), ", ")))
		default:
			c.unknown(key, value, here)
		}
	}
}

// unknown reports a key that does not exist, or the keys within it, with the most similar ones that do.
func (c *checker) unknown(key, value *yaml.Node, path string) {
	if value.Kind == yaml.MappingNode && len(value.Content) > 0 {
		for i := 0; i+1 < len(value.Content); i += 2 {
			c.unknown(value.Content[i], value.Content[i+1], join(path, value.Content[i].Value))
		}
		return
	}
	text := "unknown key " + path
	if similar := mostSimilar(path, c.known); similar != "" {
		text += "; did you mean " + similar + "?"
	} else {
		text += ": remove it, or look it up in config.example.yaml"
	}
	c.found.add(at(c.name, key), text)
}

func keysOf(node *yaml.Node) []string {
	var keys []string
	for i := 0; node != nil && node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		keys = append(keys, node.Content[i].Value)
	}
	return keys
}

// leaves lists the paths of all values of an example: what is not a mapping with keys.
func leaves(node *yaml.Node, path string) []string {
	if node.Kind != yaml.MappingNode || len(node.Content) == 0 {
		return []string{path}
	}
	var paths []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		paths = append(paths, leaves(node.Content[i+1], join(path, node.Content[i].Value))...)
	}
	return paths
}

// elementLeaves lists the paths of the values in the elements of an example's lists.
func elementLeaves(node *yaml.Node, path string) []string {
	var paths []string
	switch {
	case node.Kind == yaml.SequenceNode && len(node.Content) > 0 && node.Content[0].Kind == yaml.MappingNode:
		paths = leaves(node.Content[0], element(path, 0))
	case node.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			paths = append(paths, elementLeaves(node.Content[i+1], join(path, node.Content[i].Value))...)
		}
	}
	return paths
}

// mostSimilar returns the known path that is a few keystrokes away, or whose last key is the same; else "".
func mostSimilar(path string, known []string) string {
	best, least := "", max(2, len(path)/4)+1
	for _, candidate := range known {
		if d := distance(path, candidate); d < least {
			best, least = candidate, d
		}
	}
	if best != "" {
		return best
	}
	last := path[strings.LastIndex(path, ".")+1:]
	for _, candidate := range known {
		if candidate[strings.LastIndex(candidate, ".")+1:] == last {
			return candidate
		}
	}
	return ""
}

// distance is the Levenshtein distance: how many letters to add, remove or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for i := range row {
		row[i] = i
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for k := range len(b) {
			cost := diagonal
			if a[i] != b[k] {
				cost++
			}
			diagonal = row[k+1]
			row[k+1] = min(cost, row[k]+1, row[k+1]+1)
		}
	}
	return row[len(b)]
}
