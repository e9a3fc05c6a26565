package daemon

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"puente/core/base/errs"
)

// errLine marks a line that cannot be read: too long, or no JSON-RPC.
var errLine = errors.New("a line of the signal-cli daemon cannot be read")

const (
	spillAt     = 1 << 20  // a JSON string longer than this goes to a file: it is the content of one
	maxSkeleton = 32 << 20 // of a line without such strings
	shown       = 64 << 10 // how much of a broken line is kept
)

// line is one line with its very long strings cut out.
type line struct {
	text  []byte // each long string is replaced by a name, see blobs
	blobs blobs
}

// blob is a long JSON string, in a file that has no name any more.
type blob struct {
	name string
	file *os.File
	size int64
	bad  bool // holds escapes that base64 does not need
	// failed is why there is no file: the disk is full. The line goes on all the same: what comes behind it must be read.
	failed error
}

// blobs are the long strings of one line.
type blobs []*blob

func (b blobs) close() {
	for _, one := range b {
		one.close()
	}
}

func (b *blob) close() {
	if b.file != nil {
		_ = b.file.Close() // it was removed when it was made
	}
}

// fail notes that the disk does not take the string.
func (b *blob) fail(err error) {
	if b.failed == nil {
		b.failed = fmt.Errorf("keep a file of the signal-cli daemon: %w", err)
	}
}

// find returns the blob that stands behind a string of the line; nil if the string is what it is.
func (b blobs) find(value string) *blob {
	for _, one := range b {
		if one.name == value {
			return one
		}
	}
	return nil
}

// open reads the bytes that the string holds in base64, from the beginning.
func (b *blob) open() (io.Reader, int64, error) {
	if b.failed != nil {
		return nil, 0, errs.Temporary(b.failed, 0)
	} else if b.bad {
		return nil, 0, fmt.Errorf("%w: a file is no base64", errLine)
	}
	tail := make([]byte, 2)
	if _, err := b.file.ReadAt(tail, b.size-2); err != nil {
		return nil, 0, fmt.Errorf("read a file of the signal-cli daemon: %w", err)
	}
	size := b.size/4*3 - int64(strings.Count(string(tail), "="))
	if _, err := b.file.Seek(0, io.SeekStart); err != nil {
		return nil, 0, fmt.Errorf("read a file of the signal-cli daemon: %w", err)
	}
	return base64.NewDecoder(base64.StdEncoding, bufio.NewReaderSize(b.file, 64<<10)), size, nil
}

// lineReader cuts a stream into lines. Very long strings are written to files as they come.
type lineReader struct {
	in      *bufio.Reader
	most    int64
	dir     string
	nonce   string // makes the names of blobs such as nobody can write
	counted int

	// of the line being read
	text     []byte
	length   int64
	inString bool
	escaped  bool
	began    int // where in text the string begins
	spilling *spill
	blobs    blobs
}

// spill is a blob being written.
type spill struct {
	blob *blob
	out  *bufio.Writer
}

func newLineReader(in io.Reader, most int64, dir string) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(in, 64<<10), most: most, dir: dir, nonce: rand.Text()}
}

// next returns the next line. An errLine comes with the line's beginning.
func (r *lineReader) next() (line, error) {
	r.text, r.length, r.inString, r.escaped, r.spilling, r.blobs = nil, 0, false, false, nil, nil
	for {
		part, err := r.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			r.drop()
			return line{}, err
		}
		r.length += int64(len(part))
		if feedErr := r.feed(part); feedErr != nil {
			beginning := r.text[:min(len(r.text), shown)]
			r.drop()
			return line{text: beginning}, feedErr
		}
		if err == nil {
			break
		}
	}
	if r.spilling != nil {
		r.drop()
		return line{}, fmt.Errorf("%w: a string has no end", errLine)
	}
	return line{text: r.text, blobs: r.blobs}, nil
}

