package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"sync"

	"puente/core/base/errs"
)

// UploadMedia gives Meta a file of size bytes and returns its ID, which can be sent for 30 days. The file
// is streamed. A read from file ends with ctx at the latest, or UploadMedia waits for it. A size over
// the type's limit is errs.ErrTooLarge; a file that is shorter or longer than size is errs.ErrInvalid.
func (c *Client) UploadMedia(ctx context.Context, phoneNumberID string, file io.Reader, size int64, mimeType, filename string) (string, error) {
	const op = "upload media"
	number, err := id("phone number ID", phoneNumberID)
	if err != nil {
		return "", fmt.Errorf("%s: %w", op, err)
	}
	if err = checkUpload(size, mimeType); err != nil {
		return "", fmt.Errorf("%s: %w", op, err)
	}
	body, err := newStream(file, size, mimeType, filename)
	if err != nil {
		return "", fmt.Errorf("%s: %w", op, err)
	}
	var answer struct {
		ID Literal `json:"id"`
	}
	k := call{op: op, method: http.MethodPost, path: number + "/media", stream: body, complete: func() error {
		if answer.ID == "" {
			return errors.New("the answer names no media")
		}
		return nil
	}}
	err = c.do(ctx, k, &answer)
	if broken := body.stop(); broken != nil && err != nil {
		// The file was the trouble, whatever the connection made of it.
		return "", fmt.Errorf("%s: read the file: %w", op, broken)
	}
	if err != nil {
		return "", err
	}
	return string(answer.ID), nil
}

func checkUpload(size int64, mimeType string) error {
	rule, _ := RuleFor(mimeType)
	switch {
	case plainType(mimeType) == "":
		return fmt.Errorf("type of the file is missing: %w", errs.ErrInvalid)
	case size <= 0:
		return errs.Tell(fmt.Errorf("size of the file is %d: %w", size, errs.ErrInvalid), "The file is empty.")
	case size > rule.Max:
		return errs.Tell(fmt.Errorf("%s of %d bytes, at most %d are allowed: %w", rule.Kind, size, rule.Max, errs.ErrTooLarge),
			fmt.Sprintf("WhatsApp takes a file of this type only up to %d KB. Send a smaller one, or a link.", rule.Max>>10))
	}
	return nil
}

// stream is a multipart body with a file in it. It never holds more of the file than one read.
type stream struct {
	contentType string
	length      int64

	mu    sync.Mutex
	parts io.Reader
	err   error // what the file's reader said; io.EOF does not count
	ended bool
}

func newStream(file io.Reader, size int64, mimeType, filename string) (*stream, error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	fields := [][2]string{{"messaging_product", product}, {"type", mimeType}}
	for _, field := range fields {
		if err := w.WriteField(field[0], field[1]); err != nil {
			return nil, fmt.Errorf("write form: %w", err)
		}
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition("file", firstOf(filename, "file")))
	header.Set("Content-Type", oneLine(mimeType))
	if _, err := w.CreatePart(header); err != nil {
		return nil, fmt.Errorf("write form: %w", err)
	}
	head := bytes.Clone(form.Bytes())
	form.Reset()
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write form: %w", err)
	}
	s := &stream{contentType: w.FormDataContentType(), length: int64(len(head)) + size + int64(form.Len())}
	s.parts = io.MultiReader(bytes.NewReader(head), &exactly{file: file, left: size, stream: s}, &form)
	return s, nil
}

// oneLine keeps a header value from becoming two.
func oneLine(s string) string {
	return string(bytes.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, []byte(s)))
}

// Read gives the next bytes of the form. After stop it gives none: net/http may go on reading a body
// when the call has long ended, and the file belongs to the caller again by then.
func (s *stream) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return 0, io.ErrClosedPipe
	}
	return s.parts.Read(b)
}

// stop waits for a read under way, forbids further ones and returns what was wrong with the file.
func (s *stream) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	return s.err
}

// exactly reads a file that must have a given size.
type exactly struct {
	file   io.Reader
	left   int64
	stream *stream
}

func (e *exactly) Read(b []byte) (int, error) {
	if e.left == 0 {
		return e.atEnd()
	}
	if int64(len(b)) > e.left {
		b = b[:e.left]
	}
	n, err := e.file.Read(b)
	e.left -= int64(n)
	switch {
	case errors.Is(err, io.EOF) && e.left > 0:
		err = fmt.Errorf("the file is shorter than said: %w", errs.ErrInvalid)
	case errors.Is(err, io.EOF):
		err = nil // the next read finds the end
	}
	if err != nil {
		e.stream.err = err
	}
	return n, err
}

// atEnd makes sure that the file has no more bytes than said.
func (e *exactly) atEnd() (int, error) {
	var one [1]byte
	n, err := io.ReadFull(e.file, one[:])
	switch {
	case n > 0:
		err = fmt.Errorf("the file is longer than said: %w", errs.ErrInvalid)
	case errors.Is(err, io.EOF):
		return 0, io.EOF
	}
	e.stream.err = err
	return 0, err
}
