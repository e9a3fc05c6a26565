package botapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-telegram/bot"

	"puente/core/base/errs"
)

// OpenFile opens a file that somebody sent, with its size or 0. One that Telegram no longer has is an
// errs.ErrNotFound, one that it does not hand over to bots (20 MB) an errs.ErrTooLarge.
// ref: reference/telegram-bot.md §4, Files
func (c *Client) OpenFile(ctx context.Context, fileID string) (body io.ReadCloser, size int64, err error) {
	file, err := c.GetFile(ctx, &bot.GetFileParams{FileID: fileID})
	if err != nil {
		return nil, 0, fmt.Errorf("ask for a file: %w", err)
	} else if file.FilePath == "" {
		return nil, 0, errs.Temporary(fmt.Errorf("ask for a file: no path: %w", errUnreadable), 0)
	}
	if c.local && filepath.IsAbs(file.FilePath) {
		return openLocal(file.FilePath)
	}
	return c.download(ctx, file.FilePath)
}

// openLocal opens a file where the local Bot API server has put it.
func openLocal(path string) (io.ReadCloser, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, errs.Temporary(fmt.Errorf("open a file of the local Bot API server, which must be readable for Puente: %w", errors.Unwrap(err)), 0)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, errs.Temporary(fmt.Errorf("look at a file of the local Bot API server: %w", err), 0)
	}
	return file, info.Size(), nil
}

func (c *Client) download(ctx context.Context, path string) (io.ReadCloser, int64, error) {
	if slices.Contains(strings.Split(path, "/"), "..") { // it would lead to another method
		return nil, 0, fmt.Errorf("fetch a file: its path leads elsewhere: %w", errs.ErrInvalid)
	}
	address := c.base + "/file/bot" + c.token + "/" + (&url.URL{Path: path}).EscapedPath()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("fetch a file: %w", errs.ErrInvalid)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, 0, broken(ctx, "file", err, false)
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, max(resp.ContentLength, 0), nil
	}
	_ = resp.Body.Close()
	err = fmt.Errorf("telegram file: HTTP %d", resp.StatusCode)
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return nil, 0, fmt.Errorf("%w: %w", err, errs.ErrNotFound)
	case resp.StatusCode == http.StatusUnauthorized:
		return nil, 0, (&Error{Method: "file", Code: resp.StatusCode, Description: "Unauthorized"}).told()
	}
	return nil, 0, errs.Temporary(err, 0)
}
