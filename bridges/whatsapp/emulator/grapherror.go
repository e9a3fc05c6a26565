package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// object is a JSON object as it stands on the wire.
type object = map[string]any

// graphError is what a Graph call is refused with, or what a failed status carries.
type graphError struct {
	HTTP    int
	Code    int
	Subcode int
	Title   string
	Details string // error_data.details
}

func (g *graphError) Error() string { return fmt.Sprintf("graph error %d", g.Code) }

// refuse makes the error of a code with the HTTP status and title that belong to it.
// ref: reference/whatsapp-cloud.md §7
func refuse(code int, details string) *graphError {
	status, title := describe(code)
	return &graphError{HTTP: status, Code: code, Title: title, Details: details}
}

// refuseObject is what Graph says of an object that it does not know or that the token may not see.
func refuseObject(id string) *graphError {
	g := refuse(100, "")
	g.Subcode = 33
	g.Title = "Unsupported request. Object with ID '" + id + "' does not exist, cannot be loaded due to missing permissions, or does not support this operation"
	return g
}

// refuseTemplate is what creating a template is refused with. ref: reference/whatsapp-cloud.md §7, 2388…
func refuseTemplate(subcode int, details string) *graphError {
	g := refuse(100, details)
	g.Subcode = subcode
	return g
}

// describe returns the HTTP status and the title of a code. ref: reference/whatsapp-cloud.md §7, column "HTTP"
func describe(code int) (status int, title string) {
	title = titles()[code]
	if title == "" {
		title = "An unknown error occurred"
	}
	return httpStatus(code), title
}

func httpStatus(code int) int {
	switch code {
	case 0, 190:
		return http.StatusUnauthorized
	case 10, 368, 130497, 131005, 131031, 131207:
		return http.StatusForbidden
	case 132001:
		return http.StatusNotFound
	case 131208:
		return http.StatusTooManyRequests
	case 3, 131000, 131016, 131045, 131057, 133000:
		return http.StatusInternalServerError
	case 2, 133004:
		return http.StatusServiceUnavailable
	case 131201:
		return http.StatusPartialContent
	}
	if code >= 200 && code <= 299 {
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

func titles() map[int]string {
	return map[int]string{
		2:      "Service temporarily unavailable",
		4:      "Application request limit reached",
		10:     "Application does not have permission for this action",
		100:    "Invalid parameter",
		190:    "Invalid OAuth access token - Cannot parse access token",
		368:    "Temporarily blocked for policies violations",
		2200:   "Callback verification failed",
		2500:   "Unknown path components",
		80007:  "Rate limit issues",
		130429: "Rate limit hit",
		131000: "Something went wrong",
		131005: "Access denied",
		131008: "Required parameter is missing",
		131009: "Parameter value is not valid",
		131016: "Service unavailable",
		131021: "Recipient cannot be sender",
		131026: "Message undeliverable",
		131031: "Business Account locked",
		131041: "Unknown group",
		131042: "Business eligibility payment issue",
		131047: "Re-engagement message",
		131048: "Spam rate limit hit",
		131049: "This message was not delivered to maintain healthy ecosystem engagement",
		131050: "User has stopped marketing messages",
		131051: "Unsupported message type",
		131052: "Media download error",
		131053: "Media upload error",
		131056: "(Business Account, Consumer Account) pair rate limit hit",
		131059: "Invalid cursor",
		131062: "Business-scoped user ID not allowed for this message",
		132000: "Number of parameters does not match the expected number of params",
		132001: "Template name does not exist in the translation",
		132005: "Translated text too long",
		132012: "Parameter format does not match format in the created template",
		132015: "Template is paused",
		132016: "Template is disabled",
		132018: "There was an issue with the parameters in your template",
		137000: "Recipient identity key hash mismatch",
		139100: "Failed to block/unblock some users",
	}
}

// body is the JSON of an HTTP refusal.
func (g *graphError) body() object {
	e := object{
		"message": fmt.Sprintf("(#%d) %s", g.Code, g.Title), "type": "OAuthException", "code": g.Code,
		"fbtrace_id": newTraceID(),
	}
	if g.Subcode == 33 || g.Code == 190 || g.Code == 2500 {
		e["message"] = g.Title
	}
	if g.Subcode != 0 {
		e["error_subcode"] = g.Subcode
	}
	if g.Details != "" {
		e["error_data"] = object{"messaging_product": "whatsapp", "details": g.Details}
	}
	if g.Code == 2 || g.Code == 131000 || g.Code == 131016 {
		e["is_transient"] = true
	}
	return object{"error": e}
}

// statusError is the same error inside a failed status or an unsupported message.
func (g *graphError) statusError() object {
	details := g.Details
	if details == "" {
		details = g.Title
	}
	return object{
		"code": g.Code, "title": g.Title, "message": g.Title,
		"error_data": object{"details": details},
		"href":       "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
	}
}

func answer(w http.ResponseWriter, status int, body object) {
	raw, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "cannot write the answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

func answerError(w http.ResponseWriter, g *graphError) {
	if g.Code == 190 {
		w.Header().Set("WWW-Authenticate", `OAuth "Facebook Platform" "invalid_token" "Invalid OAuth access token"`)
	}
	answer(w, g.HTTP, g.body())
}

func answerSuccess(w http.ResponseWriter) { answer(w, http.StatusOK, object{"success": true}) }
