package telegram

import (
	"encoding/json"
	"strings"

	"github.com/go-telegram/bot/models"
)

// richText is the words of a rich message, a block a line. ref: reference/telegram-bot.md §3, rich_message
func richText(rich *models.RichMessage) string {
	encoded, err := json.Marshal(rich)
	var value map[string]any
	if err == nil {
		err = json.Unmarshal(encoded, &value)
	}
	var lines []string
	if err == nil {
		blockLines(value["blocks"], &lines)
	}
	if len(lines) == 0 {
		return "A message with pictures or tables, which can be read in the Telegram app."
	}
	return strings.Join(lines, "\n")
}

// blockLines collects the text of blocks, whatever kinds there are.
func blockLines(value any, lines *[]string) {
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			blockLines(one, lines)
		}
	case map[string]any:
		for _, key := range []string{"title", "text", "summary", "caption"} {
			if line := strings.TrimSpace(inline(value[key])); line != "" {
				*lines = append(*lines, line)
			}
		}
		for _, key := range []string{"blocks", "items", "rows", "cells"} {
			blockLines(value[key], lines)
		}
	}
}

// inline is the words of a rich text: a string, a list, or something with a text inside.
func inline(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case []any:
		var out strings.Builder
		for _, one := range value {
			out.WriteString(inline(one))
		}
		return out.String()
	case map[string]any:
		return inline(value["text"])
	}
	return ""
}
