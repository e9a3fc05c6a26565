package graph

import "encoding/json"

// UserPreference tells that a customer stopped or resumed marketing. It must be honoured: templates
// fail with 131050 after "stop". ref: whatsapp-cloud.md §4.4
type UserPreference struct {
	WaID      Literal `json:"wa_id"`
	UserID    string  `json:"user_id"`
	Detail    string  `json:"detail"`
	Category  string  `json:"category"` // marketing_messages
	Value     string  `json:"value"`    // stop, resume, signup
	SignupID  Literal `json:"signup_id"`
	Timestamp Seconds `json:"timestamp"`
}

// UserIDUpdate tells that a customer got another business-scoped user ID, for example with a new number.
type UserIDUpdate struct {
	WaID         Literal   `json:"wa_id"`
	Detail       string    `json:"detail"`
	UserID       IDChange  `json:"user_id"`
	ParentUserID *IDChange `json:"parent_user_id"`
	Timestamp    Seconds   `json:"timestamp"`
}

// IDChange is an ID before and after.
type IDChange struct {
	Previous string `json:"previous"`
	Current  string `json:"current"`
}

// TemplateStatus tells that a template was approved, rejected, paused…
type TemplateStatus struct {
	Event    string  `json:"event"` // APPROVED, REJECTED, PENDING, PAUSED, DISABLED, FLAGGED…
	ID       Literal `json:"message_template_id"`
	Name     string  `json:"message_template_name"`
	Language string  `json:"message_template_language"`
	Category string  `json:"message_template_category"`
	Reason   string  `json:"reason"` // NONE, ABUSIVE_CONTENT, INVALID_FORMAT…
	Disable  *struct {
		Date Literal `json:"disable_date"`
	} `json:"disable_info"`
	Other *struct {
		Title       string `json:"title"` // FIRST_PAUSE, SECOND_PAUSE, UNPAUSE…
		Description string `json:"description"`
	} `json:"other_info"`
	Rejection *struct {
		Reason         string `json:"reason"`
		Recommendation string `json:"recommendation"`
	} `json:"rejection_info"`
}

// TemplateQuality tells that customers like a template more or less: GREEN, YELLOW, RED, UNKNOWN.
type TemplateQuality struct {
	Previous string  `json:"previous_quality_score"`
	New      string  `json:"new_quality_score"`
	ID       Literal `json:"message_template_id"`
	Name     string  `json:"message_template_name"`
	Language string  `json:"message_template_language"`
}

// TemplateCategory tells that Meta moved a template to another category, which changes its price.
type TemplateCategory struct {
	ID       Literal `json:"message_template_id"`
	Name     string  `json:"message_template_name"`
	Language string  `json:"message_template_language"`
	Previous string  `json:"previous_category"`
	New      string  `json:"new_category"`
	Correct  string  `json:"correct_category"`
}

// PhoneQuality tells that a number's limit or throughput changed.
type PhoneQuality struct {
	DisplayPhoneNumber Literal `json:"display_phone_number"`
	Event              string  `json:"event"` // ONBOARDING, THROUGHPUT_UPGRADE…
	Limit              Literal `json:"max_daily_conversations_per_business"`
	CurrentLimit       Literal `json:"current_limit"` // older webhooks
	OldLimit           Literal `json:"old_limit"`
}

// Capability tells how many customers the business may write to first. The limits come as numbers (-1:
// unlimited) or as TIER_… strings.
type Capability struct {
	DailyPerBusiness   Literal `json:"max_daily_conversations_per_business"`
	DailyPerPhone      Literal `json:"max_daily_conversation_per_phone"`
	NumbersPerBusiness Literal `json:"max_phone_numbers_per_business"`
	NumbersPerWABA     Literal `json:"max_phone_numbers_per_waba"`
}

// Username tells that the business's own username was approved, reserved or deleted.
type Username struct {
	DisplayPhoneNumber Literal `json:"display_phone_number"`
	Username           string  `json:"username"`
	Status             string  `json:"status"`
	Context            string  `json:"context"` // revoked
}

// Account is news about the whole account: account_update, account_alerts or account_review_update.
type Account struct {
	Event        string  `json:"event"`
	PhoneNumber  Literal `json:"phone_number"`
	Decision     string  `json:"decision"`     // account_review_update
	AlertStatus  string  `json:"alert_status"` // account_alerts
	AlertType    string  `json:"alert_type"`   // account_alerts
	Restrictions []struct {
		Type       string  `json:"restriction_type"`
		Expiration Literal `json:"expiration"`
	} `json:"restriction_info"`
	Violation *struct {
		Type string `json:"violation_type"`
	} `json:"violation_info"`
	Ban *struct {
		State Literal `json:"waba_ban_state"` // DISABLE, SCHEDULE_FOR_DISABLE, REINSTATE
		Date  Literal `json:"waba_ban_date"`
	} `json:"ban_info"`
	Disconnection *struct {
		Reason      string `json:"reason"`
		InitiatedBy string `json:"initiated_by"`
	} `json:"disconnection_info"`
}

// Call is the start or the end of a voice call. It cannot be carried as text: show a notice.
type Call struct {
	ID         string          `json:"id"` // wacid…
	From       Literal         `json:"from"`
	FromUserID string          `json:"from_user_id"`
	To         Literal         `json:"to"`
	ToUserID   string          `json:"to_user_id"`
	Event      string          `json:"event"`     // connect, terminate
	Direction  string          `json:"direction"` // USER_INITIATED, BUSINESS_INITIATED
	Status     json.RawMessage `json:"status"`
	Timestamp  Seconds         `json:"timestamp"`
	StartTime  Seconds         `json:"start_time"`
	EndTime    Seconds         `json:"end_time"`
	Duration   Number          `json:"duration"` // seconds
}

// Group is news about a group: created, deleted, somebody joined… Type says which.
type Group struct {
	Type         string        `json:"type"`
	GroupID      string        `json:"group_id"`
	RequestID    Literal       `json:"request_id"`
	Timestamp    Seconds       `json:"timestamp"`
	Subject      Literal       `json:"subject"`
	Description  Literal       `json:"description"`
	InviteLink   string        `json:"invite_link"`
	Reason       string        `json:"reason"`
	Initiator    string        `json:"initiated_by"`
	Added        []Participant `json:"added_participants"`
	Removed      []Participant `json:"removed_participants"`
	Failed       []Participant `json:"failed_participants"`
	Errors       []Problem     `json:"errors"`
	JoinApproval string        `json:"join_approval_mode"`
}

// Participant is somebody in a group.
type Participant struct {
	WaID   Literal   `json:"wa_id"`
	UserID string    `json:"user_id"`
	Input  string    `json:"input"`
	Errors []Problem `json:"errors"`
}
