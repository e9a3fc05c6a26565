package emulator

import (
	"fmt"
	"net/http"
	"slices"
)

func numberObject(n Number) object {
	return object{
		"id": n.PhoneNumberID, "display_phone_number": n.DisplayPhoneNumber, "verified_name": n.VerifiedName,
		"quality_rating": "GREEN", "name_status": "APPROVED", "code_verification_status": "VERIFIED",
		"status": "CONNECTED", "platform_type": "CLOUD_API", "is_on_biz_app": n.Coexistence,
		"throughput":   object{"level": "STANDARD"},
		"account_mode": "LIVE", "whatsapp_business_manager_messaging_limit": "TIER_250",
	}
}

// getNumber answers with the fields asked for. ref: reference/whatsapp-cloud.md §8
func (e *Emulator) getNumber(w http.ResponseWriter, r *http.Request, n Number) {
	answer(w, http.StatusOK, choose(numberObject(n), r.URL.Query().Get("fields"),
		"verified_name", "code_verification_status", "display_phone_number", "quality_rating", "platform_type", "throughput", "id"))
}

func (e *Emulator) listNumbers(w http.ResponseWriter, r *http.Request) {
	data := []object{}
	for _, n := range e.opt.Numbers {
		data = append(data, choose(numberObject(n), r.URL.Query().Get("fields"),
			"verified_name", "code_verification_status", "display_phone_number", "quality_rating", "platform_type", "throughput", "id"))
	}
	answer(w, http.StatusOK, object{"data": data, "paging": object{"cursors": object{"before": cursor(0), "after": cursor(len(data))}}})
}

func (e *Emulator) getAccount(w http.ResponseWriter, r *http.Request) {
	all := object{
		"id": e.opt.WABAID, "name": e.opt.Numbers[0].VerifiedName, "timezone_id": "1", "currency": "USD",
		"message_template_namespace": "b8b3a1e0_emulated", "account_review_status": "APPROVED",
	}
	answer(w, http.StatusOK, choose(all, r.URL.Query().Get("fields"), "id", "name", "timezone_id", "message_template_namespace"))
}

// setNumber takes webhook_configuration, the one setting of a number that is imitated.
func (e *Emulator) setNumber(w http.ResponseWriter, r *http.Request, n Number) {
	f, g := readFields(r, 1<<20)
	if g != nil {
		answerError(w, g)
		return
	}
	c := f.obj("webhook_configuration")
	target, token := c.optStr("override_callback_uri", 200), c.optStr("verify_token", 0)
	c.end()
	f.end()
	e.changeCallback(w, r, f, target, token, func(callbacks *callbacks) { callbacks.ByNumber[n.PhoneNumberID] = target })
}

// subscribe lets webhooks flow, optionally to a callback of the account's own.
func (e *Emulator) subscribe(w http.ResponseWriter, r *http.Request) {
	f := &fields{m: object{}, err: new(*graphError)}
	if r.ContentLength != 0 {
		var g *graphError
		if f, g = readFields(r, 1<<20); g != nil {
			answerError(w, g)
			return
		}
	}
	target, token := f.optStr("override_callback_uri", 200), f.optStr("verify_token", 0)
	f.end()
	e.changeCallback(w, r, f, target, token, func(c *callbacks) { c.Account, c.Unsubscribed = target, false })
}

// setAppCallback sets the callback of the whole app. ref: reference/whatsapp-cloud.md §2
func (e *Emulator) setAppCallback(w http.ResponseWriter, r *http.Request) {
	f, g := readFields(r, 1<<20)
	if g != nil {
		answerError(w, g)
		return
	}
	f.oneOf("object", "whatsapp_business_account")
	target, token := f.str("callback_url", 0), f.str("verify_token", 0)
	f.str("fields", 0)
	f.optBool("include_values")
	f.end()
	e.changeCallback(w, r, f, target, token, func(c *callbacks) { c.App = target })
}

// changeCallback verifies a new callback, if there is one, before it counts.
func (e *Emulator) changeCallback(w http.ResponseWriter, r *http.Request, f *fields, target, token string, set func(*callbacks)) {
	if g := f.failed(); g != nil {
		answerError(w, g)
		return
	}
	if target != "" {
		if err := e.verify(r.Context(), target, token); err != nil {
			answerError(w, refuse(2200, "The callback URL or verify token couldn't be validated."))
			return
		}
	}
	e.mu.Lock()
	set(&e.st.Callbacks)
	e.touch()
	e.mu.Unlock()
	answerSuccess(w)
}

func (e *Emulator) getSubscribed(w http.ResponseWriter, _ *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	data := []object{}
	if !e.st.Callbacks.Unsubscribed {
		app := object{"whatsapp_business_api_data": object{
			"id": e.opt.AppID, "name": "Puente", "link": "https://www.facebook.com/games/?app_id=" + e.opt.AppID,
		}}
		if e.st.Callbacks.Account != "" {
			app["override_callback_uri"] = e.st.Callbacks.Account
		}
		data = append(data, app)
	}
	answer(w, http.StatusOK, object{"data": data})
}

