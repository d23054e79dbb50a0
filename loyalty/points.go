package loyalty

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

const (
	// MaxReason is the longest reason of an adjustment, in bytes.
	MaxReason = 500
	// MaxHold is how long a hold lasts at most.
	MaxHold = 24 * time.Hour
)

// Adjust gives a member points, or takes some. What is given may be spent at once. What is taken leaves no debt: it is there, or nothing is taken. It
// never counts towards a tier.
type Adjust struct {
	Points fact.Points // more than 0: so many are given; less: so many are taken
	Reason string      // 1 to MaxReason bytes, in the words of whoever asks
	// ExpireAfter is a term (ledger.ParseTerm) after which points that are given expire; empty for the programme's own.
	ExpireAfter string
}

// Name is the API's.
func (Adjust) Name() string { return "pointsAdjust" }

// Takes tells whether points are taken.
func (a Adjust) Takes() bool { return a.Points < 0 }

// Note is the reason.
func (a Adjust) Note() string { return a.Reason }

func (a Adjust) check(*Programme, *Member) *fact.Refusal {
	if r := CheckReason(a.Reason); r != nil {
		return r
	}
	if a.ExpireAfter != "" && a.Points < 0 {
		return fact.Refuse(fact.CodeInvalid, "expireAfter", "only points that are given expire")
	}
	return nil
}

func (a Adjust) book(o *operating) (err error) {
	ageing := o.p.ageing.Ageing
	if a.ExpireAfter != "" {
		term, err := ledger.ParseTerm(a.ExpireAfter)
		if err != nil {
			return fact.Refuse(fact.CodeInvalid, "expireAfter", "%s", err)
		}
		if ageing.Expires = (ledger.Validity{Term: term}); tooSoon(ageing) {
			ageing.Warns = ledger.Term{}
		}
	}
	var life ledger.Earning
	life.Begin(o.now, ageing, o.p.zone)
	first := o.first()
	first.moved, err = first.book.Adjust(ledger.Adjustment{
		Points: a.Points, Occurred: o.now, Activates: life.Activates, Expires: life.Expires, Validity: life.Validity, Warns: life.Warns,
		Funding: ledger.Programme, Contributor: first.state.Member.ID,
	})
	return err
}

// Hold sets a member's points aside for a checkout, until they are captured or released, or it lapses.
type Hold struct {
	Points    fact.Points
	ExpiresIn time.Duration // whole seconds, 1 second to MaxHold
	Purpose   string        // a key that names what they are for, such as "checkout"; empty for nothing said. Not personal data: it is stored for ever
}

// Name is the API's.
func (Hold) Name() string { return "pointsHold" }

// Takes is true.
func (Hold) Takes() bool { return true }

// Note is empty.
func (Hold) Note() string { return "" }

func (h Hold) check(p *Programme, m *Member) *fact.Refusal {
	switch {
	case h.ExpiresIn < time.Second || h.ExpiresIn > MaxHold:
		return fact.Refuse(fact.CodeInvalid, "expiresIn", "a hold lasts 1 to %d seconds", MaxHold/time.Second)
	case h.Purpose != "" && !fact.IsKey(h.Purpose):
		return fact.Refuse(fact.CodeInvalid, "purpose", "a purpose is lower-case letters, digits and dashes, at most %d", fact.MaxKey)
	}
	return p.admitSpender(m)
}

func (h Hold) book(o *operating) (err error) {
	first := o.first()
	o.p.touch(first.state, first.book, o.now)
	reason := ledger.Reason{Explanation: why.Explanation{Source: why.SourceHold, Key: h.Purpose}}
	first.moved, err = first.book.Hold(h.Points, first.book.Now().Add(h.ExpiresIn), o.now, reason)
	return err
}

// Capture spends points that were set aside; those that it leaves are released.
type Capture struct {
	Hold   fact.ID
	Points *fact.Points // nil for all
}

// Name is the API's.
func (Capture) Name() string { return "pointsCapture" }

// Takes is true.
func (Capture) Takes() bool { return true }

// Note is empty.
func (Capture) Note() string { return "" }

func (Capture) check(*Programme, *Member) *fact.Refusal { return nil }

func (c Capture) book(o *operating) error {
	h, err := o.hold(c.Hold)
	if err != nil {
		return err
	}
	points := h.Points
	if c.Points != nil {
		points = *c.Points
	}
	first := o.first()
	o.p.touch(first.state, first.book, o.now)
	first.moved, err = first.book.Capture(h, points, o.now, ledger.Reason{})
	return err
}

// Release makes points that were set aside available again.
type Release struct{ Hold fact.ID }

// Name is the API's.
func (Release) Name() string { return "pointsRelease" }

// Takes is true.
func (Release) Takes() bool { return true }

// Note is empty.
func (Release) Note() string { return "" }

func (Release) check(*Programme, *Member) *fact.Refusal { return nil }

func (r Release) book(o *operating) error {
	h, err := o.hold(r.Hold)
	if err != nil {
		return err
	}
	first := o.first()
	first.moved, err = first.book.Release(h, o.now, ledger.Reason{})
	return err
}

// Transfer gives available points of the first member to the second. They keep their ageing, and count towards nobody's tier.
type Transfer struct{ Points fact.Points }

// Name is the API's.
func (Transfer) Name() string { return "pointsTransfer" }

// Takes is true.
func (Transfer) Takes() bool { return true }

// Note is empty.
func (Transfer) Note() string { return "" }

func (Transfer) check(p *Programme, m *Member) *fact.Refusal {
	if m.Status == Suspended { // operators alone ask for it, and know why
		return nil
	}
	return placedAt("from", p.admitSpender(m))
}

func (t Transfer) book(o *operating) (err error) {
	from, to := o.first(), &o.parts[1]
	from.moved, to.moved, err = from.book.Transfer(to.book, t.Points, o.now, ledger.Reason{})
	return err
}