// drop removes what was written of a line that is given up.
func (r *lineReader) drop() {
	if r.spilling != nil {
		r.spilling.blob.close()
		r.spilling = nil
	}
	r.blobs.close()
}

func (r *lineReader) feed(part []byte) error {
	if r.length > r.most {
		return fmt.Errorf("%w: it is longer than %d bytes", errLine, r.most)
	}
	for len(part) > 0 {
		n := 1
		if r.inString && !r.escaped {
			if n = plainRun(part); n > 0 {
				if err := r.add(part[:n]); err != nil {
					return err
				}
				part = part[n:]
				continue
			}
			n = 1
		}
		if err := r.step(part[0]); err != nil {
			return err
		}
		part = part[n:]
	}
	return nil
}

// plainRun is how many bytes of a string follow that are neither its end nor an escape.
func plainRun(part []byte) int {
	for i, b := range part {
		if b == '"' || b == '\\' {
			return i
		}
	}
	return len(part)
}

// step takes one byte that may change what the next ones mean.
func (r *lineReader) step(b byte) error {
	switch {
	case !r.inString:
		if b == '"' {
			r.inString, r.began = true, len(r.text)+1
		}
		return r.keep([]byte{b})
	case r.escaped:
		r.escaped = false
		if r.spilling == nil {
			return r.keep([]byte{b}) // a string does not go to a file in the middle of an escape
		}
		r.spilling.blob.bad = r.spilling.blob.bad || b != '/'
		return r.add([]byte{b})
	case b == '\\':
		r.escaped = true
		if r.spilling != nil {
			return nil
		}
		return r.keep([]byte{b})
	case b == '"':
		r.inString = false
		r.endSpill()
		return r.keep([]byte{b})
	}
	return r.add([]byte{b})
}

// add takes bytes of a string.
func (r *lineReader) add(part []byte) error {
	if r.spilling == nil && len(r.text)-r.began+len(part) > spillAt {
		r.beginSpill()
	}
	if r.spilling == nil {
		return r.keep(part)
	}
	r.spilling.blob.size += int64(len(part))
	r.spilling.write(part)
	return nil
}

// write adds to the blob, if the disk takes it.
func (s *spill) write(part []byte) {
	if s.blob.failed != nil {
		return
	}
	if _, err := s.out.Write(part); err != nil {
		s.blob.fail(err)
	}
}

func (r *lineReader) keep(part []byte) error {
	if len(r.text)+len(part) > maxSkeleton {
		return fmt.Errorf("%w: it is longer than %d bytes without files", errLine, maxSkeleton)
	}
	r.text = append(r.text, part...)
	return nil
}

// beginSpill moves the string's beginning into a new file.
func (r *lineReader) beginSpill() {
	r.counted++
	b := &blob{name: "blob:" + r.nonce + ":" + strconv.Itoa(r.counted)}
	var err error
	if b.file, err = unnamedFile(r.dir); err != nil {
		b.fail(err)
	}
	// The one escape that base64 may have is that of its slash.
	beginning := bytes.ReplaceAll(r.text[r.began:], []byte(`\/`), []byte("/"))
	b.bad = bytes.ContainsRune(beginning, '\\')
	b.size = int64(len(beginning))
	r.spilling = &spill{blob: b, out: bufio.NewWriterSize(b.file, 256<<10)}
	r.spilling.write(beginning)
	r.text = r.text[:r.began]
}

// unnamedFile makes a file that has no name any more.
func unnamedFile(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "puente-signal-*")
	if err != nil {
		return nil, err
	}
	if err = os.Remove(file.Name()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// endSpill puts the blob's name where the string was.
func (r *lineReader) endSpill() {
	if r.spilling == nil {
		return
	}
	if r.spilling.blob.failed == nil {
		if err := r.spilling.out.Flush(); err != nil {
			r.spilling.blob.fail(err)
		}
	}
	r.blobs = append(r.blobs, r.spilling.blob)
	r.text = append(r.text, r.spilling.blob.name...)
	r.spilling = nil
}
