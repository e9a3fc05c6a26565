package phone

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"puente/core/base/errs"
)

// readUpload reads the file that the person picked; nil if none was.
func (s *server) readUpload(r *http.Request) (*Upload, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 {
		return nil, nil
	}
	header := r.MultipartForm.File["file"][0]
	switch {
	case header.Filename == "" && header.Size == 0: // how a browser says that no file was picked
		return nil, nil
	case header.Size == 0:
		return nil, wrong("That file is empty. Pick another.")
	case header.Size > s.MaxUpload:
		return nil, s.fileTooLarge()
	}
	file, err := header.Open()
	if err != nil {
		return nil, fmt.Errorf("open the upload: %w", err)
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read the upload: %w", err)
	}
	mimeType := header.Header.Get("Content-Type")
	if mimeType == "" || mimeType == "application/octet-stream" {
		mimeType = http.DetectContentType(content)
	}
	return &Upload{Name: header.Filename, Mime: mimeType, Content: content}, nil
}

func (s *server) fileTooLarge() error {
	return errs.Tell(fmt.Errorf("upload to the phone page: %w", errs.ErrTooLarge),
		"That file is too large: this page takes files of up to "+sizeText(s.MaxUpload)+". Pick a smaller one.")
}

func readPlace(form url.Values) (*Place, error) {
	latitude, err := strconv.ParseFloat(strings.TrimSpace(form.Get("latitude")), 64)
	longitude, err2 := strconv.ParseFloat(strings.TrimSpace(form.Get("longitude")), 64)
	if err != nil || err2 != nil || !(latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180) {
		return nil, wrong("A place needs a latitude from -90 to 90 and a longitude from -180 to 180, in degrees.")
	}
	return &Place{
		Latitude: latitude, Longitude: longitude,
		Name: strings.TrimSpace(form.Get("name")), Address: strings.TrimSpace(form.Get("address")),
	}, nil
}

// readOptions reads the answers of a poll, one per line.
func readOptions(text, question string) ([]string, error) {
	var options []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			options = append(options, line)
		}
	}
	if question == "" || len(options) < 2 {
		return nil, wrong("A poll needs a question and at least two answers, one per line.")
	}
	return options, nil
}
