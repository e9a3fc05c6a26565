package graph_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
)

func TestPhoneNumber(t *testing.T) {
	s := serve(t, says(200, `{"id":"106540352242922","display_phone_number":"+1 555-078-3881","verified_name":"Bikes","quality_rating":"GREEN",
		"status":"CONNECTED","throughput":{"level":"STANDARD"},"is_on_biz_app":true,"whatsapp_business_manager_messaging_limit":"TIER_2K"}`))
	got, err := s.client(t).PhoneNumber(context.Background(), ourNumber)
	if err != nil {
		t.Fatal(err)
	}
	is(t, []any{got.VerifiedName, got.QualityRating, got.Throughput.Level, got.OnBusinessApp, got.MessagingLimit},
		[]any{"Bikes", "GREEN", "STANDARD", graph.Flag(true), graph.Literal("TIER_2K")})
	if fields := s.last(t).query["fields"]; len(fields) != 1 || !strings.Contains(fields[0], "whatsapp_business_manager_messaging_limit") {
		t.Errorf("fields %v", fields)
	}
	if _, err := s.client(t).PhoneNumber(context.Background(), ""); !errors.Is(err, errs.ErrInvalid) {
		t.Error(err)
	}
}

func TestBusinessProfile(t *testing.T) {
	for name, body := range map[string]string{
		"Plain":   `{"data":[{"about":"Hi","websites":["https://example.com"],"messaging_product":"whatsapp"}]}`,
		"Wrapped": `{"data":[{"business_profile":{"about":"Hi","websites":["https://example.com"]}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, says(200, body))
			got, err := s.client(t).BusinessProfile(context.Background(), ourNumber)
			if err != nil {
				t.Fatal(err)
			}
			is(t, got, graph.BusinessProfile{About: "Hi", Websites: []string{"https://example.com"}})
		})
	}
}

func TestTemplates(t *testing.T) {
	pages := map[string]string{
		"":   `{"data":[{"id":"1","name":"a","status":"APPROVED","language":"en","category":"UTILITY","components":[{"type":"BODY","text":"Hi {{1}}"},{"type":"BUTTONS","buttons":[{"type":"URL","text":"Open","url":"https://example.com/{{1}}"}]}]}],"paging":{"cursors":{"after":"c2"},"next":"https://graph.facebook.com/next"}}`,
		"c2": `{"data":[{"id":"2","name":"b"}],"paging":{"cursors":{"after":"c3"}}}`,
	}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { says(200, pages[r.URL.Query().Get("after")])(w, r) })
	all, err := s.client(t).AllTemplates(context.Background(), ourWABA, graph.TemplateFilter{Name: "a", Status: "APPROVED", Category: "UTILITY", Language: "en", Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	is(t, []any{len(all), all[0].Components[1].Buttons[0].Type, all[1].ID}, []any{2, "URL", "2"})
	is(t, len(s.all()), 2)
	query := s.last(t).query
	delete(query, "fields")
	is(t, query, map[string][]string{"name": {"a"}, "status": {"APPROVED"}, "category": {"UTILITY"}, "language": {"en"}, "limit": {"1"}, "after": {"c2"}})
	t.Run("CursorThatComesAgainEnds", func(t *testing.T) {
		s := serve(t, says(200, `{"data":[{"id":"1"}],"paging":{"cursors":{"after":"c"},"next":"x"}}`))
		all, err := s.client(t).AllTemplates(context.Background(), ourWABA, graph.TemplateFilter{})
		if err != nil || len(all) != 2 {
			t.Fatal(len(all), err)
		}
	})
}

func TestSubscriptions(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			says(200, `{"data":[{"whatsapp_business_api_data":{"id":"670843887433847","name":"Puente","link":"https://example.com"},"override_callback_uri":"https://example.com/hook"}]}`)(w, r)
			return
		}
		says(200, `{"success":true}`)(w, r)
	})
	c := s.client(t)
	if err := c.SubscribeApp(context.Background(), ourWABA, nil); err != nil {
		t.Fatal(err)
	}
	is(t, []any{s.last(t).path, len(s.last(t).body)}, []any{"/v25.0/" + ourWABA + "/subscribed_apps", 0})
	if err := c.SubscribeApp(context.Background(), ourWABA, &graph.Callback{URL: "https://example.com/hook", VerifyToken: "v"}); err != nil {
		t.Fatal(err)
	}
	is(t, s.last(t).json(t), map[string]any{"override_callback_uri": "https://example.com/hook", "verify_token": "v"})
	apps, err := c.SubscribedApps(context.Background(), ourWABA)
	if err != nil {
		t.Fatal(err)
	}
	is(t, apps, []graph.SubscribedApp{{ID: "670843887433847", Name: "Puente", Link: "https://example.com", CallbackURL: "https://example.com/hook"}})
	if err := c.SubscribeApp(context.Background(), ourWABA, &graph.Callback{URL: "https://" + strings.Repeat("x", 200)}); !errors.Is(err, errs.ErrTooLarge) {
		t.Fatal(err)
	}
}

func TestBlock(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			says(200, `{"block_users":{"added_users":[{"input":"+16505551234","wa_id":"16505551234"}],"failed_users":[{"input":"US.1","errors":[{"code":139103}]}]}}`)(w, r)
		case http.MethodDelete:
			says(200, `{"block_users":{"removed_users":[{"input":"+16505551234","wa_id":"16505551234"}]}}`)(w, r)
		default:
			says(200, `{"data":[{"messaging_product":"whatsapp","wa_id":"16505551234"}],"paging":{"cursors":{"after":"n"},"next":"x"}}`)(w, r)
		}
	})
	c := s.client(t)
	got, err := c.BlockUsers(context.Background(), ourNumber, "16505551234", "US.1")
	if err != nil {
		t.Fatal(err)
	}
	is(t, []any{got.Done[0].WaID, got.Failed[0].Errors[0].Code}, []any{graph.Literal("16505551234"), graph.Number(139103)})
	is(t, s.last(t).json(t)["block_users"], any([]any{map[string]any{"user": "+16505551234"}, map[string]any{"user_id": "US.1"}}))
	got, err = c.UnblockUsers(context.Background(), ourNumber, "+16505551234")
	if err != nil || len(got.Done) != 1 || s.last(t).method != http.MethodDelete {
		t.Fatal(got, err)
	}
	users, next, err := c.BlockedUsers(context.Background(), ourNumber, "m")
	if err != nil {
		t.Fatal(err)
	}
	is(t, []any{len(users), next, s.last(t).query["after"]}, []any{1, "n", []string{"m"}})
	for _, users := range [][]string{nil, {"nobody"}} {
		if _, err := c.BlockUsers(context.Background(), ourNumber, users...); !errors.Is(err, errs.ErrInvalid) {
			t.Errorf("%v: %v", users, err)
		}
	}
}
