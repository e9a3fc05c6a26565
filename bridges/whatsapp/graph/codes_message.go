package graph

import (
	"time"

	"puente/core/base/errs"
)

// messageCodes are about one message and its recipient. Never written to.
var messageCodes = map[int]Explanation{
	100:                  {Class: Final, kind: errs.ErrInvalid, Reason: "WhatsApp found a wrong value in the message.", NextStep: badRequest},
	131008:               {Class: Final, kind: errs.ErrInvalid, Reason: "WhatsApp misses a value in the message.", NextStep: badRequest},
	131009:               {Class: Final, kind: errs.ErrInvalid, Reason: "WhatsApp found a wrong value in the message, or it refers to a message that is too old.", NextStep: badRequest},
	130472:               {Class: Final, kind: errs.ErrForbidden, Reason: "This customer is part of an experiment in which Meta holds marketing messages back.", NextStep: "Wait until the customer writes, or use another channel."},
	131000:               {Class: Retry, After: 5 * time.Second, Tries: 3, Reason: "WhatsApp failed for an unknown reason.", NextStep: "It is tried some more times; if it still fails, send it again later."},
	131021:               {Class: Final, kind: errs.ErrInvalid, Reason: "The number cannot write to itself.", NextStep: "Choose another recipient."},
	131026:               {Class: Final, kind: errs.ErrNotFound, Reason: "The message cannot be delivered: the number may not be on WhatsApp, the app may be too old, or the customer has not accepted WhatsApp's terms.", NextStep: "Check the number, or reach the customer on another channel."},
	131030:               {Class: Final, kind: errs.ErrForbidden, Reason: "This is a test number, and the recipient is not on its list.", NextStep: "Ask your administrator to add the recipient at Meta."},
	131047:               {Class: Final, kind: errs.ErrForbidden, Reason: "The customer has not written for more than 24 hours, so WhatsApp takes only templates.", NextStep: "Send an approved template, or wait until the customer writes."},
	131049:               {Class: Final, kind: errs.ErrForbidden, Reason: "Meta held this message back because the customer got many marketing messages lately.", NextStep: "Do not send it again before 24 hours have passed."},
	codeStoppedMarketing: {Class: Final, kind: errs.ErrForbidden, Reason: "The customer does not want marketing messages from you.", NextStep: "Do not send marketing to this customer."},
	131051:               {Class: Final, kind: errs.ErrUnsupported, Reason: "WhatsApp's business interface does not carry this kind of message.", NextStep: "Ask for it, or send it, in another form."},
	131052:               {Class: Final, Reason: "WhatsApp could not fetch the attachment.", NextStep: "Ask the sender to send it again."},
	131053:               {Class: Final, kind: errs.ErrInvalid, Reason: "WhatsApp could not take the attachment; its type may not match its content.", NextStep: "Send the file in another format."},
	131055:               {Class: Final, kind: errs.ErrInvalid, Reason: "This way of sending takes only marketing templates.", NextStep: fixTemplate},
	131059:               {Class: Final, kind: errs.ErrInvalid, Reason: "The position in a list is no longer valid.", NextStep: "Read the list again from its start."},
	131060:               {Class: Final, kind: errs.ErrUnsupported, Reason: "The message came from a device of the customer that WhatsApp's business interface does not support.", NextStep: "Ask the customer to send it from the phone."},
	131062:               {Class: Final, kind: errs.ErrInvalid, Reason: "This template needs the customer's phone number, which WhatsApp hides.", NextStep: "Ask the customer for the number, or send another template."},
	131063:               {Class: Final, kind: errs.ErrForbidden, Reason: "Marketing templates are switched off for this account.", NextStep: askAdmin},
	134011:               {Class: Final, kind: errs.ErrForbidden, Reason: "The terms for payments have not been accepted.", NextStep: "Ask your administrator to accept them at Meta."},
	134100:               {Class: Final, kind: errs.ErrInvalid, Reason: "This way of sending takes only marketing templates.", NextStep: fixTemplate},
	134101:               {Class: Retry, After: 10 * time.Minute, Reason: "The template is still being prepared at Meta.", NextStep: "Nothing to do: it is tried again in ten minutes."},
	134102:               {Class: Final, Reason: "The template cannot be sent this way at present.", NextStep: fixTemplate},
	135000:               {Class: Final, kind: errs.ErrInvalid, Reason: "WhatsApp refused the message without saying why.", NextStep: badRequest},
	137000:               {Class: Final, kind: errs.ErrConflict, Reason: "The customer's identity has changed since you last confirmed it, for example with a new phone.", NextStep: "Make sure that you still write to the same person, then send again."},

	139100: {Class: Final, Reason: "Some of the customers could not be blocked or unblocked.", NextStep: "Only customers who wrote within 24 hours can be blocked."},
	139101: {Class: Final, kind: errs.ErrTooLarge, Reason: "The list of blocked customers is full.", NextStep: "Unblock somebody first."},
	139102: {Class: Retry, After: 5 * time.Second, Reason: "The list of blocked customers is being changed by somebody else.", NextStep: willRetry},
	139103: {Class: Retry, After: 5 * time.Second, Reason: "WhatsApp could not change the list of blocked customers.", NextStep: willRetry},
}

