package telegram

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/go-telegram/bot"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/telegram/botapi"
	"puente/core/base/clock"
)

const (
	// secretHeader proves that it is Telegram who calls. ref: reference/telegram-bot.md §2, setWebhook
	secretHeader = "X-Telegram-Bot-Api-Secret-Token" //nolint:gosec // the header's name, no credential
	// maxWebhookBody is far above what one update can have.
	maxWebhookBody = 4 << 20
)

// Webhooks implements network.Connector.
func (c *Connector) Webhooks() http.Handler {
	if c.config.Mode != modeWebhook {
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhook/{bot}", c.takeWebhook)
	return mux
}

// takeWebhook commits what Telegram sends and only then answers 200; anything else makes Telegram send it again.
func (c *Connector) takeWebhook(w http.ResponseWriter, r *http.Request) {
	botID, err := strconv.ParseInt(r.PathValue("bot"), 10, 64)
	var cl *Client
	if err == nil {
		cl, err = c.botClient(botID)
	}
	if err != nil || !c.isTelegram(cl, r) {
		c.log.Warn().Msg("Webhook with a wrong secret refused; if it was Telegram's, log the bot in again")
		http.Error(w, secretHeader+" does not match", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhookBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		http.Error(w, "the body is over 4 MB", http.StatusRequestEntityTooLarge)
		return
	} else if err != nil {
		http.Error(w, "the body could not be read", http.StatusBadRequest)
		return
	}
	if err = cl.take(r.Context(), body); err != nil {
		c.log.Error().Err(err).Msg("Webhook not committed, Telegram will send it again")
		http.Error(w, "not committed, send it again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (c *Connector) isTelegram(cl *Client, r *http.Request) bool {
	api := cl.own.Load()
	if api == nil {
		return false
	}
	// The digests are compared, so that neither content nor length shows in the time taken.
	got, want := sha256.Sum256([]byte(r.Header.Get(secretHeader))), sha256.Sum256([]byte(c.secretOf(api)))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// secretOf is the secret of a bot's webhook: the configured one, or one that only who has the token can make.
func (c *Connector) secretOf(api *botapi.Client) string {
	if c.config.WebhookSecret != "" {
		return c.config.WebhookSecret
	}
	mac := hmac.New(sha256.New, []byte(api.Token()))
	mac.Write([]byte("puente webhook"))
	return hex.EncodeToString(mac.Sum(nil))
}

func (c *Connector) webhookURL(botID int64) string {
	return c.env.PublicURL + "/" + networkID + "/webhook/" + strconv.FormatInt(botID, 10)
}

// keepWebhook has Telegram call us, and sees to it that it stays so.
func (cl *Client) keepWebhook(ctx context.Context, api *botapi.Client) (heard bool, err error) {
	c := cl.connector
	address := c.webhookURL(api.ID())
	for {
		_, err = api.SetWebhook(ctx, &bot.SetWebhookParams{URL: address, AllowedUpdates: allowedUpdates(), SecretToken: c.secretOf(api)})
		if err != nil {
			return heard, fmt.Errorf("set the bot's webhook: %w", err)
		}
		heard = true
		cl.report(status.BridgeState{StateEvent: status.StateConnected})
		for still := true; still; {
			if err = clock.Sleep(ctx, c.clock, watchWebhook); err != nil {
				return heard, err
			}
			info, err := api.GetWebhookInfo(ctx)
			if err != nil {
				return heard, fmt.Errorf("look after the bot's webhook: %w", err)
			}
			still = info.URL == address
		}
		c.log.Warn().Int64("bot_id", api.ID()).Msg("Somebody else changed a bot's webhook; it is set again")
	}
}
