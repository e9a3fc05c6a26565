package emulator

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"puente/core/base/clock"
	"puente/core/base/errs"
)

const maxTemplates = 250 // of an account that is not verified. ref: reference/whatsapp-cloud.md §5.5

func (e *Emulator) getTemplate(w http.ResponseWriter, id string) {
	e.mu.Lock()
	body := e.st.template(id).wire()
	e.mu.Unlock()
	answer(w, http.StatusOK, body)
}

// listTemplates answers with filters (name, status, category, language), fields and pages (limit, after).
func (e *Emulator) listTemplates(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	e.mu.Lock()
	var found []object
	for _, t := range e.st.Templates {
		fits := func(filter, value string) bool {
			want := query.Get(filter)
			return want == "" || strings.EqualFold(want, value)
		}
		if fits("status", t.Status) && fits("category", t.Category) && fits("language", t.Language) &&
			strings.Contains(t.Name, query.Get("name")) {
			found = append(found, t.wire())
		}
	}
	e.mu.Unlock()
	start, limit, g := page(query.Get("after"), query.Get("limit"))
	if g != nil {
		answerError(w, g)
		return
	}
	start = min(start, len(found))
	end := min(start+limit, len(found))
	data := []object{}
	for _, t := range found[start:end] {
		data = append(data, choose(t, query.Get("fields"), "name", "parameter_format", "components", "language", "status", "category", "id"))
	}
	body := object{"data": data}
	if len(data) > 0 {
		paging := object{"cursors": object{"before": cursor(start), "after": cursor(end)}}
		if end < len(found) {
			next := *r.URL
			query.Set("after", cursor(end))
			next.RawQuery = query.Encode()
			paging["next"] = "https://graph.facebook.com" + next.String()
		}
		body["paging"] = paging
	}
	answer(w, http.StatusOK, body)
}

func cursor(at int) string {
	return base64.RawURLEncoding.EncodeToString([]byte("template " + strconv.Itoa(at)))
}

func page(after, limit string) (start, count int, g *graphError) {
	count = 25
	if limit != "" {
		n, err := strconv.Atoi(limit)
		if err != nil || n < 1 {
			return 0, 0, refuse(100, "Param limit must be a positive number.")
		}
		count = n
	}
	if after != "" {
		raw, err := base64.RawURLEncoding.DecodeString(after)
		if err == nil {
			start, err = strconv.Atoi(strings.TrimPrefix(string(raw), "template "))
		}
		if err != nil || start < 0 {
			return 0, 0, refuse(131059, "The cursor is not valid.")
		}
	}
	return start, count, nil
}

// choose keeps the members that a fields= query names, or the usual ones; id is always there.
func choose(all object, fieldList string, usual ...string) object {
	if fieldList != "" {
		usual = append(strings.Split(fieldList, ","), "id")
	}
	out := object{}
	for _, key := range usual {
		name, _, _ := strings.Cut(strings.TrimSpace(key), "{")
		if v, ok := all[name]; ok {
			out[name] = v
		}
	}
	return out
}

// createTemplate takes a template for review.
func (e *Emulator) createTemplate(w http.ResponseWriter, r *http.Request) {
	f, g := readFields(r, 1<<20)
	if g != nil {
		answerError(w, g)
		return
	}
	t, g := parseTemplate(f)
	if g != nil {
		answerError(w, g)
		return
	}
	e.mu.Lock()
	switch {
	case len(e.st.Templates) >= maxTemplates:
		g = refuseTemplate(2388019, "The account has as many templates as it may have.")
	case e.st.templateNamed(t.Name, t.Language) != nil:
		g = refuseTemplate(2388024, "There is already a template of this name in this language.")
	default:
		t.ID, t.Created = newDecimalID(), e.clock.Now()
		e.st.Templates = append(e.st.Templates, t)
		e.touch()
	}
	e.mu.Unlock()
	if g != nil {
		answerError(w, g)
		return
	}
	answer(w, http.StatusOK, object{"id": t.ID, "status": templatePending, "category": t.Category})
}

// deleteTemplate removes all languages of a name, or one template with hsm_id.
func (e *Emulator) deleteTemplate(w http.ResponseWriter, r *http.Request) {
	name, id := r.URL.Query().Get("name"), r.URL.Query().Get("hsm_id")
	if name == "" {
		answerError(w, refuse(100, "The parameter name is required."))
		return
	}
	e.mu.Lock()
	var kept []*template
	for _, t := range e.st.Templates {
		if t.Name != name || (id != "" && t.ID != id) {
			kept = append(kept, t)
		}
	}
	found := len(kept) < len(e.st.Templates)
	e.st.Templates = kept
	if found {
		e.touch()
	}
	e.mu.Unlock()
	if !found {
		g := refuseTemplate(2593002, "Message template not found.")
		answerError(w, g)
		return
	}
	answerSuccess(w)
}

// review approves what has waited for ReviewTime, or rejects it if its name contains "reject".
func (e *Emulator) review(ctx context.Context) {
	if e.opt.ReviewTime < 0 {
		return
	}
	for {
		e.mu.Lock()
		changed := e.changed
		var next *template
		for _, t := range e.st.Templates {
			if t.Status == templatePending {
				next = t
				break // the oldest, as they are appended
			}
		}
		e.mu.Unlock()
		if next == nil {
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return
			}
		}
		if clock.Sleep(ctx, e.clock, next.Created.Add(e.opt.ReviewTime).Sub(e.clock.Now())) != nil {
			return
		}
		status := templateApproved
		if strings.Contains(next.Name, "reject") {
			status = templateRejected
		}
		_ = e.Review(next.ID, status) // it may have been deleted meanwhile
	}
}

// Review gives a template a status (APPROVED, REJECTED, PAUSED, DISABLED) and tells the webhook.
func (e *Emulator) Review(templateID, status string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.st.template(templateID)
	if t == nil {
		return fmt.Errorf("template of the emulator: %w", errs.ErrNotFound)
	}
	t.Status, t.Reason = status, "NONE"
	id, err := strconv.ParseInt(t.ID, 10, 64)
	if err != nil {
		return fmt.Errorf("template ID: %w", err)
	}
	value := object{
		"event": status, "message_template_id": id, "message_template_name": t.Name,
		"message_template_language": t.Language, "message_template_category": t.Category, "reason": "NONE",
	}
	switch status {
	case templateRejected:
		t.Reason = "INVALID_FORMAT"
		value["reason"] = t.Reason
		value["rejection_info"] = object{"reason": "The format is not accepted.", "recommendation": "Change the text and submit it again."}
	case templatePaused:
		value["other_info"] = object{"title": "FIRST_PAUSE", "description": "Recipients reported issues. Paused for 3 hours."}
	case templateDisabled:
		value["disable_info"] = object{"disable_date": e.clock.Now().Format(time.DateOnly)}
	}
	e.enqueue(&update{Field: "message_template_status_update", Value: value})
	return nil
}

// Templates returns the account's templates as Graph lists them, as JSON.
func (e *Emulator) Templates() ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]object, 0, len(e.st.Templates))
	for _, t := range e.st.Templates {
		all = append(all, t.wire())
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	return raw, nil
}