// templateCodes are about templates and flows. Never written to.
var templateCodes = map[int]Explanation{
	132000: {Class: Final, kind: errs.ErrInvalid, Reason: "The number of variables does not match the template.", NextStep: fixTemplate},
	132001: {Class: Final, kind: errs.ErrNotFound, Reason: "The template does not exist in this language or is not approved.", NextStep: "Choose another template or language."},
	132005: {Class: Final, kind: errs.ErrTooLarge, Reason: "The template becomes too long with these variables.", NextStep: "Shorten the variables."},
	132007: {Class: Final, kind: errs.ErrForbidden, Reason: "The template's content breaks a policy of WhatsApp.", NextStep: "Choose another template."},
	132008: {Class: Final, kind: errs.ErrInvalid, Reason: "A variable of the template has a value that is not allowed.", NextStep: fixTemplate},
	132012: {Class: Final, kind: errs.ErrInvalid, Reason: "A variable of the template has the wrong form.", NextStep: fixTemplate},
	132015: {Class: Final, kind: errs.ErrForbidden, Reason: "The template is paused because customers rated it badly.", NextStep: "Choose another template, or improve this one."},
	132016: {Class: Final, kind: errs.ErrForbidden, Reason: "The template is switched off for good because customers rated it badly.", NextStep: "Choose another template."},
	132018: {Class: Final, kind: errs.ErrInvalid, Reason: "The template's variables are not valid.", NextStep: fixTemplate},
	132068: {Class: Final, kind: errs.ErrForbidden, Reason: "The form is blocked.", NextStep: "Ask your administrator to mend the flow at Meta."},
	132069: {Class: Retry, After: time.Hour, Reason: "The form was sent too often in the last hour.", NextStep: "It can be sent again in an hour."},

	2388019: {Class: Final, kind: errs.ErrTooLarge, Reason: "The account has as many templates as it may have.", NextStep: "Delete a template first."},
	2388040: {Class: Final, kind: errs.ErrTooLarge, Reason: "A text of the template is too long.", NextStep: "Shorten it."},
	2388047: {Class: Final, kind: errs.ErrInvalid, Reason: "The template's header is not valid.", NextStep: "Check the header's form and its variables."},
	2388072: {Class: Final, kind: errs.ErrInvalid, Reason: "The template's body is not valid.", NextStep: "Check the body's form and its variables."},
	2388073: {Class: Final, kind: errs.ErrInvalid, Reason: "The template's footer is not valid.", NextStep: "Check the footer; it takes no variables."},
	2388293: {Class: Final, kind: errs.ErrInvalid, Reason: "The template has too many variables for its length.", NextStep: "Write more text or use fewer variables."},
	2388299: {Class: Final, kind: errs.ErrInvalid, Reason: "A variable stands at the start or at the end of the template.", NextStep: "Put words before and after each variable."},
}
