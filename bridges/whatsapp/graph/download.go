package graph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"puente/bridges/bridgekit/guard"
	"puente/core/base/errs"
)

// maxHops is how many redirects a download follows.
const maxHops = 5

// DownloadMedia opens a file by the URL of a webhook or of MediaInfo. Close the body. size is -1 when
// Meta does not say it; mimeType may be empty. A URL older than five minutes is errs.ErrNotFound: ask
// MediaInfo for a new one. The token goes to Meta's hosts only.
func (c *Client) DownloadMedia(ctx context.Context, address string) (body io.ReadCloser, size int64, mimeType string, err error) {
	const op = "download media"
	if c.invalid != nil {
		return nil, 0, "", fmt.Errorf("%s: %w", op, c.invalid)
	}
	target, err := url.Parse(address)
	if err != nil {
		return nil, 0, "", fmt.Errorf("%s: not an address: %w", op, errs.ErrInvalid)
	}
	for range maxHops {
		resp, err := c.fetch(ctx, target)
		if err != nil {
			return nil, 0, "", fmt.Errorf("%s: %w", op, err)
		}
		if resp.StatusCode == http.StatusOK {
			return resp.Body, resp.ContentLength, resp.Header.Get("Content-Type"), nil
		}
		target, err = c.further(op, target, resp)
		_ = resp.Body.Close()
		if err != nil {
			return nil, 0, "", err
		}
	}
	return nil, 0, "", fmt.Errorf("%s: more than %d redirects: %w", op, maxHops, errs.ErrInvalid)
}

// fetch asks one host for the file.
func (c *Client) fetch(ctx context.Context, target *url.URL) (*http.Response, error) {
	if target.Host == "" || target.Scheme != "https" && !c.isBase(target) {
		return nil, fmt.Errorf("address of the media is not https: %w", errs.ErrInvalid)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", bare(err))
	}
	// Without a User-Agent Meta's media hosts refuse. ref: whatsapp-cloud.md §4.2
	req.Header.Set("User-Agent", defaultUserAgent)
	client := c.outside
	if c.mayHaveToken(target) {
		client = c.http
		req.Header.Set("Authorization", "Bearer "+c.token())
	}
	resp, err := client.Do(req)
	switch {
	case err == nil:
		return resp, nil
	case errors.Is(err, guard.ErrPrivate):
		return nil, fmt.Errorf("%w: %w", errs.ErrInvalid, bare(err))
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, bare(err)
	}
	return nil, errs.Tell(errs.Temporary(bare(err), 0), tellUnreachable)
}

// further reads an answer that is not the file: where it lies now, or why it cannot be had.
func (c *Client) further(op string, from *url.URL, resp *http.Response) (*url.URL, error) {
	if resp.StatusCode >= 300 && resp.StatusCode <= 399 {
		next, err := from.Parse(resp.Header.Get("Location"))
		if err != nil || resp.Header.Get("Location") == "" {
			return nil, fmt.Errorf("%s: redirect to nowhere: %w", op, errs.ErrInvalid)
		}
		return next, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		body = nil // the status says enough
	}
	return nil, call{op: op}.refused(readError(resp.StatusCode, resp.Header, body, c.clock.Now()))
}

// mayHaveToken tells whether a host may see the token: the Graph API's own and Meta's media hosts.
func (c *Client) mayHaveToken(target *url.URL) bool {
	if c.isBase(target) {
		return true
	}
	host := strings.ToLower(target.Hostname())
	for _, domain := range []string{".fbsbx.com", ".facebook.com", ".whatsapp.net"} {
		if target.Scheme == "https" && strings.HasSuffix(host, domain) {
			return true
		}
	}
	return false
}

// isBase tells whether target has the scheme, host and port of BaseURL.
func (c *Client) isBase(target *url.URL) bool {
	return target.Scheme == c.base.Scheme && strings.EqualFold(target.Host, c.base.Host)
}
