package graph

import (
	"time"

	"puente/core/base/errs"
)

const callReason = "WhatsApp could not handle the call."

// otherCodes are about groups and calls; lookUp maps 131209–131214 and 138000–138018 to their first
// member. Never written to.
var otherCodes = map[int]Explanation{
	131020: {Class: Final, kind: errs.ErrInvalid, Reason: "The group has no other member.", NextStep: "Invite the customer to the group first."},
	131041: {Class: Final, kind: errs.ErrNotFound, Reason: "WhatsApp does not know this group.", NextStep: askAdmin},
	131201: {Class: Final, Reason: "The change to the group worked only in part.", NextStep: "Look at the group and repeat what is missing."},
	131202: {Class: Final, kind: errs.ErrConflict, Reason: "The same change to the group was asked for already.", NextStep: "Nothing to do."},
	131204: {Class: Final, kind: errs.ErrTooLarge, Reason: "The group is full.", NextStep: "A group takes at most eight customers."},
	131207: {Class: Final, kind: errs.ErrForbidden, Reason: "The group is suspended.", NextStep: askAdmin},
	131208: {Class: Retry, After: time.Minute, Reason: "Too many changes to groups were made.", NextStep: willRetry},
	131209: {Class: Final, kind: errs.ErrInvalid, Reason: "WhatsApp did not take the change to the group.", NextStep: badRequest},
	131215: {Class: Final, kind: errs.ErrForbidden, Reason: "This business is not eligible for groups.", NextStep: "Groups need a verified business badge."},

	138000: {Class: Final, Reason: callReason, NextStep: askAdmin},
}
