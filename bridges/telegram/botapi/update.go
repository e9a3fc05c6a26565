package botapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"puente/core/base/errs"
)

// pollTimeout is for how long Telegram holds a question for updates; the server's own ceiling is 50 seconds.
// ref: reference/telegram-bot.md §2
const pollTimeout = 50 * time.Second

// mostUpdates is how many updates an answer may hold.
const mostUpdates = 100

// Updates asks for the updates from offset on and waits for one if there is none yet; wait is cut to 50 seconds. The
// question confirms all updates below offset, which are then gone: whatever came must be kept before. They come as
// Telegram wrote them.
func (c *Client) Updates(ctx context.Context, offset int64, wait time.Duration, allowed []string) ([]json.RawMessage, error) {
	params, err := json.Marshal(map[string]any{
		"offset": offset, "limit": mostUpdates, "timeout": int(min(wait, pollTimeout).Seconds()), "allowed_updates": allowed,
	})
	if err != nil {
		return nil, fmt.Errorf("ask for updates: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/bot"+c.token+"/getUpdates", bytes.NewReader(params))
	if err != nil {
		return nil, fmt.Errorf("ask for updates: %w", errs.ErrInvalid)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := (*caller)(c).Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	var a struct {
		Result []json.RawMessage `json:"result"`
	}
	if err = json.NewDecoder(resp.Body).Decode(&a); err != nil {
		return nil, unreadable("getUpdates", resp.StatusCode)
	}
	return a.Result, nil
}
