package phone

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"puente/core/base/clock"
)

//go:embed web/*.html
var templates embed.FS

//go:embed web/*.css web/*.js web/*.svg
var assets embed.FS

// maxUpload is how large a file the page takes if Page does not say: what the largest document of any network has.
const maxUpload = 100 << 20

// Page says how the page of the phones is. The zero value will do.
type Page struct {
	// Title stands over the phones; default "Phones".
	Title string
	// MaxUpload is how many bytes one uploaded file may have; default 100 MiB.
	MaxUpload int64
	Clock     clock.Clock    // default clock.System
	Zone      *time.Location // in which times are shown; default the machine's own
	Log       zerolog.Logger // the zero value is silent
}

// server answers for one page.
type server struct {
	Page
	networks []Network
	html     *template.Template
}

// Handler serves a page with one phone per network, in this order, at /, and what it needs under /phone/.
// It has to stand at the root of its server. The IDs of the networks must differ.
func (p Page) Handler(networks ...Network) http.Handler {
	if p.Title == "" {
		p.Title = "Phones"
	}
	if p.MaxUpload <= 0 {
		p.MaxUpload = maxUpload
	}
	if p.Clock == nil {
		p.Clock = clock.System{}
	}
	if p.Zone == nil {
		p.Zone = time.Local
	}
	s := &server{Page: p, networks: networks, html: template.Must(template.ParseFS(templates, "web/*.html"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.Handle("GET /phone/web/{file}", http.StripPrefix("/phone", http.FileServerFS(assets)))
	mux.HandleFunc("GET /phone/look.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = io.WriteString(w, stylesheet(networks))
	})
	mux.HandleFunc("GET /phone/events", s.events)
	mux.HandleFunc("GET /phone/file/{network}", s.file)
	mux.HandleFunc("POST /phone/add/{network}", s.add)
	mux.HandleFunc("POST /phone/do/{network}/{kind}", s.act)
	// Forms of other sites must not act for the person who has the page open.
	return withHeaders(http.NewCrossOriginProtection().Handler(mux))
}

func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "+
			"media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// network finds a network by its ID.
func (s *server) network(id string) (Network, bool) {
	for _, n := range s.networks {
		if n.ID() == id {
			return n, true
		}
	}
	return nil, false
}

func (s *server) home(w http.ResponseWriter, r *http.Request) {
	s.render(w, http.StatusOK, s.view(s.readState(r), trouble{}))
}

// render answers with the page. It is put together first, so that a mistake in it is no half page.
func (s *server) render(w http.ResponseWriter, status int, view pageView) {
	var out bytes.Buffer
	if err := s.html.ExecuteTemplate(&out, "page.html", view); err != nil {
		s.Log.Err(err).Msg("Phone page not rendered")
		http.Error(w, "The page could not be made; the log tells why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}
