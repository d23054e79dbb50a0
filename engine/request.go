package engine

import (
	"context"
	"time"

	"granaio/ent"
	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
)

// Identity is one way to recognise a member. Its value is normalised by its kind (fact.Normalise) before it is looked up.
type Identity struct {
	Kind  fact.IdentityKind
	Value string
}

// Ref names a member: by id, by an identity, or by something of its own.
type Ref struct {
	ID       fact.ID
	Identity Identity
	Hold     fact.ID `json:",omitzero"`
	// Interaction and Movement are of requests that undo them.
	Interaction fact.ID `json:",omitzero"`
	Movement    fact.ID `json:",omitzero"`
}

// thing is what of a member's own names it; zero if it is named otherwise.
func (r Ref) thing() fact.ID {
	switch {
	case !r.Hold.IsZero():
		return r.Hold
	case !r.Interaction.IsZero():
		return r.Interaction
	}
	return r.Movement
}

// Origin is who asks, and the key that makes the request unique.
type Origin struct {
	Programme fact.ID
	Caller    string  // auth.Viewer.Caller
	Partner   fact.ID // the partner that sends it; zero for others
	Key       string  // idempotency key: 1 to 200 bytes
}

// Track is an interaction that happened to a member.
type Track struct {
	Origin
	Sender     loyalty.Sender // what sends it, which the event's declaration must let it; empty for Granaio itself, which may send them all
	Member     Ref
	Event      string
	Touchpoint string    // key
	Occurred   time.Time // zero for now
	Value      *MoneyIn  // if it is nil, what the lines come to
	Lines      []LineIn  // what was paid for
	Properties map[string]any
}

// MoneyIn is money as a caller gives it.
type MoneyIn struct {
	Amount   fact.Decimal
	Currency string // ISO 4217; empty for the programme's
}

// LineIn is a line of a purchase as a caller gives it.
type LineIn struct {
	Reference string
	Quantity  int64
	Amount    fact.Decimal // of all its pieces, in the programme's currency
}

// Enrol makes a member.
type Enrol struct {
	Origin
	Identities []Identity // at least one
	Touchpoint string
	Occurred   time.Time // zero for now
	Locale     string
	Attributes map[string]any
	Consents   []loyalty.Choice // what it agrees to, or not
	Status     loyalty.Status   // Anonymous, Prospect or Registered; empty for Registered
	Dependents []loyalty.Introduced
	Sender     loyalty.Sender // who enrols it; empty for Granaio itself
	Party      fact.Party     // where the attributes come from; empty for what the person itself said
}

// Consent is decisions of a member about purposes.
type Consent struct {
	Origin
	Member     Ref
	Touchpoint string    // key
	Occurred   time.Time // when they were made; zero for now
	Choices    []loyalty.Choice
}

// Prefer says how a member wants to be written to.
type Prefer struct {
	Origin
	Member      Ref
	Preferences consent.Preferences
}

// Contact is that a member is written to.
type Contact struct {
	Origin
	Member  Ref
	Channel string    // key
	Sent    time.Time // when it was done already; zero if it is to be done now, if it may be
}

// Erase forgets a member.
type Erase struct {
	Origin
	Member Ref
	Cause  string // as the table erasures has it
}

// Update is that somebody says something of a member, or of a dependent of it.
type Update struct {
	Origin
	Sender     loyalty.Sender // who says it; empty for Granaio itself
	Member     Ref
	Touchpoint string
	Occurred   time.Time // zero for now
	Party      fact.Party
	Locale     *string
	Attributes map[string]any
	Dependent  *loyalty.DependentUpdate // the one that it is about; nil for the member itself. The engine names one that is added: by its command
}

// Redeem takes a reward for a member.
type Redeem struct {
	Origin
	Member Ref
	Reward fact.ID
}

// Operate is a change of points that is asked for by itself.
type Operate struct {
	Origin
	Members   []Ref // whose points they are: of a transfer, the giver and the receiver
	Operation loyalty.Operation
}

// Outcome is the answer to a request: what followed from it, or why it was refused.
type Outcome struct {
	// Refusal, if it was refused; everything below is then empty.
	Refusal *fact.Refusal
	// Duplicate is true if this is the first answer again.
	Duplicate   bool
	Member      fact.ID
	Interaction fact.ID // zero for a command that is none
	// Stored is the interaction's row. Nil for a duplicate: read it by Interaction.
	Stored *ent.Interaction
	// Movements in order. Nil for a duplicate: read them by MovementIDs.
	Movements   []*ent.Movement
	MovementIDs []fact.ID
	// Own are those of the movements that an operation asked for: one for each member. The others had fallen due, or followed.
	Own        []fact.ID
	Progress   []loyalty.Progress
	Tier       *loyalty.TierChange
	Redemption *ent.Redemption // nil for a duplicate, and for one that was cancelled: read it by RedemptionID
	// RedemptionID is zero unless a reward was taken, or a redemption cancelled.
	RedemptionID fact.ID
	Reversal     *ent.Reversal // nil for a duplicate: read it by ReversalID
	// Remeasured is whether metrics of the member were worked out anew, and are others than they were.
	Remeasured bool
	// ReversalID is zero unless an interaction was returned.
	ReversalID fact.ID
	// Absorbed are the members that were merged into the one that it is about.
	Absorbed []fact.ID
	// Hold is the one that was captured or released, if it was named by the id that it had before its member was absorbed.
	Hold fact.ID
}

// Library gives the programmes as they were published. Package programme implements it.
type Library interface {
	// Timeline is a programme's versions up to the number, which the caller read in its transaction.
	Timeline(ctx context.Context, programme fact.ID, number int) (Timeline, error)
}

// Timeline is the versions of one programme.
type Timeline interface {
	// Current is the version in force now; if the programme has not begun yet, the one that it will begin with.
	Current(ctx context.Context, now time.Time) (*loyalty.Programme, error)
	// Version is the version of a number, from 1 to that of the last one.
	Version(ctx context.Context, number int) (*loyalty.Programme, error)
	// At is the version that was in force at an instant; nil if that is before the programme began.
	At(ctx context.Context, instant time.Time) (*loyalty.Programme, error)
}

// Announcer tells the world of what was committed. Package live implements it. It must not block.
type Announcer interface {
	Account(programme fact.ID, account loyalty.AccountNews)
	Tier(programme fact.ID, member loyalty.TierNews)
	Timeline(programme fact.ID, member loyalty.TimelineNews)
}

// Nobody is an announcer that tells nobody: for commands that run beside a server or without one, since whoever watches compares with the database.
type Nobody struct{}

// Account implements Announcer.
func (Nobody) Account(fact.ID, loyalty.AccountNews) {}

// Tier implements Announcer.
func (Nobody) Tier(fact.ID, loyalty.TierNews) {}

// Timeline implements Announcer.
func (Nobody) Timeline(fact.ID, loyalty.TimelineNews) {}
