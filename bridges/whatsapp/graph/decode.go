package graph

import (
	"encoding/json"
	"errors"
	"fmt"

	"puente/core/base/errs"
)

// record is the stored form of one element: Update.Raw.
type record struct {
	Field    string            `json:"field,omitempty"`
	WABAID   string            `json:"waba_id,omitempty"`
	Time     Seconds           `json:"time,omitempty"`
	Metadata json.RawMessage   `json:"metadata,omitempty"`
	Contacts []json.RawMessage `json:"contacts,omitempty"`
	Item     json.RawMessage   `json:"item"`
}

// Metadata names the business's own number.
type Metadata struct {
	DisplayPhoneNumber Literal `json:"display_phone_number"`
	PhoneNumberID      Literal `json:"phone_number_id"`
}

// Envelope is one element with what it needs to be understood alone.
type Envelope[T any] struct {
	Field    string    `json:"field"`
	WABAID   string    `json:"waba_id"`
	Time     Seconds   `json:"time"` // entry[].time: account webhooks have it, messages do not
	Metadata Metadata  `json:"metadata"`
	Contacts []Contact `json:"contacts"` // only those that belong to the element
	Item     T         `json:"item"`
}

// Contact returns the first contact that belongs to the element, or the zero Contact.
func (e Envelope[T]) Contact() Contact {
	if len(e.Contacts) == 0 {
		return Contact{}
	}
	return e.Contacts[0]
}

// Decode reads Update.Raw as an element of type T. On an error (errs.ErrInvalid) the envelope holds
// whatever could be read, so that at least a notice can be shown.
func Decode[T any](raw json.RawMessage) (Envelope[T], error) {
	var e Envelope[T]
	if err := json.Unmarshal(raw, &e); err != nil {
		return e, fmt.Errorf("decode update: %w", decodeError(err))
	}
	return e, nil
}

// decodeError says which member was wrong. The texts of encoding/json quote values, which may be phone
// numbers, so they are left out.
func decodeError(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return fmt.Errorf("member %s has another type than expected: %w", wrong.Field, errs.ErrInvalid)
	}
	return fmt.Errorf("unexpected JSON: %w", errs.ErrInvalid)
}

// DecodeMessage reads an Update of KindMessage, KindEcho or KindHistoryMessage.
func DecodeMessage(raw json.RawMessage) (Envelope[Message], error) { return Decode[Message](raw) }

// DecodeStatus reads an Update of KindStatus or KindCallStatus.
func DecodeStatus(raw json.RawMessage) (Envelope[Status], error) { return Decode[Status](raw) }

// DecodeProblem reads an Update of KindError.
func DecodeProblem(raw json.RawMessage) (Envelope[Problem], error) { return Decode[Problem](raw) }

// DecodeHistory reads an Update of KindHistory.
func DecodeHistory(raw json.RawMessage) (Envelope[History], error) { return Decode[History](raw) }

// DecodeStateSync reads an Update of KindStateSync.
func DecodeStateSync(raw json.RawMessage) (Envelope[StateSync], error) { return Decode[StateSync](raw) }

// DecodeUserPreference reads an Update of KindUserPreferences.
func DecodeUserPreference(raw json.RawMessage) (Envelope[UserPreference], error) {
	return Decode[UserPreference](raw)
}

// DecodeUserIDUpdate reads an Update of KindUserIDUpdate.
func DecodeUserIDUpdate(raw json.RawMessage) (Envelope[UserIDUpdate], error) {
	return Decode[UserIDUpdate](raw)
}

// DecodeCall reads an Update of KindCall.
func DecodeCall(raw json.RawMessage) (Envelope[Call], error) { return Decode[Call](raw) }

// DecodeGroup reads an Update of KindGroup.
func DecodeGroup(raw json.RawMessage) (Envelope[Group], error) { return Decode[Group](raw) }

// DecodeTemplateStatus reads an Update of KindTemplateStatus.
func DecodeTemplateStatus(raw json.RawMessage) (Envelope[TemplateStatus], error) {
	return Decode[TemplateStatus](raw)
}

// DecodeTemplateQuality reads an Update of KindTemplateQuality.
func DecodeTemplateQuality(raw json.RawMessage) (Envelope[TemplateQuality], error) {
	return Decode[TemplateQuality](raw)
}

// DecodeTemplateCategory reads an Update of KindTemplateCategory.
func DecodeTemplateCategory(raw json.RawMessage) (Envelope[TemplateCategory], error) {
	return Decode[TemplateCategory](raw)
}

// DecodePhoneQuality reads an Update of KindPhoneQuality.
func DecodePhoneQuality(raw json.RawMessage) (Envelope[PhoneQuality], error) {
	return Decode[PhoneQuality](raw)
}

// DecodeCapability reads an Update of KindCapability.
func DecodeCapability(raw json.RawMessage) (Envelope[Capability], error) {
	return Decode[Capability](raw)
}

// DecodeUsername reads an Update of KindUsername.
func DecodeUsername(raw json.RawMessage) (Envelope[Username], error) { return Decode[Username](raw) }

// DecodeAccount reads an Update of KindAccount.
func DecodeAccount(raw json.RawMessage) (Envelope[Account], error) { return Decode[Account](raw) }
