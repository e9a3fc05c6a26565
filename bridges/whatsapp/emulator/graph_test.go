package emulator_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"puente/bridges/whatsapp/emulator"
	"puente/core/base/clock"
)

func TestGraphPaths(t *testing.T) {
	w := newWorld(t, nil)
	raw := func(path, auth string) (int, object) {
		req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.base+path, nil)
		w.ok(err)
		if auth != "" {
			req.Header.Set("Authorization", auth)
		}
		status, answer, err := w.do(req)
		w.ok(err)
		return status, answer
	}
	for name, c := range map[string]struct {
		path, auth            string
		status, code, subcode int
	}{
		"NoToken":             {"/v25.0/" + plain, "", 401, 190, 0},
		"WrongToken":          {"/v25.0/" + plain, "Bearer x", 401, 190, 0},
		"UnknownNumber":       {"/v25.0/123/messages", "Bearer " + token, 400, 100, 33},
		"UnknownObject":       {"/v25.0/123", "Bearer " + token, 400, 100, 33},
		"UnknownEdge":         {"/v25.0/" + plain + "/nonsense", "Bearer " + token, 400, 2500, 0},
		"UnknownVersion":      {"/v99.0/" + plain, "Bearer " + token, 400, 2500, 0},
		"MeWithoutToken":      {"/v25.0/me", "", 400, 2500, 0},
		"TooLongPath":         {"/v25.0/a/b/c", "Bearer " + token, 400, 2500, 0},
		"AppTokenOnItsOwnApp": {"/v25.0/" + plain, "Bearer 670843887433847|" + secret, 401, 190, 0},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := raw(c.path, c.auth)
			if status != c.status || at(answer, "error", "code") != float64(c.code) {
				t.Errorf("got %d %v", status, answer)
			}
			if c.subcode != 0 && at(answer, "error", "error_subcode") != float64(c.subcode) {
				t.Errorf("got subcode %v", at(answer, "error", "error_subcode"))
			}
			if trace, _ := at(answer, "error", "fbtrace_id").(string); trace == "" {
				t.Error("no fbtrace_id")
			}
		})
	}
	t.Run("NumberWithFields", func(t *testing.T) {
		_, answer := w.call(http.MethodGet, plain+"?fields=display_phone_number,quality_rating,throughput", nil)
		w.want(answer, object{"id": plain, "display_phone_number": "+1 555-078-3881", "quality_rating": "GREEN", "throughput": object{"level": "STANDARD"}})
	})
	t.Run("NumbersOfTheAccount", func(t *testing.T) {
		_, answer := w.call(http.MethodGet, waba+"/phone_numbers", nil)
		w.want(len(list(answer, "data")), 2)
		w.want(at(answer, "data", 1, "id"), coex)
		status, answer := w.call(http.MethodGet, waba+"?fields=name", nil)
		w.want(status, 200)
		w.want(answer["name"], "Lucky Shrub")
	})
	t.Run("Profile", func(t *testing.T) {
		status, _ := w.call(http.MethodPost, plain+"/whatsapp_business_profile", object{"messaging_product": "whatsapp", "about": "Plants", "websites": []string{"https://a.example"}})
		w.want(status, 200)
		_, answer := w.call(http.MethodGet, plain+"/whatsapp_business_profile?fields=about,websites", nil)
		w.want(at(answer, "data", 0, "about"), "Plants")
		status, _ = w.call(http.MethodPost, plain+"/whatsapp_business_profile", object{"messaging_product": "whatsapp", "about": strings.Repeat("x", 140)})
		w.want(status, 400)
	})
}

func TestSubscriptions(t *testing.T) {
	t.Run("NothingIsDeliveredWhileUnsubscribed", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.call(http.MethodDelete, waba+"/subscribed_apps", nil)
		_, answer := w.call(http.MethodGet, waba+"/subscribed_apps", nil)
		w.want(len(list(answer, "data")), 0)
		w.must(w.chat(ana, plain).SendText("lost"))
		w.want(len(w.settle()), 0)
		w.call(http.MethodPost, waba+"/subscribed_apps", nil)
		w.must(w.chat(ana, plain).SendText("found"))
		m, _ := w.message()
		w.want(at(m, "text", "body"), "found")
	})
	t.Run("ACallbackOfItsOwnIsVerifiedFirst", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		other := newWorld(t, nil)
		target := other.callbackURL()
		set := func(verify string) int {
			status, _ := w.call(http.MethodPost, plain, object{"webhook_configuration": object{"override_callback_uri": target, "verify_token": verify}})
			return status
		}
		w.want(set("wrong"), 400)
		w.want(set("verify"), 200)
		w.must(w.chat(ana, plain).SendText("there"))
		w.want(len(w.settle()), 0)
		w.want(len(other.settle()), 1)
		status, _ := w.call(http.MethodPost, "670843887433847/subscriptions", object{"object": "whatsapp_business_account", "callback_url": target, "verify_token": "verify", "fields": "messages"})
		w.want(status, 200)
	})
	t.Run("VerifyCallback", func(t *testing.T) {
		w := newWorld(t, nil)
		w.ok(w.e.VerifyCallback(w.ctx))
		w = newWorld(t, func(o *emulator.Options) { o.VerifyToken = "another" })
		w.want(w.e.VerifyCallback(w.ctx) != nil, true)
	})
}

