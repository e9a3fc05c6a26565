package emulator

import (
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
)

// The Graph API versions that are answered. ref: reference/whatsapp-cloud.md §1
const (
	oldestVersion = 17
	newestVersion = 26
)

// graphPath splits /v25.0/106540352242922/messages into 25 and ["106540352242922","messages"].
func graphPath(path string) (version int, rest []string, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	digits, found := strings.CutPrefix(parts[0], "v")
	digits, minor := strings.CutSuffix(digits, ".0")
	version, err := strconv.Atoi(digits)
	return version, parts[1:], found && minor && err == nil
}

// serveGraph answers a Graph call whose path after the version is rest.
func (e *Emulator) serveGraph(w http.ResponseWriter, r *http.Request, version int, rest []string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload+1<<20)
	unknown := refuse(2500, "")
	unknown.Title = "Unknown path components: /" + strings.Join(rest, "/")
	if version < oldestVersion || version > newestVersion || len(rest) == 0 || len(rest) > 2 {
		answerError(w, unknown)
		return
	}
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer && rest[0] == "me" {
		noToken := refuse(2500, "")
		noToken.Title = "An active access token must be used to query information about the current user."
		answerError(w, noToken)
		return
	}
	if !e.tokenFits(token, rest) {
		answerError(w, refuse(190, ""))
		return
	}
	if g := e.injected(); g != nil {
		answerError(w, g)
		return
	}
	edge := ""
	if len(rest) == 2 {
		edge = rest[1]
	}
	serve, g := e.route(r.Method, rest[0], edge)
	switch {
	case g != nil:
		answerError(w, g)
	case serve == nil:
		answerError(w, unknown)
	default:
		serve(w, r)
	}
}

// tokenFits tells whether a token may make the call: the app's own calls take "app ID|app secret" too.
func (e *Emulator) tokenFits(token string, rest []string) bool {
	if rest[0] == e.opt.AppID && sameSecret(token, e.opt.AppID+"|"+e.opt.AppSecret) {
		return true
	}
	return sameSecret(token, e.opt.AccessToken)
}

func sameSecret(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// route finds what answers a call. Neither an answerer nor an error means that the edge does not exist.
func (e *Emulator) route(method, id, edge string) (http.HandlerFunc, *graphError) {
	if number, ok := e.number(id); ok {
		return e.numberRoute(method, edge, number), nil
	}
	switch id {
	case e.opt.WABAID:
		return e.accountRoute(method, edge), nil
	case e.opt.AppID:
		return e.appRoute(method, edge), nil
	}
	if edge != "" {
		return nil, refuseObject(id)
	}
	return e.objectRoute(method, id)
}

func (e *Emulator) numberRoute(method, edge string, number Number) http.HandlerFunc {
	with := func(serve func(http.ResponseWriter, *http.Request, Number)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { serve(w, r, number) }
	}
	switch method + " " + edge {
	case "POST messages":
		return with(e.postMessages)
	case "POST media":
		return with(e.uploadMedia)
	case "GET ":
		return with(e.getNumber)
	case "POST ":
		return with(e.setNumber)
	case "GET whatsapp_business_profile":
		return with(e.getProfile)
	case "POST whatsapp_business_profile":
		return with(e.setProfile)
	case "GET block_users":
		return with(e.getBlocked)
	case "POST block_users", "DELETE block_users":
		return with(e.changeBlocked)
	}
	return nil
}

func (e *Emulator) accountRoute(method, edge string) http.HandlerFunc {
	switch method + " " + edge {
	case "GET ":
		return e.getAccount
	case "GET phone_numbers":
		return e.listNumbers
	case "GET message_templates":
		return e.listTemplates
	case "POST message_templates":
		return e.createTemplate
	case "DELETE message_templates":
		return e.deleteTemplate
	case "GET subscribed_apps":
		return e.getSubscribed
	case "POST subscribed_apps":
		return e.subscribe
	case "DELETE subscribed_apps":
		return e.unsubscribe
	}
	return nil
}

func (e *Emulator) appRoute(method, edge string) http.HandlerFunc {
	if method == http.MethodPost && edge == "subscriptions" {
		return e.setAppCallback
	}
	return nil
}

// objectRoute answers for media and templates, which are found by ID alone.
func (e *Emulator) objectRoute(method, id string) (http.HandlerFunc, *graphError) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.st.Media[id]; ok {
		switch method {
		case http.MethodGet:
			return func(w http.ResponseWriter, r *http.Request) { e.getMedia(w, r, id) }, nil
		case http.MethodDelete:
			return func(w http.ResponseWriter, _ *http.Request) { e.deleteMedia(w, id) }, nil
		}
	}
	if t := e.st.template(id); t != nil && method == http.MethodGet {
		return func(w http.ResponseWriter, _ *http.Request) { e.getTemplate(w, id) }, nil
	}
	return nil, refuseObject(id)
}
