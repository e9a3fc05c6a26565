package bridgetest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
)

// words are what customers and agents say in a run. Each phrase has a tag of its own, so that it can be found again
// wherever it should not be.
type words struct {
	mu   sync.Mutex
	tags []string
}

func newWords() *words { return &words{} }

// phrase is something new to say about a subject.
func (w *words) phrase(subject string) string { return subject + " " + w.tag() }

// tag is a word that nobody has said. It holds letters that hexadecimal and decimal IDs do not have.
func (w *words) tag() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	tag := fmt.Sprintf("wombat%04dquokka", len(w.tags))
	w.tags = append(w.tags, tag)
	return tag
}

// said returns all tags.
func (w *words) said() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.tags...)
}

// long is a text of so many characters, all of them ASCII, whose parts can be told apart.
func (w *words) long(length int) string {
	var text strings.Builder
	text.WriteString(w.phrase("long"))
	for n := 0; text.Len() < length; n++ {
		fmt.Fprintf(&text, " %05d", n)
	}
	return text.String()[:length-1] + "." // no space at the end, which some networks take off
}

// logbook keeps what is logged.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// holding returns the first line that contains the words, and how many do.
func (l *logbook) holding(words string) (first string, count int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !bytes.Contains(l.text.Bytes(), []byte(words)) {
		return "", 0
	}
	for line := range bytes.Lines(l.text.Bytes()) {
		if !bytes.Contains(line, []byte(words)) {
			continue
		}
		if count++; count == 1 {
			first = string(line)
		}
	}
	return first, count
}
