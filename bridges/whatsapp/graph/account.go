package graph

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"puente/core/base/errs"
)

// PhoneNumber is the health of one of the business's own numbers. ref: whatsapp-cloud.md §8
type PhoneNumber struct {
	ID                     Literal `json:"id"`
	DisplayPhoneNumber     Literal `json:"display_phone_number"`
	VerifiedName           string  `json:"verified_name"`
	QualityRating          string  `json:"quality_rating"` // GREEN, YELLOW, RED, NA, UNKNOWN
	NameStatus             string  `json:"name_status"`
	CodeVerificationStatus string  `json:"code_verification_status"`
	Status                 string  `json:"status"`        // CONNECTED…
	PlatformType           string  `json:"platform_type"` // CLOUD_API…
	OnBusinessApp          Flag    `json:"is_on_biz_app"` // coexistence: 20 messages a second
	MessagingLimit         Literal `json:"whatsapp_business_manager_messaging_limit"`
	Throughput             struct {
		Level string `json:"level"` // STANDARD, HIGH
	} `json:"throughput"`
}

const phoneNumberFields = "display_phone_number,verified_name,quality_rating,name_status,code_verification_status," +
	"status,throughput,platform_type,is_on_biz_app,whatsapp_business_manager_messaging_limit"

// PhoneNumber reads the state of a number; it is the probe for whether token and number work.
func (c *Client) PhoneNumber(ctx context.Context, phoneNumberID string) (PhoneNumber, error) {
	var number PhoneNumber
	err := c.get(ctx, "read phone number", "phone number ID", phoneNumberID, "", url.Values{"fields": {phoneNumberFields}}, &number)
	return number, err
}

// BusinessProfile is what customers see of the business.
type BusinessProfile struct {
	About             string   `json:"about"`
	Address           string   `json:"address"`
	Description       string   `json:"description"`
	Email             string   `json:"email"`
	ProfilePictureURL string   `json:"profile_picture_url"`
	Websites          []string `json:"websites"`
	Vertical          string   `json:"vertical"`
}

// BusinessProfile reads the profile of a number.
func (c *Client) BusinessProfile(ctx context.Context, phoneNumberID string) (BusinessProfile, error) {
	var answer struct {
		Data []struct {
			BusinessProfile
			// The OpenAPI file wraps the profile once more than the documentation does.
			Wrapped *BusinessProfile `json:"business_profile"`
		} `json:"data"`
	}
	query := url.Values{"fields": {"about,address,description,email,profile_picture_url,websites,vertical"}}
	err := c.get(ctx, "read business profile", "phone number ID", phoneNumberID, "/whatsapp_business_profile", query, &answer)
	if err != nil || len(answer.Data) == 0 {
		return BusinessProfile{}, err
	}
	if answer.Data[0].Wrapped != nil {
		return *answer.Data[0].Wrapped, nil
	}
	return answer.Data[0].BusinessProfile, nil
}

// get makes a GET for an ID.
func (c *Client) get(ctx context.Context, op, name, value, rest string, query url.Values, out any) error {
	path, err := id(name, value)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return c.do(ctx, call{op: op, method: http.MethodGet, path: path + rest, query: query}, out)
}

// Callback is an address of its own for one account's messages, instead of the app's.
type Callback struct {
	URL         string `json:"override_callback_uri"` // https, at most 200 characters
	VerifyToken string `json:"verify_token"`
}

// SubscribeApp makes Meta send the webhooks of an account to the token's app; callback may be nil.
func (c *Client) SubscribeApp(ctx context.Context, wabaID string, callback *Callback) error {
	const op = "subscribe app"
	path, err := id("WABA ID", wabaID)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	k := call{op: op, method: http.MethodPost, path: path + "/subscribed_apps"}
	if callback != nil {
		if len(callback.URL) > 200 {
			return fmt.Errorf("%s: override_callback_uri has more than 200 characters: %w", op, errs.ErrTooLarge)
		}
		k.json = callback
	}
	return c.succeed(ctx, k)
}

// SubscribedApp is an app that gets an account's webhooks.
type SubscribedApp struct {
	ID          string
	Name        string
	Link        string
	CallbackURL string // "" when it is the app's own
}

// SubscribedApps lists the apps that get an account's webhooks.
func (c *Client) SubscribedApps(ctx context.Context, wabaID string) ([]SubscribedApp, error) {
	var answer struct {
		Data []struct {
			App struct {
				ID   Literal `json:"id"`
				Name string  `json:"name"`
				Link string  `json:"link"`
			} `json:"whatsapp_business_api_data"`
			Callback string `json:"override_callback_uri"`
		} `json:"data"`
	}
	if err := c.get(ctx, "list subscribed apps", "WABA ID", wabaID, "/subscribed_apps", nil, &answer); err != nil {
		return nil, err
	}
	apps := make([]SubscribedApp, len(answer.Data))
	for i, one := range answer.Data {
		apps[i] = SubscribedApp{ID: string(one.App.ID), Name: one.App.Name, Link: one.App.Link, CallbackURL: one.Callback}
	}
	return apps, nil
}

// pageQuery is how Meta's lists are paged.
func pageQuery(after string, limit int) url.Values {
	query := url.Values{}
	if after != "" {
		query.Set("after", after)
	}
	if limit > 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	return query
}

// paging is Meta's end of a page. Next is missing on the last one, although cursors are there.
type paging struct {
	Cursors struct {
		After string `json:"after"`
	} `json:"cursors"`
	Next string `json:"next"`
}

// after is the cursor of the next page, "" when there is none.
func (p paging) after() string {
	if p.Next == "" {
		return ""
	}
	return p.Cursors.After
}