func TestBlockUsers(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.customer(emulator.Customer{UserID: "US.2", WaID: "16505550002", Name: "Silent"})
	change := func(method string, users ...object) (int, object) {
		return w.call(method, plain+"/block_users", object{"messaging_product": "whatsapp", "block_users": users})
	}
	status, answer := change(http.MethodPost, object{"user": "+16505551234"}, object{"user_id": "US.2"})
	w.want(status, 400)
	w.want(at(answer, "block_users", "added_users", 0, "user_id"), ana)
	w.want(at(answer, "block_users", "failed_users", 0, "input"), "US.2")
	w.must(w.chat(ana, plain).SendText("unheard"))
	w.want(len(w.settle()), 0)
	_, answer = w.call(http.MethodGet, plain+"/block_users", nil)
	w.want(at(answer, "data", 0, "wa_id"), "16505551234")
	status, _ = change(http.MethodDelete, object{"user": "16505551234"})
	w.want(status, 200)
	w.must(w.chat(ana, plain).SendText("heard"))
	w.want(len(w.settle()), 1)
}

func TestMedia(t *testing.T) {
	t.Run("UploadInfoDownloadDelete", func(t *testing.T) {
		c := clock.NewManual(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
		w := newWorld(t, func(o *emulator.Options) { o.Clock = c })
		id := w.uploaded("image/jpeg", jpeg())
		_, info := w.call(http.MethodGet, id+"?phone_number_id="+plain, nil)
		w.want(info["mime_type"], "image/jpeg")
		w.want(info["file_size"], len(jpeg()))
		w.want(len(info["sha256"].(string)), 64)
		link := info["url"].(string)
		status, data, header := w.get(link, true)
		w.want(status, 200)
		w.want(string(data) == string(jpeg()), true)
		w.want(header.Get("Content-Type"), "image/jpeg")
		status, _, _ = w.get(link, false)
		w.want(status, 401)
		c.Advance(5 * time.Minute)
		status, _, _ = w.get(link, true)
		w.want(status, 404)
		status, _ = w.call(http.MethodGet, id+"?phone_number_id="+coex, nil)
		w.want(status, 400)
		status, _ = w.call(http.MethodDelete, id, nil)
		w.want(status, 200)
		status, _ = w.call(http.MethodGet, id, nil)
		w.want(status, 400)
	})
	t.Run("IDsEnd", func(t *testing.T) {
		c := clock.NewManual(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
		w := newWorld(t, func(o *emulator.Options) { o.Clock = c })
		id := w.uploaded("image/jpeg", jpeg())
		c.Advance(30 * 24 * time.Hour)
		status, _ := w.call(http.MethodGet, id, nil)
		w.want(status, 400)
	})
	t.Run("Refused", func(t *testing.T) {
		w := newWorld(t, nil)
		big := make([]byte, 5<<20)
		for name, c := range map[string]struct {
			mime string
			data []byte
			form []string
			code int
		}{
			"NoProduct":        {"image/png", png(), []string{"type", "image/png"}, 100},
			"UnknownFormField": {"image/png", png(), []string{"messaging_product", "whatsapp", "colour", "red"}, 100},
			"UnknownType":      {"application/octet-stream", png(), nil, 131053},
			"GIF":              {"image/gif", []byte("GIF89a"), nil, 131053},
			"OtherBytes":       {"image/png", jpeg(), nil, 131053},
			"OggWithoutOpus":   {"audio/ogg", []byte("OggS\x00vorbis"), nil, 131053},
			"ImageTooLarge":    {"image/png", append(png(), big...), nil, 131053},
			"StickerTooLarge":  {"image/webp", append(webp(false), big[:100<<10]...), nil, 131053},
			"AnimatedTooLarge": {"image/webp", append(webp(true), big[:500<<10]...), nil, 131053},
			"Empty":            {"text/plain", nil, nil, 131053},
		} {
			t.Run(name, func(t *testing.T) {
				status, answer := w.upload(c.mime, c.data, c.form...)
				if status != 400 || at(answer, "error", "code") != float64(c.code) {
					t.Errorf("got %d %v", status, answer)
				}
			})
		}
		w.uploaded("image/webp", append(webp(true), big[:400<<10]...))
	})
	t.Run("WrongKindFailsLate", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		id := w.uploaded("image/png", png())
		for kind, content := range map[string]object{"video": {"id": id}, "audio": {"id": id, "voice": true}, "image": {"id": "999"}} {
			w.send("+16505551234", kind, content)
			s := w.statuses()
			w.want(names(s), "failed")
			w.want(at(s[0], "errors", 0, "code"), 131053)
		}
	})
}

func TestTemplates(t *testing.T) {
	body := func(text string, more ...object) object {
		c := object{"type": "BODY", "text": text, "example": object{"body_text": [][]string{{"a"}}}}
		return object{"name": "new_one", "language": "en_US", "category": "UTILITY", "components": append([]object{c}, more...)}
	}
	t.Run("ListHasFiltersFieldsAndPages", func(t *testing.T) {
		w := newWorld(t, nil)
		_, answer := w.call(http.MethodGet, waba+"/message_templates?status=PAUSED&fields=name,status", nil)
		w.want(len(list(answer, "data")), 1)
		w.want(at(answer, "data", 0, "name"), "winter_offer")
		w.want(at(answer, "data", 0, "components"), nil)
		var found []string
		after := ""
		for {
			_, answer = w.call(http.MethodGet, waba+"/message_templates?limit=2&after="+after, nil)
			for _, item := range list(answer, "data") {
				found = append(found, item["name"].(string))
			}
			if at(answer, "paging", "next") == nil {
				break
			}
			after = at(answer, "paging", "cursors", "after").(string)
		}
		w.want(found, "[hello_world order_update appointment_reminder spring_offer winter_offer pickup_place]")
		_, answer = w.call(http.MethodGet, waba+"/message_templates?after=nonsense!", nil)
		w.want(at(answer, "error", "code"), 131059)
	})
	t.Run("NewOneIsPendingThenApprovedThenSentThenDeleted", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.ReviewTime = -1 }).withAna()
		status, answer := w.call(http.MethodPost, waba+"/message_templates", body("Hello {{1}}, how are you?",
			object{"type": "BUTTONS", "buttons": []object{{"type": "URL", "text": "Go", "url": "https://a.example/{{1}}", "example": []string{"https://a.example/x"}}}}))
		w.want(status, 200)
		w.want(answer["status"], "PENDING")
		id := answer["id"].(string)
		call := object{"name": "new_one", "language": object{"code": "en_US"}, "components": []object{
			{"type": "body", "parameters": []object{{"type": "text", "text": "Ana"}}},
			{"type": "button", "sub_type": "url", "index": "0", "parameters": []object{{"type": "text", "text": "sale"}}},
		}}
		httpStatus, code, _ := w.refused(outgoing("+16505551234", "template", call))
		w.want([]int{httpStatus, code}, []int{404, 132001})
		w.ok(w.e.Review(id, "APPROVED"))
		value := w.values("message_template_status_update")[0]
		w.want(value["event"], "APPROVED")
		w.want(value["message_template_name"], "new_one")
		m := w.shown(ana, w.send("+16505551234", "template", call))
		w.want(m.Buttons[0].URL, "https://a.example/sale")
		_, answer = w.call(http.MethodGet, id, nil)
		w.want(answer["status"], "APPROVED")
		status, _ = w.call(http.MethodDelete, waba+"/message_templates?name=new_one", nil)
		w.want(status, 200)
		status, _ = w.call(http.MethodGet, id, nil)
		w.want(status, 400)
		status, _ = w.call(http.MethodDelete, waba+"/message_templates?name=new_one", nil)
		w.want(status, 400)
	})
	t.Run("ReviewComesByItself", func(t *testing.T) {
		w := newWorld(t, nil)
		create := body("Hello {{1}}, how are you?")
		create["name"] = "please_reject"
		w.call(http.MethodPost, waba+"/message_templates", create)
		<-w.news
		value := w.values("message_template_status_update")[0]
		w.want(value["event"], "REJECTED")
		w.want(value["reason"], "INVALID_FORMAT")
	})
	t.Run("Refused", func(t *testing.T) {
		w := newWorld(t, nil)
		bad := func(change func(object)) object { b := body("Hello {{1}}, how are you?"); change(b); return b }
		for name, c := range map[string]struct {
			body    object
			subcode any
		}{
			"VariableFirst":   {body("{{1}} is your code today"), 2388299},
			"TooManyVariable": {body("Hi {{1}} {{2}} {{3}} ok"), 2388293},
			"LongBody":        {body(strings.Repeat("x ", 600)), 2388040},
			"LongFooter":      {body("Hello there", object{"type": "FOOTER", "text": strings.Repeat("x", 61)}), 2388073},
			"LongHeader":      {body("Hello there", object{"type": "HEADER", "format": "TEXT", "text": strings.Repeat("x", 61)}), 2388047},
			"Name":            {bad(func(o object) { o["name"] = "Not Good" }), nil},
			"Category":        {bad(func(o object) { o["category"] = "FUN" }), nil},
			"LongLabel":       {body("Hello there", object{"type": "BUTTONS", "buttons": []object{{"type": "QUICK_REPLY", "text": strings.Repeat("x", 26)}}}), nil},
			"Twice":           {object{"name": "order_update", "language": "en_US", "category": "UTILITY", "components": []object{{"type": "BODY", "text": "x"}}}, 2388024},
		} {
			t.Run(name, func(t *testing.T) {
				status, answer := w.call(http.MethodPost, waba+"/message_templates", c.body)
				if status != 400 || at(answer, "error", "code") != 100.0 {
					t.Errorf("got %d %v", status, answer)
				}
				w.want(at(answer, "error", "error_subcode"), c.subcode)
			})
		}
	})
	t.Run("HeaderImageAndPayloads", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		image := w.uploaded("image/png", png())
		text := func(s string) object { return object{"type": "text", "text": s} }
		id := w.send("+16505551234", "template", object{"name": "appointment_reminder", "language": object{"code": "en_US"}, "components": []object{
			{"type": "header", "parameters": []object{{"type": "image", "image": object{"id": image}}}},
			{"type": "body", "parameters": []object{text("Ana"), text("Monday"), text("9:00")}},
			{"type": "button", "sub_type": "quick_reply", "index": 1, "parameters": []object{{"type": "payload", "payload": "no-17"}}},
		}})
		m := w.shown(ana, id)
		w.want(m.Media.Kind, "image")
		w.want(m.Buttons[0].ID+" "+m.Buttons[1].ID, "Confirm no-17")
		w.settle()
		w.must(w.chat(ana, plain).Press(id, "Cancel"))
		got, _ := w.message()
		w.want(got["button"], object{"payload": "no-17", "text": "Cancel"})
	})
	t.Run("HeaderPlace", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		call := func(parameter object) object {
			return object{"name": "pickup_place", "language": object{"code": "en_US"}, "components": []object{
				{"type": "header", "parameters": []object{parameter}}, {"type": "body", "parameters": []object{{"type": "text", "text": "Ana"}}},
			}}
		}
		place := func(more object) object {
			at := object{"latitude": 40.4168, "longitude": -3.7038}
			maps.Copy(at, more)
			return object{"type": "location", "location": at}
		}
		m := w.shown(ana, w.send("+16505551234", "template", call(place(object{"name": "Our shop", "address": "Gran Vía 1"}))))
		w.want(*m.Location, emulator.Location{Latitude: 40.4168, Longitude: -3.7038, Name: "Our shop", Address: "Gran Vía 1"})
		for name, c := range map[string]struct {
			template object
			code     int
		}{
			"NoPlace":    {templateOf("pickup_place", "Ana"), 132012},
			"AText":      {call(object{"type": "text", "text": "Our shop"}), 132012},
			"NoName":     {call(place(object{"address": "Gran Vía 1"})), 131008},
			"NoAddress":  {call(place(object{"name": "Our shop"})), 131008},
			"UnknownKey": {call(place(object{"name": "Our shop", "address": "Gran Vía 1", "url": "https://shop.example"})), 100},
			"NotOnEarth": {call(place(object{"name": "Our shop", "address": "Gran Vía 1", "latitude": 91})), 100},
		} {
			if status, code, _ := w.refused(outgoing("+16505551234", "template", c.template)); status != 400 || code != c.code {
				t.Errorf("%s is answered by %d/%d, want %d", name, status, code, c.code)
			}
		}
	})
}

func TestCodesHaveTheirHTTPStatus(t *testing.T) {
	w := newWorld(t, nil)
	for code, want := range map[int]int{ // ref: reference/whatsapp-cloud.md §7, where a code has another one than 400
		0: 401, 190: 401, 3: 500, 10: 403, 200: 403, 299: 403, 131005: 403, 2: 503, 131016: 500, 133004: 503, 368: 403, 131031: 403,
		130497: 403, 131000: 500, 131045: 500, 131057: 500, 132001: 404, 133000: 500, 131201: 206, 131207: 403, 131208: 429, 1: 400,
		4: 400, 131042: 400, 131047: 400, 131056: 400, 133010: 400, 300: 400,
	} {
		w.e.FailNext(1, code)
		status, answer := w.call(http.MethodGet, plain, nil)
		if status != want || at(answer, "error", "code") != float64(code) {
			t.Errorf("%d is answered with %d, not %d: %v", code, status, want, answer)
		}
	}
}
