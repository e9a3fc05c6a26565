package graph

import (
	"time"

	"puente/core/base/errs"
)

// accountCodes are about the token, the account, the number and its limits. Never written to.
var accountCodes = map[int]Explanation{
	0:      {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "WhatsApp does not accept this number's access token.", NextStep: "Ask your administrator to log the number in again."},
	190:    {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "This number's access token has expired or was withdrawn.", NextStep: "Ask your administrator to log the number in again with a new token."},
	104:    {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "The access token is missing.", NextStep: "Ask your administrator to log the number in again."},
	3:      {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "The app is not allowed to do this on WhatsApp.", NextStep: "Ask your administrator to check the app's permissions at Meta."},
	10:     {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "The access token lacks a permission.", NextStep: "Ask your administrator to grant whatsapp_business_messaging and whatsapp_business_management."},
	200:    {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "The access token lacks a permission.", NextStep: "Ask your administrator to grant whatsapp_business_messaging and whatsapp_business_management."},
	131005: {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "The access token may not use this number.", NextStep: "Ask your administrator to give the system user access to the WhatsApp account."},
	368:    {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "Meta has blocked this account for a breach of its policies.", NextStep: "Ask your administrator to appeal in the Business Support centre."},
	131031: {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "Meta has locked this account.", NextStep: "Ask your administrator to look at Account Quality at Meta and to appeal."},
	131037: {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "This number has no approved display name yet.", NextStep: "Ask your administrator to get the display name approved."},
	131042: {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "Meta cannot bill this account.", NextStep: "Ask your administrator to mend the payment method at Meta."},
	131044: {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "Meta cannot bill calls to this account.", NextStep: "Ask your administrator to mend the payment method at Meta."},
	131045: {Class: AccountStopped, Reason: "This number is not registered properly with WhatsApp.", NextStep: "Ask your administrator to register the number again."},
	131048: {Class: AccountStopped, kind: errs.ErrForbidden, Reason: "Too many messages of this number were blocked or reported as spam.", NextStep: "Stop sending, and ask your administrator to look at the number's quality."},
	131064: {Class: Final, kind: errs.ErrForbidden, Reason: "The daily limit of customers is reached because templates were misused.", NextStep: askAdmin},
	133010: {Class: AccountStopped, kind: errs.ErrNotFound, Reason: "This number is not registered with the Cloud API.", NextStep: "Ask your administrator to register the number."},
	33:     {Class: Final, kind: errs.ErrNotFound, Reason: "WhatsApp does not know this number or ID; it may have been deleted.", NextStep: "Ask your administrator to check the phone number ID."},
	803:    {Class: Final, kind: errs.ErrNotFound, Reason: "WhatsApp does not know this number or ID; it may have been deleted.", NextStep: "Ask your administrator to check the IDs of the number and the account."},
	130497: {Class: Final, kind: errs.ErrForbidden, Reason: "This business may not write to customers in that country.", NextStep: "Reach the customer on another channel."},

	1:      {Class: RetryOnce, After: 5 * time.Second, Tries: 1, Reason: "WhatsApp could not handle this request.", NextStep: "It is tried once more; if it fails again, send it in another form."},
	2:      {Class: Retry, After: 5 * time.Second, Reason: "WhatsApp is out of order for the moment.", NextStep: willRetry},
	131016: {Class: Retry, After: 5 * time.Second, Reason: "WhatsApp is overloaded for the moment.", NextStep: willRetry},
	133004: {Class: Retry, After: 5 * time.Second, Reason: "WhatsApp's server is unavailable for the moment.", NextStep: willRetry},
	131057: {Class: Retry, After: time.Minute, Reason: "This number is under maintenance at WhatsApp, usually for a minute.", NextStep: willRetry},

	codeUserLimit:    {Class: Retry, After: 2 * time.Minute, Reason: "This access token made too many calls to Meta.", NextStep: "Nothing to do: it is tried again in some minutes."},
	codeAppLimit:     {Class: Retry, After: 2 * time.Minute, Reason: "The app made too many calls to Meta.", NextStep: "Nothing to do: it is tried again in some minutes."},
	codeAccountLimit: {Class: Retry, After: 2 * time.Minute, Reason: "The WhatsApp account made too many calls to Meta.", NextStep: "Nothing to do: it is tried again in some minutes."},
	codeThroughput:   {Class: Retry, After: 2 * time.Second, Reason: "This number sends faster than WhatsApp allows.", NextStep: "Nothing to do: it is tried again in some seconds."},
	codePairLimit:    {Class: PairLimited, After: time.Second, Reason: "Too many messages went to this customer in a short time.", NextStep: "Nothing to do: the messages of this chat follow more slowly."},

	133000: {Class: Final, kind: errs.ErrConflict, Reason: "An earlier deregistration of this number did not finish.", NextStep: "Deregister the number again, then register it."},
	133005: {Class: Final, kind: errs.ErrInvalid, Reason: "The two-step PIN is wrong.", NextStep: "Enter the PIN of this number, or set a new one at Meta."},
	133006: {Class: Final, kind: errs.ErrInvalid, Reason: "The number must be verified before it is registered.", NextStep: "Request a code for the number and verify it first."},
	133008: {Class: Final, kind: errs.ErrForbidden, Reason: "The two-step PIN was wrong too often.", NextStep: "Wait as long as Meta's answer says, then enter the right PIN."},
	133009: {Class: Final, kind: errs.ErrForbidden, Reason: "The two-step PIN was entered too fast.", NextStep: "Wait a moment, then enter it again."},
	133015: {Class: Retry, After: 5 * time.Minute, Reason: "This number was deleted a moment ago.", NextStep: "It can be registered again after five minutes."},
	133016: {Class: Final, kind: errs.ErrForbidden, Reason: "The number was registered or deregistered too often.", NextStep: "Try again after 72 hours."},
	147001: {Class: Final, kind: errs.ErrConflict, Reason: "The username is taken.", NextStep: "Choose another username."},
	147002: {Class: Final, kind: errs.ErrForbidden, Reason: "This number is not eligible for a username.", NextStep: askAdmin},
	147003: {Class: Final, kind: errs.ErrForbidden, Reason: "The username belongs to a Facebook page that is not linked.", NextStep: "Link the Facebook page first."},
	147004: {Class: Final, kind: errs.ErrForbidden, Reason: "The username belongs to an Instagram account that is not linked.", NextStep: "Link the Instagram account first."},
	147005: {Class: Final, kind: errs.ErrConflict, Reason: "The username must be transferred first.", NextStep: askAdmin},

	2593107: {Class: Final, kind: errs.ErrConflict, Reason: "The Business app's data was synchronised already.", NextStep: "Connect the number again to repeat it."},
	2593108: {Class: Final, kind: errs.ErrForbidden, Reason: "The Business app's data can be synchronised only within 24 hours of connecting.", NextStep: "Connect the number again."},
	2593109: {Class: Final, kind: errs.ErrForbidden, Reason: "The business chose not to share its chat history.", NextStep: "Connect the number again and agree to share it, if it is wanted."},
}
