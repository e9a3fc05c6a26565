package emulator

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

//go:embed web
var web embed.FS

// pageServer serves the phone page: one page per customer and business number, on which a person plays the customer.
type pageServer struct {
	e    *Emulator
	html *htmltemplate.Template
}

func (e *Emulator) addPage(mux *http.ServeMux) {
	p := &pageServer{e: e, html: htmltemplate.Must(htmltemplate.ParseFS(web, "web/*.html"))}
	own := http.NewServeMux()
	own.HandleFunc("GET /{$}", p.home)
	own.HandleFunc("GET /web/{file}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, web, "web/"+r.PathValue("file"))
	})
	own.HandleFunc("POST /customers", p.addCustomer)
	own.HandleFunc("GET /phone/{user}", p.phone)
	own.HandleFunc("GET /phone/{user}/events", p.events)
	own.HandleFunc("GET /phone/{user}/media/{media}", p.media)
	own.HandleFunc("POST /phone/{user}/{action}", p.act)
	// Forms of other sites must not act for the person who has the page open.
	mux.Handle("/", http.NewCrossOriginProtection().Handler(withPageHeaders(own)))
}

func withPageHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "+
			"media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// home leads to the first customer's phone, or asks for one.
func (p *pageServer) home(w http.ResponseWriter, r *http.Request) {
	if all := p.e.Customers(); len(all) > 0 {
		http.Redirect(w, r, "/phone/"+all[0].UserID, http.StatusSeeOther)
		return
	}
	p.render(w, "page.html", p.view("", "", "", ""))
}

func (p *pageServer) phone(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	view := p.view(r.PathValue("user"), q.Get("number"), q.Get("reply"), q.Get("edit"))
	if view.Chat == nil {
		http.Error(w, "There is no such customer or business number.", http.StatusNotFound)
		return
	}
	view.Problem = q.Get("problem")
	p.render(w, "page.html", view)
}

func (p *pageServer) render(w http.ResponseWriter, name string, view pageView) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := p.html.ExecuteTemplate(w, name, view); err != nil {
		p.e.log.Err(err).Str("template", name).Msg("Phone page not rendered")
	}
}

// events tells the page, as server-sent events, that something changed; a beat every 25 seconds lets typing end.
func (p *pageServer) events(w http.ResponseWriter, r *http.Request) {
	flush := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		p.e.mu.Lock()
		changed, rev := p.e.changed, p.e.rev
		p.e.mu.Unlock()
		if _, err := fmt.Fprintf(w, "data: %d\n\n", rev); err != nil {
			return
		}
		if flush.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-p.e.clock.After(typingLife):
		case <-r.Context().Done():
			return
		}
	}
}

// media shows a file to whoever has the page; what is no picture, sound or film is only ever downloaded.
func (p *pageServer) media(w http.ResponseWriter, r *http.Request) {
	phone, err := p.e.Phone(r.PathValue("user"))
	id := r.PathValue("media")
	known := err == nil && slices.ContainsFunc(phone.Messages, func(m Message) bool { return m.Media != nil && m.Media.ID == id })
	p.e.mu.Lock()
	f := p.e.st.Media[id]
	p.e.mu.Unlock()
	if !known || f == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	shown := *f
	family, _, _ := strings.Cut(shown.Mime, "/")
	if !slices.Contains([]string{"image", "audio", "video"}, family) || strings.Contains(shown.Mime, "svg") {
		w.Header().Set("Content-Disposition", "attachment; filename="+strconv.Quote("file"))
		shown.Mime, shown.Name = "application/octet-stream", ""
	}
	p.e.serveFile(w, r, &shown)
}
