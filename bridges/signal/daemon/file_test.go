package daemon

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"puente/core/base/errs"
)

func TestFilesGoOutAsDataURIs(t *testing.T) {
	data := make([]byte, 3<<20+1)
	_, _ = rand.Read(data)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	client, other := connected(t, Config{})
	result := make(chan error, 1)
	go func() {
		_, err := client.Send(t.Context(), "+1", To{Recipient: "aci"}, Message{
			Text: "a,b", Voice: true, Files: []File{{Path: path, Name: "año; a=b,c.pdf", Mime: "application/pdf"}, {Path: path, Mime: "image/png"}},
			Styles: []TextStyle{{Style: "BOLD", Start: 1, Length: 2}}, Mentions: []Mention{{Start: 0, Length: 1, UUID: "u"}},
			Quote: &OutgoingQuote{Timestamp: 9, Author: "q", Text: "t"}, Edits: 8,
		}, nil)
		result <- err
	}()
	req := other.read()
	other.answer(req, `{"timestamp":1,"results":[]}`)
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	uris := req.Params["attachment"].([]any)
	for i, prefix := range []string{"data:application/pdf;filename=a%C3%B1o%3B%20a%3Db%2Cc.pdf;base64,", "data:image/png;base64,"} {
		encoded, ok := strings.CutPrefix(uris[i].(string), prefix)
		if !ok {
			t.Fatalf("%.80s", uris[i])
		}
		got, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("file %d came as %d bytes, %v", i, len(got), err)
		}
	}
	for key, want := range map[string]any{
		"message": "a,b", "voiceNote": true, "quoteTimestamp": 9.0, "quoteAuthor": "q", "quoteMessage": "t", "editTimestamp": 8.0, "account": "+1",
	} {
		if req.Params[key] != want {
			t.Errorf("%s is %v", key, req.Params[key])
		}
	}
	if style := req.Params["textStyle"].([]any)[0]; style != "1:2:BOLD" {
		t.Error(style)
	}
	if mention := req.Params["mention"].([]any)[0]; mention != "0:1:u" {
		t.Error(mention)
	}
}

func TestAFileThatIsGoneIsNotSent(t *testing.T) {
	client, _ := connected(t, Config{})
	_, err := client.Send(t.Context(), "+1", To{Recipient: "aci"}, Message{Files: []File{{Path: filepath.Join(t.TempDir(), "gone")}}}, nil)
	if err == nil || IsLost(err) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestFilesComeInWhole(t *testing.T) {
	for name, size := range map[string]int{"Empty": 0, "One": 1, "Two": 2, "Small": 1000, "AtTheEdge": spillAt / 4 * 3, "Large": 5<<20 + 2} {
		t.Run(name, func(t *testing.T) {
			data := make([]byte, size)
			_, _ = rand.Read(data)
			client, other := connected(t, Config{TempDir: t.TempDir()})
			go func() {
				req := other.read()
				other.answer(req, `{"data":"`+strings.ReplaceAll(base64.StdEncoding.EncodeToString(data), "/", `\/`)+`"}`)
			}()
			body, announced, err := client.Attachment(t.Context(), "+1", "id.png", To{Recipient: "aci"})
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(body)
			if err != nil || !bytes.Equal(got, data) || announced != int64(size) {
				t.Errorf("%d of %d bytes, announced %d, %v", len(got), size, announced, err)
			}
			if err = body.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLinesWithLongStrings(t *testing.T) {
	large := strings.Repeat("QUJD", spillAt)
	for name, test := range map[string]struct {
		text string
		want []string // of the line with N for a blob
		bad  bool
	}{
		"Plain":              {`{"a":"b"}`, []string{`{"a":"b"}`}, false},
		"Large":              {`{"a":"` + large + `","b":1}`, []string{`{"a":"N","b":1}`}, false},
		"TwoLarge":           {`["` + large + `","` + large + `"]`, []string{`["N","N"]`}, false},
		"EscapedQuote":       {`{"a":"x\"y\\","b":"` + large + `"}`, []string{`{"a":"x\"y\\","b":"N"}`}, false},
		"EscapesInLarge":     {`{"a":"` + large + `\n"}`, []string{`{"a":"N"}`}, true},
		"EscapesBeforeLarge": {`{"a":"\n` + large + `"}`, []string{`{"a":"N"}`}, true},
		"SeveralLines":       {"{}\n{\"a\":\"" + large + "\"}\n{}", []string{"{}", `{"a":"N"}`, "{}"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newLineReader(strings.NewReader(test.text+"\n"), 64<<20, t.TempDir())
			for _, want := range test.want {
				l, err := r.next()
				if err != nil {
					t.Fatal(err)
				}
				text := strings.TrimSpace(string(l.text))
				for _, b := range l.blobs {
					text = strings.Replace(text, b.name, "N", 1)
					if _, size, err := b.open(); (err != nil) != test.bad || (err == nil && size != int64(len(large)/4*3)) {
						t.Errorf("%d, %v", size, err)
					}
				}
				l.blobs.close()
				if text != want {
					t.Errorf("%q, not %q", text, want)
				}
			}
			if _, err := r.next(); !errors.Is(err, io.EOF) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("EndlessString", func(t *testing.T) {
		r := newLineReader(strings.NewReader(`{"a":"`+large+"\n"), 64<<20, t.TempDir())
		if _, err := r.next(); !errors.Is(err, errLine) {
			t.Errorf("%v", err)
		}
	})
}

// A customer's file finds no room, and somebody's message stands behind it on the connection.
func TestAFullDiskEndsNoConnection(t *testing.T) {
	heard := make(chan string, 1)
	client, other := connected(t, Config{
		TempDir: filepath.Join(t.TempDir(), "gone"), Receive: func(_ context.Context, news News) { heard <- string(news.Raw) },
	})
	result := make(chan error, 1)
	go func() {
		_, _, err := client.Attachment(t.Context(), "+1", "id", To{Recipient: "aci"})
		result <- err
	}()
	other.answer(other.read(), `{"data":"`+strings.Repeat("QUJD", spillAt)+`"}`)
	other.write(`{"jsonrpc":"2.0","method":"receive","params":{"account":"behind it"}}`)
	if _, again := errs.IsTemporary(<-result); !again {
		t.Error("the file is given up")
	}
	if got := <-heard; got != `{"account":"behind it"}` {
		t.Errorf("came: %s", got)
	}
	version := make(chan error, 1)
	go func() {
		_, err := client.Version(t.Context())
		version <- err
	}()
	other.answer(other.read(), `{"version":"0.14.10"}`)
	if err := <-version; err != nil {
		t.Errorf("the connection is gone: %v", err)
	}
}

// What is written to a file that takes no more is no file.
func TestAStringThatTheDiskDoesNotTakeToItsEnd(t *testing.T) {
	full, err := os.Open(os.DevNull) // takes nothing: it is open for reading only
	if err != nil {
		t.Fatal(err)
	}
	b := &blob{name: "blob:full", file: full}
	defer b.close()
	s := &spill{blob: b, out: bufio.NewWriterSize(full, 16)}
	s.write([]byte(strings.Repeat("QUJD", 100)))
	s.write([]byte("QUJD"))
	if _, _, err = b.open(); err == nil {
		t.Error("it can be read")
	} else if _, again := errs.IsTemporary(err); !again {
		t.Errorf("it is given up: %v", err)
	}
}