func (e *Emulator) unsubscribe(w http.ResponseWriter, _ *http.Request) {
	e.mu.Lock()
	e.st.Callbacks.Unsubscribed, e.st.Callbacks.Account = true, ""
	e.touch()
	e.mu.Unlock()
	answerSuccess(w)
}

func (e *Emulator) getProfile(w http.ResponseWriter, r *http.Request, n Number) {
	e.mu.Lock()
	all := object{"messaging_product": "whatsapp"}
	for key, v := range e.st.Profiles[n.PhoneNumberID] {
		all[key] = v
	}
	e.mu.Unlock()
	fieldList := r.URL.Query().Get("fields")
	if fieldList != "" {
		fieldList += ",messaging_product"
	}
	answer(w, http.StatusOK, object{"data": []object{
		choose(all, fieldList, "about", "address", "description", "email", "websites", "vertical", "messaging_product"),
	}})
}

// setProfile changes the profile that customers see. ref: reference/whatsapp-cloud.md §8
func (e *Emulator) setProfile(w http.ResponseWriter, r *http.Request, n Number) {
	f, g := readFields(r, 1<<20)
	if g != nil {
		answerError(w, g)
		return
	}
	f.oneOf("messaging_product", "whatsapp")
	set := object{}
	for key, limit := range map[string]int{
		"about": 139, "address": 256, "description": 512, "email": 128, "vertical": 64, "profile_picture_handle": 0,
	} {
		if f.has(key) {
			set[key] = f.optStr(key, limit)
		}
	}
	if v, ok := f.get("websites"); ok {
		sites, isList := v.([]any)
		if !isList || len(sites) > 2 {
			f.fail(100, "Param websites must be an array of at most 2 URLs.")
		}
		set["websites"] = sites
	}
	if about, ok := set["about"]; ok && about == "" {
		f.fail(100, "Param about cannot be empty.")
	}
	f.end()
	if g := f.failed(); g != nil {
		answerError(w, g)
		return
	}
	e.mu.Lock()
	if e.st.Profiles[n.PhoneNumberID] == nil {
		e.st.Profiles[n.PhoneNumberID] = object{}
	}
	for key, v := range set {
		e.st.Profiles[n.PhoneNumberID][key] = v
	}
	e.touch()
	e.mu.Unlock()
	answerSuccess(w)
}

// blocked tells whether a business number blocks a customer. The caller holds mu.
func (e *Emulator) blocked(userID string, n Number) bool {
	return slices.Contains(e.st.Blocked[n.PhoneNumberID], userID)
}

func (e *Emulator) getBlocked(w http.ResponseWriter, _ *http.Request, n Number) {
	e.mu.Lock()
	defer e.mu.Unlock()
	data := []object{}
	for _, id := range e.st.Blocked[n.PhoneNumberID] {
		item := object{"messaging_product": "whatsapp", "user_id": id}
		if p := e.st.person(id); p != nil {
			item["wa_id"] = p.WaID
		}
		data = append(data, item)
	}
	answer(w, http.StatusOK, object{"data": data, "paging": object{"cursors": object{"before": cursor(0), "after": cursor(len(data))}}})
}

// changeBlocked blocks or unblocks; only those who wrote within 24 hours can be blocked.
// ref: reference/whatsapp-cloud.md §8
func (e *Emulator) changeBlocked(w http.ResponseWriter, r *http.Request, n Number) {
	f, g := readFields(r, 1<<20)
	if g != nil {
		answerError(w, g)
		return
	}
	f.oneOf("messaging_product", "whatsapp")
	var users []string
	for _, u := range f.list("block_users", 1, 1000) {
		user, userID := u.optStr("user", 0), u.optStr("user_id", 0)
		if user == "" && userID == "" {
			u.missing("user")
		}
		u.end()
		users = append(users, user+userID)
	}
	f.end()
	if g := f.failed(); g != nil {
		answerError(w, g)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	done, failed := []object{}, []object{}
	for _, input := range users {
		p := e.st.person(input)
		if p == nil {
			p = e.st.personByWaID(onlyDigits(input))
		}
		if p == nil || r.Method == http.MethodPost && !e.windowOpen(p.UserID, n) {
			failed = append(failed, object{"input": input, "errors": []object{{
				"code": 139100, "message": "Failed to block/unblock user",
				"error_data": object{"details": "The user has not messaged this number in the last 24 hours."},
			}}})
			continue
		}
		list := slices.DeleteFunc(e.st.Blocked[n.PhoneNumberID], func(id string) bool { return id == p.UserID })
		if r.Method == http.MethodPost {
			list = append(list, p.UserID)
		}
		e.st.Blocked[n.PhoneNumberID] = list
		done = append(done, object{"input": input, "wa_id": p.WaID, "user_id": p.UserID})
	}
	e.touch()
	result := object{map[string]string{http.MethodPost: "added_users", http.MethodDelete: "removed_users"}[r.Method]: done}
	body := object{"messaging_product": "whatsapp", "block_users": result}
	if len(failed) > 0 {
		result["failed_users"] = failed
		g := refuse(139100, fmt.Sprintf("%d of %d users failed.", len(failed), len(users)))
		body["error"] = g.body()["error"]
		answer(w, g.HTTP, body)
		return
	}
	answer(w, http.StatusOK, body)
}
