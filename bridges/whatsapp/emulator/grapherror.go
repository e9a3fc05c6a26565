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

func describe(code int) (status int, title string) {
	switch code {
	case 2:
		return http.StatusServiceUnavailable, "Service temporarily unavailable"
	case 4:
		return http.StatusBadRequest, "Application request limit reached"
	case 10:
		return http.StatusForbidden, "Application does not have permission for this action"
	case 100:
		return http.StatusBadRequest, "Invalid parameter"
	case 190:
		return http.StatusUnauthorized, "Invalid OAuth access token - Cannot parse access token"
	case 368:
		return http.StatusForbidden, "Temporarily blocked for policies violations"
	case 2200:
		return http.StatusBadRequest, "Callback verification failed"
	case 2500:
		return http.StatusBadRequest, "Unknown path components"
	case 80007:
		return http.StatusBadRequest, "Rate limit issues"
	case 130429:
		return http.StatusBadRequest, "Rate limit hit"
	case 131000:
		return http.StatusInternalServerError, "Something went wrong"
	case 131005:
		return http.StatusForbidden, "Access denied"
	case 131008:
		return http.StatusBadRequest, "Required parameter is missing"
	case 131009:
		return http.StatusBadRequest, "Parameter value is not valid"
	case 131016:
		return http.StatusInternalServerError, "Service unavailable"
	case 131021:
		return http.StatusBadRequest, "Recipient cannot be sender"
	case 131026:
		return http.StatusBadRequest, "Message undeliverable"
	case 131031:
		return http.StatusForbidden, "Business Account locked"
	case 131041:
		return http.StatusBadRequest, "Unknown group"
	}
	return describeMore(code)
}

func describeMore(code int) (status int, title string) {
	title = map[int]string{
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
	}[code]
	if title == "" {
		title = "An unknown error occurred"
	}
	if code == 132001 {
		return http.StatusNotFound, title
	}
	return http.StatusBadRequest, title
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
