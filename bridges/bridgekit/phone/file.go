package phone

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// fileAddress is where a customer's file is served. The IDs stand in the query because they may be any text.
func fileAddress(networkID, customerID, fileID string) string {
	return "/phone/file/" + url.PathEscape(networkID) + "?" + url.Values{"customer": {customerID}, "file": {fileID}}.Encode()
}

// file serves a file that a message shows. What is no picture, sound or film is only ever downloaded, and nothing in
// it may run.
func (s *server) file(w http.ResponseWriter, r *http.Request) {
	n, ok := s.network(r.PathValue("network"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	content, f, err := n.Open(r.URL.Query().Get("customer"), r.URL.Query().Get("file"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer func() { _ = content.Close() }()
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	disposition := "inline"
	h.Set("Content-Type", f.Mime)
	if !harmless(f.Mime) {
		h.Set("Content-Type", "application/octet-stream")
		disposition = "attachment"
	}
	if f.Name != "" {
		disposition = mime.FormatMediaType(disposition, map[string]string{"filename": f.Name})
	}
	h.Set("Content-Disposition", disposition)
	http.ServeContent(w, r, "", time.Time{}, content)
}

// harmless tells whether a browser may show a file of this type: pictures without scripts, sounds and films.
func harmless(mimeType string) bool {
	base, _, err := mime.ParseMediaType(mimeType)
	family, name, _ := strings.Cut(base, "/")
	switch {
	case err != nil:
		return false
	case family == "image":
		return slices.Contains([]string{"png", "jpeg", "gif", "webp", "avif", "bmp"}, name)
	}
	return (family == "audio" || family == "video") && !strings.Contains(name, "xml")
}
