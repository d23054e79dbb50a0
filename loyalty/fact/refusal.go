package fact

import "fmt"

// Code says why a request was refused, in a way that programs can rely on. The codes are the API's ErrorCode; they are never renamed.
type Code string

// The codes.
const (
	CodeRequired           Code = "REQUIRED"            // a field is missing or empty
	CodeInvalid            Code = "INVALID"             // a field has a form that is not taken
	CodeTooLong            Code = "TOO_LONG"            // a text is longer than its bound
	CodeTooMany            Code = "TOO_MANY"            // a list is longer than its bound
	CodeNegative           Code = "NEGATIVE"            // a negative number where none can be
	CodeFractional         Code = "FRACTIONAL"          // a number has more decimal digits than can be: points have none
	CodeTooLarge           Code = "TOO_LARGE"           // a number or document is beyond its bound
	CodeCurrencyMismatch   Code = "CURRENCY_MISMATCH"   // money in another currency than the programme's
	CodeInFuture           Code = "IN_FUTURE"           // a time later than now
	CodeBeforeProgramme    Code = "BEFORE_PROGRAMME"    // a time before the programme began
	CodeTooLate            Code = "TOO_LATE"            // a time longer ago than the programme takes
	CodeUnknownMember      Code = "UNKNOWN_MEMBER"      // no member with that id or identity
	CodeUnknownTouchpoint  Code = "UNKNOWN_TOUCHPOINT"  // the programme has no such touchpoint
	CodeUnknownEvent       Code = "UNKNOWN_EVENT"       // the programme declares no such event
	CodeUnknownAttribute   Code = "UNKNOWN_ATTRIBUTE"   // the programme declares no such attribute
	CodeUnknownReward      Code = "UNKNOWN_REWARD"      // the programme has no such reward
	CodeIdentityTaken      Code = "IDENTITY_TAKEN"      // the identity belongs to a member already
	CodeKeyReused          Code = "KEY_REUSED"          // the idempotency key was used for another request
	CodeInsufficientPoints Code = "INSUFFICIENT_POINTS" // the available points do not cover it
	CodeOutOfStock         Code = "OUT_OF_STOCK"        // no piece is left
	CodeNotYetAvailable    Code = "NOT_YET_AVAILABLE"   // it has not begun
	CodeNoLongerAvailable  Code = "NO_LONGER_AVAILABLE" // it has ended
	CodeTierTooLow         Code = "TIER_TOO_LOW"        // it needs a higher tier
	CodeNotEligible        Code = "NOT_ELIGIBLE"        // its condition on the member does not hold
	CodeLimitReached       Code = "LIMIT_REACHED"       // the member has had as many as it may
	CodeMemberSuspended    Code = "MEMBER_SUSPENDED"    // the member may not do this while suspended
	CodeNotAllowed         Code = "NOT_ALLOWED"         // the caller may not do this, though others may
	CodeBalanceOutOfBounds Code = "BALANCE_OUT_OF_BOUNDS"
	CodeZero               Code = "ZERO"                 // zero where at least one is needed
	CodeInPast             Code = "IN_PAST"              // a time that has passed where one to come is needed
	CodeUnknownHold        Code = "UNKNOWN_HOLD"         // there is no such hold
	CodeHoldEnded          Code = "HOLD_ENDED"           // the hold was captured, released or has lapsed
	CodeHoldOpen           Code = "HOLD_OPEN"            // a hold must end first
	CodeMoreThanHeld       Code = "MORE_THAN_HELD"       // more is captured than the hold set aside
	CodeMoreThanEarned     Code = "MORE_THAN_EARNED"     // more is taken back than the earning gave
	CodeMoreThanSpent      Code = "MORE_THAN_SPENT"      // more is given back than was spent and not given back before
	CodeAlreadyReversed    Code = "ALREADY_REVERSED"     // nothing is left to be taken or given back
	CodeReversalOfReversal Code = "REVERSAL_OF_REVERSAL" // what is to be reversed is a reversal
	CodeNotReversible      Code = "NOT_REVERSIBLE"       // what is to be reversed is of a kind that cannot be
	CodeAnotherAccount     Code = "ANOTHER_ACCOUNT"      // the hold, earning or spend is another account's
	CodeSameAccount        Code = "SAME_ACCOUNT"         // both accounts are one
	CodeUnknownInteraction Code = "UNKNOWN_INTERACTION"  // there is no such interaction
	CodeUnknownMovement    Code = "UNKNOWN_MOVEMENT"     // there is no such movement
	CodeUnknownLine        Code = "UNKNOWN_LINE"         // the interaction has no such line
	CodeMoreThanLeft       Code = "MORE_THAN_LEFT"       // more is returned than is left
	CodePaused             Code = "PAUSED"               // it is paused for now
	CodeConflict           Code = "CONFLICT"             // somebody else has changed it meanwhile, or a publication that is scheduled does
	CodeInvalidDefinition  Code = "INVALID_DEFINITION"   // a definition has mistakes, or the programme would have them with it
	CodeUnknownDefinition  Code = "UNKNOWN_DEFINITION"   // the programme has no such definition
	CodeUnknownVersion     Code = "UNKNOWN_VERSION"      // there is no such version or revision
	CodeNotScheduled       Code = "NOT_SCHEDULED"        // the version is in force, was in force, or will never be
	CodeUnchanged          Code = "UNCHANGED"            // there is nothing to change: it is so already
	CodeEmptyPeriod        Code = "EMPTY_PERIOD"         // a period ends before it begins
	CodeUnknownTask        Code = "UNKNOWN_TASK"         // there is no such task
	CodeUnknownMetric      Code = "UNKNOWN_METRIC"       // the programme declares no such metric
	CodeTaskEnded          Code = "TASK_ENDED"           // the task is at its end already
	CodeUnknownPurpose     Code = "UNKNOWN_PURPOSE"      // the programme declares no such purpose
	CodeUnknownText        Code = "UNKNOWN_TEXT_VERSION" // the purpose has no such version of its text
	CodeContactNotAllowed  Code = "CONTACT_NOT_ALLOWED"  // the member may not be written to by the channel now
	CodeUnknownChannel     Code = "UNKNOWN_CHANNEL"      // the programme does not write by that channel
	CodeMemberErased       Code = "MEMBER_ERASED"        // the member was erased
	CodeIdentityConflict   Code = "IDENTITY_CONFLICT"    // the identity belongs to another member who is known as well: an operator merges the two
	CodeUnknownIdentity    Code = "UNKNOWN_IDENTITY"     // the member has no such identity
	CodeLastIdentity       Code = "LAST_IDENTITY"        // the member would have no identity left
	CodeSameMember         Code = "SAME_MEMBER"          // both are one member
	CodeAlreadyMerged      Code = "ALREADY_MERGED"       // the member was merged with another before
	CodeNotRegistered      Code = "NOT_REGISTERED"       // the member may not do this before it is registered

	CodeWrongType            Code = "WRONG_TYPE"             // a value of another type than is declared
	CodeOutOfBounds          Code = "OUT_OF_BOUNDS"          // a value beyond the bounds that are declared for it
	CodeNotWritable          Code = "NOT_WRITABLE"           // the caller may not write it, though others may
	CodeUnknownDependent     Code = "UNKNOWN_DEPENDENT"      // the member has no such dependent
	CodeUnknownDependentKind Code = "UNKNOWN_DEPENDENT_KIND" // the programme declares no such kind of dependent
	CodeTooManyDependents    Code = "TOO_MANY_DEPENDENTS"    // the member has as many dependents as it may
)

