package daemon

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// Contact is a person as the daemon knows them. ref: reference/signal-cli.md §3, listContacts
type Contact struct {
	Number         string `json:"number"`
	UUID           string `json:"uuid"`
	Username       string `json:"username"`
	Name           string `json:"name"` // the address book's, else the profile's
	GivenName      string `json:"givenName"`
	FamilyName     string `json:"familyName"`
	NickName       string `json:"nickName"`
	IsBlocked      bool   `json:"isBlocked"`
	Expiration     int64  `json:"messageExpirationTime"` // seconds
	ProfileSharing *bool  `json:"profileSharing"`        // false: their first message was not accepted yet
	Profile        struct {
		LastUpdate int64  `json:"lastUpdateTimestamp"`
		GivenName  string `json:"givenName"`
		FamilyName string `json:"familyName"`
		HasAvatar  bool   `json:"hasAvatar"`
	} `json:"profile"`
}

// DisplayName is what the person is called: as the address book has it, else as they call themselves; empty if neither
// is known. The sourceName of what they send is the same.
func (c Contact) DisplayName() string {
	for _, name := range []string{c.Name, c.GivenName + " " + c.FamilyName, c.Profile.GivenName + " " + c.Profile.FamilyName} {
		if name = strings.TrimSpace(name); name != "" {
			return name
		}
	}
	return ""
}

// Contact asks for one person; nil if the daemon does not know them.
func (c *Client) Contact(ctx context.Context, account, recipient string) (*Contact, error) {
	var result []Contact
	params := Params{"account": account, "recipient": []string{recipient}, "allRecipients": true, "detailed": true}
	if err := c.ask(ctx, "listContacts", params, &result); err != nil {
		return nil, err
	}
	for i, contact := range result {
		if contact.UUID == recipient || contact.Number == recipient {
			return &result[i], nil
		}
	}
	return nil, nil
}

// Group is a group. ref: reference/signal-cli.md §3, listGroups
type Group struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	IsMember    bool      `json:"isMember"`
	IsBlocked   bool      `json:"isBlocked"`
	Expiration  int64     `json:"messageExpirationTime"` // seconds
	Members     []Member  `json:"members"`
	Admins      []Address `json:"admins"` // deprecated: Member.IsAdmin
}

// Member is somebody in a group.
type Member struct {
	Number  string `json:"number"`
	UUID    string `json:"uuid"`
	IsAdmin bool   `json:"isAdmin"`
}

// Groups lists the account's groups as the daemon knows them.
func (c *Client) Groups(ctx context.Context, account string) ([]Group, error) {
	var result []Group
	err := c.ask(ctx, "listGroups", Params{"account": account, "detailed": true}, &result)
	return result, err
}

// Group asks Signal's server for one group; nil if the account has none of that ID.
func (c *Client) Group(ctx context.Context, account, id string) (*Group, error) {
	var result []Group
	if err := c.ask(ctx, "listGroups", Params{"account": account, "groupId": []string{id}, "detailed": true}, &result); err != nil {
		return nil, err
	}
	for i, group := range result {
		if group.ID == id {
			return &result[i], nil
		}
	}
	return nil, nil
}

// Avatar fetches somebody's own picture, or a group's. What is not there is an *Error.
func (c *Client) Avatar(ctx context.Context, account string, of To) (io.ReadCloser, int64, error) {
	params := Params{"account": account}
	if of.GroupID != "" {
		params["groupId"] = of.GroupID
	} else {
		params["profile"] = of.Recipient
	}
	return c.fetch(ctx, "getAvatar", params)
}

// Attachment fetches a file that came with a message of the chat.
func (c *Client) Attachment(ctx context.Context, account, id string, chat To) (io.ReadCloser, int64, error) {
	params := Params{"account": account, "id": id}
	if chat.GroupID != "" {
		params["groupId"] = chat.GroupID
	} else {
		params["recipient"] = chat.Recipient
	}
	return c.fetch(ctx, "getAttachment", params)
}

// StickerImage fetches the picture of a sticker.
func (c *Client) StickerImage(ctx context.Context, account string, sticker Sticker) (io.ReadCloser, int64, error) {
	return c.fetch(ctx, "getSticker", Params{"account": account, "packId": sticker.PackID, "stickerId": sticker.StickerID})
}

// fetch makes a request whose answer is a file, in base64.
func (c *Client) fetch(ctx context.Context, method string, params Params) (io.ReadCloser, int64, error) {
	got, err := c.do(ctx, call{method: method, params: params, timeout: c.cfg.SendTimeout})
	if err != nil {
		got.blobs.close()
		return nil, 0, err
	}
	file, err := openData(method, got)
	if err != nil {
		got.blobs.close()
		return nil, 0, err
	}
	return file, file.size, nil
}

// fetched is a file that came; closing it removes it.
type fetched struct {
	io.Reader
	size  int64
	blobs blobs
}

// Close implements io.Closer.
func (f *fetched) Close() error {
	f.blobs.close()
	return nil
}

func openData(method string, got answer) (*fetched, error) {
	var result struct {
		Data *string `json:"data"`
	}
	if err := unmarshal(method, got.result, &result); err != nil {
		return nil, err
	}
	if result.Data == nil {
		return nil, &lostError{method: method, cause: fmt.Errorf("%w: its result has no data", errLine)}
	}
	if large := got.blobs.find(*result.Data); large != nil {
		in, size, err := large.open()
		if err != nil {
			return nil, err
		}
		return &fetched{Reader: in, size: size, blobs: got.blobs}, nil
	}
	data := *result.Data
	size := int64(base64.StdEncoding.DecodedLen(len(data)) - strings.Count(data[max(len(data)-2, 0):], "="))
	return &fetched{Reader: base64.NewDecoder(base64.StdEncoding, strings.NewReader(data)), size: size, blobs: got.blobs}, nil
}

// TrustNone is the trust level of an identity key that nobody has trusted yet.
const TrustNone = "UNTRUSTED"

// Identity is somebody's identity key.
type Identity struct {
	Number     string `json:"number"`
	UUID       string `json:"uuid"`
	TrustLevel string `json:"trustLevel"` // UNTRUSTED, TRUSTED_UNVERIFIED, TRUSTED_VERIFIED
}

// Identities lists the identity keys that the account has met.
func (c *Client) Identities(ctx context.Context, account string) ([]Identity, error) {
	var result []Identity
	err := c.ask(ctx, "listIdentities", Params{"account": account}, &result)
	return result, err
}
