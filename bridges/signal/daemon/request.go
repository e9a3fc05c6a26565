package daemon

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// Params are a request's parameters.
type Params map[string]any

// File is a file on disk that goes out with a request.
type File struct {
	Path string
	Name string // as the recipient sees it; may be empty
	Mime string // without parameters
	Size int64  // in bytes
}

// request is one request ready to be written.
type request struct {
	line  []byte // a placeholder stands where a file's content belongs
	mark  string // what all placeholders begin with
	files []File
}

// newRequest encodes a request. Attachments become data URIs, which a daemon on another machine can read too.
// ref: reference/signal-cli.md §3, formats
func newRequest(id, method string, params Params, files []File) (request, error) {
	r := request{mark: rand.Text(), files: files}
	if len(files) > 0 {
		uris := make([]string, len(files))
		for i, file := range files {
			uris[i] = r.uri(i, file)
		}
		params["attachment"] = uris
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out) // which ends with a line break
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params})
	if err != nil {
		return request{}, fmt.Errorf("encode a request of method %s: %w", method, err)
	}
	r.line = out.Bytes()
	return r, nil
}

func (r request) placeholder(i int) string { return r.mark + "-" + strconv.Itoa(i) + "-" }

// uri is a file's data URI with a placeholder for its content. Parameters of a data URI are percent-encoded (RFC 2397).
func (r request) uri(i int, file File) string {
	uri := "data:" + file.Mime
	if file.Name != "" {
		uri += ";filename=" + strings.ReplaceAll(url.QueryEscape(file.Name), "+", "%20")
	}
	return uri + ";base64," + r.placeholder(i)
}

// writeTo writes the request as one line, with the files read from disk as it goes.
func (r request) writeTo(to io.Writer) error {
	out := bufio.NewWriterSize(to, 64<<10)
	rest := r.line
	for i, file := range r.files {
		before, after, found := bytes.Cut(rest, []byte(r.placeholder(i)))
		if !found {
			return fmt.Errorf("place of file %d is gone", i)
		}
		if _, err := out.Write(before); err != nil {
			return err
		}
		if err := writeFile(out, file); err != nil {
			return err
		}
		rest = after
	}
	if _, err := out.Write(rest); err != nil {
		return err
	}
	return out.Flush()
}

func writeFile(out io.Writer, file File) error {
	in, err := os.Open(file.Path)
	if err != nil {
		return fmt.Errorf("open a file to send: %w", err)
	}
	defer func() { _ = in.Close() }() // it was only read
	encoder := base64.NewEncoder(base64.StdEncoding, out)
	if _, err = io.Copy(encoder, in); err != nil {
		return fmt.Errorf("write a file to send: %w", err)
	}
	return encoder.Close()
}
