package reward

import (
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// Reward is a compiled reward.
type Reward struct {
	fact.Ref
	Key         string
	Name        fact.Text
	Description fact.Text
	Kind        string
	Price       fact.Points
	PerMember   int64  // how many a member may have; 0: no limit
	Tier        string // the key of the lowest tier that may have it; empty: everyone
	Span        fact.Span

	stock *int64
	when  *expr.Condition
}

// Limited tells whether there is only so much of it.
func (r *Reward) Limited() bool { return r.stock != nil }

// Stock is how many pieces there ever are of a limited reward.
func (r *Reward) Stock() int64 {
	if r.stock == nil {
		return 0
	}
	return *r.stock
}

// Left tells whether a piece is left when so many are taken.
func (r *Reward) Left(taken int64) bool { return r.stock == nil || taken < *r.stock }

// Suits tells whether the reward's condition on the member holds.
func (r *Reward) Suits(s *expr.Scope) bool { return r.when.Holds(s) }

// Needs are what its condition reads.
func (r *Reward) Needs() expr.Needs { return r.when.Needs() }

// Compile compiles a programme's rewards and reports what is wrong with them. Tiers are the keys of the programme's.
func Compile(specs []Spec, refs map[string]fact.Ref, s fact.Setting, l *expr.Language, tiers []string, r fact.Report) []*Reward {
	keys, all := fact.Keys{}, make([]*Reward, 0, len(specs))
	known := make(map[string]bool, len(tiers))
	for _, t := range tiers {
		known[t] = true
	}
	for i, spec := range specs {
		at := r.At(i)
		keys.Take(spec.Key, i, at.In("key"))
		s.Text(spec.Name, false, fact.MaxName, at.In("name"))
		s.Text(spec.Description, true, fact.MaxText, at.In("description"))
		if !fact.IsKey(spec.Kind) {
			at.In("kind").Say("a kind of reward is a word of lower-case letters, digits and dashes, such as coupon")
		}
		if spec.Price < 1 || spec.Price > fact.MaxPoints {
			at.In("price").Say("a price is 1 to %d points, not %d", fact.MaxPoints, spec.Price)
		}
		if spec.Stock != nil && *spec.Stock < 0 {
			at.In("stock").Say("a stock is 0 pieces or more, not %d", *spec.Stock)
		}
		if spec.PerMember < 0 {
			at.In("per_member").Say("a member may have 1 piece or more, not %d", spec.PerMember)
		}
		if spec.Tier != "" && !known[spec.Tier] {
			at.In("tier").Say("unknown tier “%s”%s", spec.Tier, fact.Nearest(spec.Tier, tiers))
		}
		w := &Reward{
			Ref: refs[spec.Key], Key: spec.Key, Name: spec.Name, Description: spec.Description, Kind: spec.Kind, Price: spec.Price,
			PerMember: spec.PerMember, Tier: spec.Tier, Span: s.Span(spec.From, spec.Until, at), stock: spec.Stock,
		}
		if spec.When != "" {
			w.when = l.Condition(spec.When, nil, at.In("when"))
		}
		all = append(all, w)
	}
	return all
}
