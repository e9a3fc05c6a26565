package graph

import (
	"context"
	"encoding/json"
	"net/url"
)

// TemplateFilter chooses templates; empty members choose all.
type TemplateFilter struct {
	Name     string
	Status   string // APPROVED, PAUSED, REJECTED…
	Category string // MARKETING, UTILITY, AUTHENTICATION
	Language string
	Limit    int    // templates per page; 0 leaves it to Meta
	After    string // TemplatePage.After of the page before
}

// TemplateInfo is a template as Meta keeps it.
type TemplateInfo struct {
	ID              string              `json:"id"`
	Name            string              `json:"name"`
	Language        string              `json:"language"`
	Status          string              `json:"status"`   // only APPROVED can be sent
	Category        string              `json:"category"` // MARKETING, UTILITY, AUTHENTICATION
	ParameterFormat string              `json:"parameter_format"`
	RejectedReason  string              `json:"rejected_reason"`
	Components      []TemplateComponent `json:"components"`
	Quality         struct {
		Score string `json:"score"` // GREEN, YELLOW, RED, UNKNOWN
	} `json:"quality_score"`
}

// TemplateComponent is a part of a template.
type TemplateComponent struct {
	Type    string           `json:"type"`   // HEADER, BODY, FOOTER, BUTTONS…
	Format  string           `json:"format"` // of a HEADER: TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION
	Text    string           `json:"text"`   // with {{1}} or {{name}} for variables
	Buttons []TemplateButton `json:"buttons"`
	Example json.RawMessage  `json:"example"`
}

// TemplateButton is a button of a template.
type TemplateButton struct {
	Type        string          `json:"type"` // QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE, FLOW…
	Text        string          `json:"text"`
	URL         string          `json:"url"` // may end in {{1}}
	PhoneNumber string          `json:"phone_number"`
	Example     json.RawMessage `json:"example"`
}

// TemplatePage is one page of templates. After is "" on the last one.
type TemplatePage struct {
	Templates []TemplateInfo
	After     string
}

// Templates lists one page of an account's templates.
func (c *Client) Templates(ctx context.Context, wabaID string, filter TemplateFilter) (TemplatePage, error) {
	query := pageQuery(filter.After, filter.Limit)
	query.Set("fields", "name,status,category,language,components,parameter_format,quality_score,rejected_reason")
	setIf(query, "name", filter.Name)
	setIf(query, "status", filter.Status)
	setIf(query, "category", filter.Category)
	setIf(query, "language", filter.Language)
	var answer struct {
		Data   []TemplateInfo `json:"data"`
		Paging paging         `json:"paging"`
	}
	if err := c.get(ctx, "list templates", "WABA ID", wabaID, "/message_templates", query, &answer); err != nil {
		return TemplatePage{}, err
	}
	return TemplatePage{Templates: answer.Data, After: answer.Paging.after()}, nil
}

// AllTemplates lists all of an account's templates that filter chooses.
func (c *Client) AllTemplates(ctx context.Context, wabaID string, filter TemplateFilter) ([]TemplateInfo, error) {
	var all []TemplateInfo
	seen := map[string]bool{}
	for {
		page, err := c.Templates(ctx, wabaID, filter)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Templates...)
		// A cursor that comes again would make this endless.
		if page.After == "" || seen[page.After] {
			return all, nil
		}
		seen[page.After] = true
		filter.After = page.After
	}
}

func setIf(query url.Values, name, value string) {
	if value != "" {
		query.Set(name, value)
	}
}
