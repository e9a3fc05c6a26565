package graph

import (
	"context"
	"fmt"
	"net/http"

	"puente/core/base/errs"
)

// BlockResult tells whom a block or unblock reached.
type BlockResult struct {
	Done   []BlockedUser
	Failed []BlockedUser // with Errors
}

// BlockedUser is a customer who is or was blocked.
type BlockedUser struct {
	Input  Literal   `json:"input"` // as given
	WaID   Literal   `json:"wa_id"`
	UserID string    `json:"user_id"`
	Errors []Problem `json:"errors"`
}

// BlockUsers blocks customers, named by phone number or business-scoped user ID. Only those who wrote
// within 24 hours can be blocked; when some fail, Meta answers 139100 and nothing more is known.
// ref: whatsapp-cloud.md §8
func (c *Client) BlockUsers(ctx context.Context, phoneNumberID string, users ...string) (BlockResult, error) {
	return c.block(ctx, "block users", http.MethodPost, phoneNumberID, users)
}

// UnblockUsers takes a block back.
func (c *Client) UnblockUsers(ctx context.Context, phoneNumberID string, users ...string) (BlockResult, error) {
	return c.block(ctx, "unblock users", http.MethodDelete, phoneNumberID, users)
}

func (c *Client) block(ctx context.Context, op, method, phoneNumberID string, users []string) (BlockResult, error) {
	number, err := id("phone number ID", phoneNumberID)
	if err != nil {
		return BlockResult{}, fmt.Errorf("%s: %w", op, err)
	}
	list := make([]map[string]string, 0, len(users))
	for _, user := range users {
		switch {
		case isUserID(user):
			list = append(list, map[string]string{"user_id": user})
		case digits(user) != "":
			list = append(list, map[string]string{"user": "+" + digits(user)})
		default:
			return BlockResult{}, fmt.Errorf("%s: a user is neither number nor user ID: %w", op, errs.ErrInvalid)
		}
	}
	if len(list) == 0 {
		return BlockResult{}, fmt.Errorf("%s: no users named: %w", op, errs.ErrInvalid)
	}
	var answer struct {
		Users struct {
			Added   []BlockedUser `json:"added_users"`
			Removed []BlockedUser `json:"removed_users"`
			Failed  []BlockedUser `json:"failed_users"`
		} `json:"block_users"`
	}
	body := map[string]any{"messaging_product": product, "block_users": list}
	err = c.do(ctx, call{op: op, method: method, path: number + "/block_users", json: body}, &answer)
	if err != nil {
		return BlockResult{}, err
	}
	return BlockResult{Done: append(answer.Users.Added, answer.Users.Removed...), Failed: answer.Users.Failed}, nil
}

// BlockedUsers lists one page of the blocked customers; next is "" on the last page.
func (c *Client) BlockedUsers(ctx context.Context, phoneNumberID, after string) (users []BlockedUser, next string, err error) {
	var answer struct {
		Data   []BlockedUser `json:"data"`
		Paging paging        `json:"paging"`
	}
	err = c.get(ctx, "list blocked users", "phone number ID", phoneNumberID, "/block_users", pageQuery(after, 0), &answer)
	return answer.Data, answer.Paging.after(), err
}
