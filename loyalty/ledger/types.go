package ledger

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Bucket is where points are. The first four belong to an account; the others are the system's side, which has no rows: each is a sum of postings.
type Bucket string

// The buckets.
const (
	Pending   Bucket = "pending"   // earned, not yet to be spent
	Available Bucket = "available" // to be spent
	Held      Bucket = "held"      // set aside for a checkout
	Debt      Bucket = "debt"      // owed: taken back after they were spent
	Issued    Bucket = "issued"    // where earned points come from
	Redeemed  Bucket = "redeemed"  // where spent points go
	Expired   Bucket = "expired"   // where expired points go
	Reversed  Bucket = "reversed"  // where points that were taken back go
	Moved     Bucket = "moved"     // where points are between two accounts: one command moves as many into it as out of it
)

// Kind is what a movement is.
type Kind string

// The kinds of movement.
const (
	Earn         Kind = "earn"
	Mature       Kind = "mature"
	Spend        Kind = "spend"
	Hold         Kind = "hold"
	Capture      Kind = "capture"
	Release      Kind = "release"
	Expire       Kind = "expire"
	ReverseEarn  Kind = "reverse_earn"
	ReverseSpend Kind = "reverse_spend"
	Transfer     Kind = "transfer"
	Adjust       Kind = "adjust"
	Merge        Kind = "merge"
)

// Programme is the funding of points whose cost the programme itself bears.
const Programme = "programme"

// Balances are an account's buckets.
type Balances struct {
	Pending   fact.Points `json:"pending"`
	Available fact.Points `json:"available"`
	Held      fact.Points `json:"held"`
	Debt      fact.Points `json:"debt"`
}

// Account is an account as booked.
type Account struct {
	ID fact.ID
	Balances
	Sequence  int64     // the number of its last movement
	LastMoved time.Time // when its last movement was booked; zero before the first
	NextDue   time.Time // when something next matures, expires, lapses or is to be warned of, or earlier; zero for never
	// Active is when whoever it belongs to was last active, to the local day; zero if it is not known. See Validity.Idle.
	Active time.Time
	// Warned are the instants of expiry that were warned of and have not come yet (Book.Warnings).
	Warned []time.Time
	// Zone is where its days begin and end: the programme's. It never changes. Nil for UTC.
	Zone *time.Location
}

// IsDue tells whether something may have fallen due by now, so that no book can be opened without the account's open lots and holds.
func (a Account) IsDue(now time.Time) bool {
	return !a.NextDue.IsZero() && !a.NextDue.After(a.present(now))
}

// present is the account's now: the clock's, or that of its last movement if it is later.
func (a Account) present(now time.Time) time.Time {
	now = fact.Instant(now)
	if a.LastMoved.After(now) {
		return a.LastMoved
	}
	return now
}

// Lot is one earning and what became of it. Points that come from another account are a lot there, for each lot that they were taken from.
type Lot struct {
	ID          fact.ID // its earning's, with a kind of its own; of points from another account, the command's, at a place from the last down
	Account     fact.ID
	Contributor fact.ID   // the member that earned it
	Funding     string    // who bears its cost
	Earned      time.Time // when the earning occurred
	Activates   time.Time // when it may be spent; zero while it waits for something to happen
	// Expires is when what is left of it is lost: the first instant at which it can no longer be spent or, while it waits, no longer mature. It is zero for
	// never, and where activity decides.
	Expires  time.Time
	Waits    fact.ID  // what it waits for, or waited (Book.Mature); zero for nothing
	Validity Validity // how it expires, where Expires does not tell from the beginning: of a lot that waits or waited, and where activity decides
	Warns    Term     // how long before it expires that is warned of; zero: it is not

	// Amount = Pending + Available + Held + Spent + Expired + Reversed + Moved, all of them ≥ 0.
	Amount, Pending, Available, Held, Spent, Expired, Reversed, Moved fact.Points
}

// IsOpen tells whether anything is left of the lot.
func (l Lot) IsOpen() bool { return l.Pending+l.Available+l.Held > 0 }

// Posting moves points from one bucket to another.
type Posting struct {
	ID             fact.ID // the command's, at its place among the command's postings
	Movement       fact.ID
	Lot            fact.ID // the lot concerned; zero where only debt moves, or points that pay it
	Source, Target Bucket
	Points         fact.Points // always positive
}

// Movement is one immutable change of an account.
type Movement struct {
	ID       fact.ID // the command's, at its place in the command
	Account  fact.ID
	Number   int64 // 1, 2, 3 … within the account
	Kind     Kind
	Points   fact.Points // how many points moved; never negative, and 0 only for a return of which none could be taken back
	Occurred time.Time   // when it happened; of what fell due, when it did
	Booked   time.Time   // when it was written down; never before the account's last
	After    Balances
	Postings []Posting
	Reason   Reason
}

// Reverses is the movement that this one takes back or gives back; zero for any other kind.
func (m Movement) Reverses() fact.ID {
	if m.Kind == ReverseEarn || m.Kind == ReverseSpend {
		return m.Reason.Explanation.Of
	}
	return fact.ID{}
}

// Reason is what stands behind a movement.
type Reason struct {
	Interaction fact.ID // the interaction behind it; zero without one
	Revision    fact.ID // the rule's, mission's or reward's revision behind it; zero without one
	Explanation why.Explanation
}

// Earning is what an Earn books.
type Earning struct {
	Points      fact.Points
	Occurred    time.Time
	Activates   time.Time // at or before now: the lot is available at once; later: it is pending until then
	Expires     time.Time // zero for never; at or before now: born expired
	Waits       fact.ID   // what the points wait for: they are pending, whatever Activates is, until it happens, and lost at Expires
	Validity    Validity  // as a Lot has it
	Warns       Term      // as a Lot has it
	Funding     string    // who bears the cost
	Contributor fact.ID   // the member that earned it
	Reason      Reason
}

// Changes is what a Book did to its account.
type Changes struct {
	Account   Account    // as it now is; without movements, only NextDue can differ from what it was
	Movements []Movement // in order
	Lots      []Lot      // new and changed ones, as they now are, in the order of their ids
	Holds     []Holding  // new and ended ones, as they now are, in the order of their ids
}