// Refusal is the answer to a request that is not granted: what is wrong, and where. It is an answer, not a fault.
type Refusal struct {
	Code    Code   `json:"code"`
	Field   string `json:"field,omitempty"` // the input field, dotted, with list places: "identities.0.value"; empty for the whole
	Message string `json:"message"`         // plain English, for developers; never personal data
}

// Error is the message.
func (r *Refusal) Error() string { return r.Message }

// Refuse makes a refusal.
func Refuse(code Code, field, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Kept tells whether a refusal with the code is the answer to its request for ever: a reason of the business. Others (a malformed request, a name
// that nobody knows) may be corrected and sent again under the same key.
func (c Code) Kept() bool {
	switch c {
	case CodeInsufficientPoints, CodeOutOfStock, CodeNotYetAvailable, CodeNoLongerAvailable, CodeTierTooLow, CodeNotEligible, CodeLimitReached,
		CodeMemberSuspended, CodeBalanceOutOfBounds, CodeHoldEnded, CodeHoldOpen, CodeMoreThanHeld, CodeMoreThanEarned, CodeMoreThanSpent,
		CodeAlreadyReversed, CodeReversalOfReversal, CodeNotReversible, CodeMoreThanLeft, CodeIdentityConflict, CodeLastIdentity, CodeNotRegistered, CodeTooManyDependents:
		return true
	}
	return false
}
