package config

import (
	_ "embed"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"puente/core/base/errs"
)

//go:embed example.yaml
var coreExample string

const indent = "    "

// Example returns config.example.yaml: the core's part, and each network's example under networks.
func Example(networks []NetworkSchema) string {
	if len(networks) == 0 {
		return coreExample + "networks: {}\n"
	}
	var text strings.Builder
	text.WriteString(coreExample)
	text.WriteString("networks:\n")
	for i, network := range networks {
		if i > 0 {
			text.WriteByte('\n')
		}
		body := strings.TrimRight(network.Example, " \n")
		fmt.Fprintf(&text, "%s# The network %s.\n%s%s:", indent, network.ID, indent, network.ID)
		if body == "" {
			text.WriteString(" {}\n")
			continue
		}
		text.WriteByte('\n')
		for line := range strings.SplitSeq(body, "\n") {
			if strings.TrimSpace(line) != "" {
				line = indent + indent + line
			}
			text.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	return text.String()
}

// Unexplained lists the keys of an example that have no comment above them.
func Unexplained(example string) ([]string, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(example), &doc); err != nil {
		return nil, fmt.Errorf("read example config: %w", err)
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	return unexplained(doc.Content[0], ""), nil
}

func unexplained(node *yaml.Node, path string) []string {
	var missing []string
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		here := join(path, node.Content[i].Value)
		if node.Content[i].HeadComment == "" {
			missing = append(missing, here)
		}
		missing = append(missing, unexplained(node.Content[i+1], here)...)
	}
	return missing
}

// Fill returns an example with some values set, its comments kept: {"homeserver.domain": "example.com"}.
// Only keys with a single value on their own line can be set; another path is an errs.ErrNotFound.
func Fill(example string, values map[string]string) (string, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(example), &doc); err != nil || len(doc.Content) == 0 {
		return "", fmt.Errorf("read example config: %w", errs.ErrInvalid)
	}
	lines := strings.Split(example, "\n")
	for path, value := range values {
		node := doc.Content[0]
		for key := range strings.SplitSeq(path, ".") {
			node = child(node, key)
		}
		if node == nil || node.Kind == yaml.MappingNode && len(node.Content) > 0 {
			return "", fmt.Errorf("set %s in the example config: %w", path, errs.ErrNotFound)
		}
		quoted, err := quote(value, node)
		if err != nil {
			return "", fmt.Errorf("set %s in the example config: %w", path, err)
		}
		line := lines[node.Line-1]
		lines[node.Line-1] = line[:node.Column-1] + quoted
	}
	return strings.Join(lines, "\n"), nil
}

// quote writes a value as YAML: a list as a flow list of its comma-separated parts, a text in double quotes.
func quote(value string, example *yaml.Node) (string, error) {
	node, ok := nodeFor(value, example)
	if !ok {
		return "", fmt.Errorf("must be a list: %w", errs.ErrInvalid)
	}
	node.Style = yaml.FlowStyle
	if node.Kind == yaml.ScalarNode && node.Tag == "!!str" {
		node.Style = yaml.DoubleQuotedStyle
	}
	text, err := yaml.Marshal(node)
	return strings.TrimSpace(string(text)), err
}
