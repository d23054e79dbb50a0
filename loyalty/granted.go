package loyalty

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
)

// TierGrant is a tier that a member has until a time whatever counts.
type TierGrant struct {
	Tier        string    `json:"tier"`
	Until       time.Time `json:"until,omitzero"` // zero for ever
	Rule        string    `json:"rule,omitempty"` // empty for a step down
	Interaction fact.ID   `json:"interaction,omitzero"`
	Kept        bool      `json:"kept,omitempty"` // it stays though the interaction is returned
}

// holds tells whether the grant holds after an instant.
func (g TierGrant) holds(at time.Time) bool { return g.Until.IsZero() || g.Until.After(at) }

// maxGrants is how many grants a member holds at most.
const maxGrants = 8

// hold adds a grant. Those that a lasting one covers go at once: they make no difference any more. Others may have to stand in for one whose interaction is returned, so
// that a few are kept; beyond maxGrants those go that are covered, the one that ends first before others.
func (p *Programme) hold(s *State, g TierGrant) {
	x := s.standing()
	if slices.ContainsFunc(x.Grants, func(o TierGrant) bool { return o.lasts() && p.covers(o, g) }) {
		return
	}
	grants := make([]TierGrant, 0, len(x.Grants)+1)
	for _, o := range x.Grants {
		if !g.lasts() || !p.covers(g, o) {
			grants = append(grants, o)
		}
	}
	grants = append(grants, g)
	if len(grants) > maxGrants {
		gone := p.least(grants)
		grants = slices.Delete(grants, gone, gone+1)
	}
	x.Grants = grants
	s.stand(x)
}

// lasts tells whether nothing but time takes the grant away.
func (g TierGrant) lasts() bool { return g.Kept || g.Rule == "" }

// endsBefore tells whether the grant ends before another.
func (g TierGrant) endsBefore(o TierGrant) bool {
	return !g.Until.IsZero() && (o.Until.IsZero() || g.Until.Before(o.Until))
}

// covers tells whether a grant is of the same tier as another or a higher one, and at least as long.
func (p *Programme) covers(g, o TierGrant) bool {
	return p.tiers.Place(g.Tier) >= p.tiers.Place(o.Tier) && !g.endsBefore(o)
}

// least is the place of the grant that makes the least difference: of those that another covers, or else of all, the one that ends first.
func (p *Programme) least(grants []TierGrant) int {
	least, covered := 0, false
	for i, g := range grants {
		is := slices.ContainsFunc(grants[i+1:], func(o TierGrant) bool { return p.covers(o, g) }) ||
			slices.ContainsFunc(grants[:i], func(o TierGrant) bool { return p.covers(o, g) && !p.covers(g, o) })
		if is && !covered || is == covered && g.endsBefore(grants[least]) {
			least, covered = i, is
		}
	}
	return least
}

// release takes out grants.
func (s *State) release(gone func(TierGrant) bool) {
	if x := s.standing(); len(x.Grants) > 0 {
		x.Grants = without(x.Grants, gone)
		s.stand(x)
	}
}
