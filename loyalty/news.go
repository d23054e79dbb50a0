package loyalty

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Fate is what has become of a member that is no more, for whoever watches it. The zero fate is that of one who is there.
type Fate struct {
	Into   fact.ID `json:"into,omitzero"`    // the member that it was merged into
	Erased bool    `json:"erased,omitempty"` // it was erased
}

// Fate is what has become of the member.
func (m *Member) Fate() Fate { return Fate{Into: m.Into, Erased: m.Status == Erased} }

// AccountNews is an account as it is at an instant: the whole state with its version, never a difference.
//
// An account changes in two ways. A movement is booked: Version grows. Or time passes and something matures or expires before anybody books it: the
// balances that are read are then projected (ledger.AsOf), Version stays, and At is later. So news is ordered by Version, then by At; see Newer.
type AccountNews struct {
	Account fact.ID `json:"account"`
	Version int64   `json:"version"` // the account's sequence; only grows
	ledger.Balances
	NextDue time.Time `json:"nextDue,omitzero"` // when something next matures or expires, later than At; zero for never
	// At is the instant for which the balances hold: when the last movement was booked, or the later one to which they were projected.
	At time.Time `json:"at"`
	Fate
}

// Newer tells whether n is to be shown to somebody who has seen old: it has a higher version, or the same one and the member is no more, or the same one, projected to a
// later instant at which the account is no longer what it was.
func (n AccountNews) Newer(old AccountNews) bool {
	if n.Version != old.Version {
		return n.Version > old.Version
	}
	if n.Fate != old.Fate {
		return n.Fate != Fate{}
	}
	return n.At.After(old.At) && (n.Balances != old.Balances || !n.NextDue.Equal(old.NextDue))
}

// TierNews is where a member stands among the tiers at an instant: the whole standing with its version, never a difference.
//
// It changes in two ways. Something happens to the member: Version grows. Or time passes, and the member falls before anybody books it, or a period ends: the standing
// that is read is then projected (Programme.AsOf), Version stays, and At is later. So it is ordered as AccountNews is. But the version also grows with what changes
// nothing of this: see Same.
type TierNews struct {
	Member  fact.ID      `json:"member"`
	Version int64        `json:"version"`          // the working state's; only grows
	Tier    string       `json:"tier,omitempty"`   // its key; empty below the first
	Since   time.Time    `json:"since,omitzero"`   // zero if it never reached any
	Until   time.Time    `json:"until,omitzero"`   // when the member falls if nothing more comes; zero for never
	By      string       `json:"by,omitempty"`     // what counts: points, spend or count
	Next    TierDistance `json:"next,omitzero"`    // to the tier above; zero if there is none that can be reached
	NextDue time.Time    `json:"nextDue,omitzero"` // when time next changes it, as far as is known; later than At; zero for never
	// At is the instant for which this holds: when it was booked, or the later one to which it was projected.
	At time.Time `json:"at"`
	Fate
}

// TimelineNews tells that something happened to a member: how many changes there were, of which the latest interactions are read.
type TimelineNews struct {
	Member  fact.ID   `json:"member"`
	Version int64     `json:"version"` // the working state's; only grows, also with what is no interaction
	At      time.Time `json:"at"`      // when it was so
	Fate
}

// TierDistance is how far it is to a tier: points, minor units or times.
type TierDistance struct {
	Tier   string    `json:"tier"`
	Target int64     `json:"target"`
	Value  int64     `json:"value"`
	By     time.Time `json:"by,omitzero"` // by when it takes that; zero for no end
}

// TierNews tells where a member stands at an instant, falls that nobody has booked yet counted in. The version is that of the state.
func (p *Programme) TierNews(s *State, version int64, now time.Time) TierNews {
	s, _ = p.AsOf(s, now)
	g := p.TierProgress(s, now)
	n := TierNews{
		Member: s.Member.ID, Version: version, Tier: s.Member.Tier, Since: s.Member.TierSince.UTC(), Until: p.Until(s).UTC(), By: g.By, At: now, Fate: s.Member.Fate(),
	}
	if g.Next != nil {
		n.Next = TierDistance{Tier: g.Next.Tier.Key, Target: g.Next.Target, Value: g.Next.Value, By: g.Next.By.UTC()}
	}
	for _, at := range []time.Time{n.Until, g.Ends.UTC()} {
		if at.After(now) && (n.NextDue.IsZero() || at.Before(n.NextDue)) {
			n.NextDue = at
		}
	}
	return n
}

// Newer tells whether n comes after old: it has a higher version, or the same one, projected to a later instant at which the member no longer stands as it did.
func (n TierNews) Newer(old TierNews) bool {
	if n.Version != old.Version {
		return n.Version > old.Version
	}
	return n.At.After(old.At) && (!n.Same(old) || !n.NextDue.Equal(old.NextDue))
}

// Same tells whether n shows nothing else than old, but for the version and the instant.
func (n TierNews) Same(old TierNews) bool {
	return n.SameTier(old) && n.Fate == old.Fate && n.Until.Equal(old.Until) && n.By == old.By && n.Next.Tier == old.Next.Tier && n.Next.Target == old.Next.Target &&
		n.Next.Value == old.Next.Value && n.Next.By.Equal(old.Next.By)
}

// SameTier tells whether the member has been in one tier in both, without a change between.
func (n TierNews) SameTier(old TierNews) bool { return n.Tier == old.Tier && n.Since.Equal(old.Since) }
