package daemon

import (
	"context"
	"time"
)

// Version asks which version of signal-cli the daemon is.
func (c *Client) Version(ctx context.Context) (Version, error) {
	var result struct {
		Version string `json:"version"`
	}
	if err := c.ask(ctx, "version", nil, &result); err != nil {
		return Version{}, err
	}
	return ParseVersion(result.Version)
}

// Accounts lists the numbers of the accounts that the daemon has. A daemon for one account alone does not know this
// method (CodeNoMethod).
func (c *Client) Accounts(ctx context.Context) ([]string, error) {
	var result []struct {
		Number string `json:"number"`
	}
	if err := c.ask(ctx, "listAccounts", nil, &result); err != nil {
		return nil, err
	}
	numbers := make([]string, len(result))
	for i, account := range result {
		numbers[i] = account.Number
	}
	return numbers, nil
}

// StartLink begins to link the daemon to a phone and returns the link that the phone must scan as a QR code.
func (c *Client) StartLink(ctx context.Context) (uri string, err error) {
	var result struct {
		URI string `json:"deviceLinkUri"`
	}
	err = c.ask(ctx, "startLink", nil, &result)
	return result.URI, err
}

// FinishLink waits until the phone has scanned the link, at most for wait, and returns the account's number.
func (c *Client) FinishLink(ctx context.Context, uri, deviceName string, wait time.Duration) (number string, err error) {
	var result struct {
		Number string `json:"number"`
	}
	call := call{method: "finishLink", params: Params{"deviceLinkUri": uri, "deviceName": deviceName}, timeout: wait}
	err = c.askFor(ctx, call, &result)
	return result.Number, err
}

// registerTimeout is for what asks Signal's server to do something about a number.
const registerTimeout = time.Minute

// Register asks for a code by SMS, or by a call. Captcha is a link signalcaptcha://… or empty.
func (c *Client) Register(ctx context.Context, number, captcha string, voice bool) error {
	params := Params{"account": number}
	if captcha != "" {
		params["captcha"] = captcha
	}
	if voice {
		params["voice"] = true
	}
	return c.askFor(ctx, call{method: "register", params: params, timeout: registerTimeout}, nil)
}

// Verify ends a registration with the code that came, and the PIN if the number has one.
func (c *Client) Verify(ctx context.Context, number, code, pin string) error {
	params := Params{"account": number, "verificationCode": code}
	if pin != "" {
		params["pin"] = pin
	}
	return c.askFor(ctx, call{method: "verify", params: params, timeout: registerTimeout}, nil)
}

// ACI asks for the account ID behind a number; empty if Signal does not tell.
func (c *Client) ACI(ctx context.Context, account, number string) (string, error) {
	var result []struct {
		UUID string `json:"uuid"`
	}
	err := c.ask(ctx, "getUserStatus", Params{"account": account, "recipient": []string{number}}, &result)
	if err != nil || len(result) == 0 {
		return "", err
	}
	return result[0].UUID, nil
}
