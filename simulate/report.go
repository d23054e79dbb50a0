package simulate

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"granaio/loyalty/fact"
)

// Report is what a simulation found.
type Report struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// Start is where the state at the period's beginning comes from: StartReplay.
	Start string `json:"start"`
	// Interactions are those of the period, Replayed all requests that were replayed, and Members all that there are, but for the erased ones.
	Interactions int64 `json:"interactions"`
	Replayed     int64 `json:"replayed"`
	Members      int64 `json:"members"`
	// Erased are the members who were erased, who are not among them: what they did and said is gone, so that nobody knows what it came to. No figure has anything of them.
	Erased int64 `json:"erased"`
	// Currency is the programme's, and PointValue what a point costs in it; nil if nobody said.
	Currency   string           `json:"currency"`
	PointValue *decimal.Decimal `json:"pointValue,omitempty"`
	// Actual is what happened, and Draft what would have.
	Actual Figures `json:"actual"`
	Draft  Figures `json:"draft"`
	// Touched are the members who would have been awarded more or fewer points in the period, or would have another tier at its end.
	Touched int64 `json:"touched"`
	// The awarded points, by what they were given for and to whom; only where there were some in either world.
	Rules       []Row `json:"rules"`       // by rule, multiplier, tier or mission
	Tiers       []Row `json:"tiers"`       // by the tier that the member had, in each world its own; "" below the first
	Touchpoints []Row `json:"touchpoints"` // by the interaction's touchpoint; "" where there was none
	Days        []Row `json:"days"`        // by the day on which the interaction occurred, in the programme's zone
	// Moves are the members whose tier at the period's end would be another.
	Moves []Move `json:"moves"`
	// Refused are the requests that were granted and that the draft refuses.
	Refused []Refused `json:"refused"`
	// Unasked is how many requests were refused then and not asked again.
	Unasked int64 `json:"unasked"`
	// Astray is how many members the replay of what happened leaves other than the books, the erased apart: 0, if Actual is exactly what happened.
	Astray int64 `json:"astray"`
}

// StartReplay is the start of a report whose state at the beginning comes from a replay of all that happened before.
const StartReplay = "replay"

// Figures are the points of the period in one world.
type Figures struct {
	Awarded   fact.Points `json:"awarded"`   // by rules and missions for interactions that occurred in it
	TakenBack fact.Points `json:"takenBack"` // by returns
	Spent     fact.Points `json:"spent"`     // for rewards and captured holds, less what was given back
	Expired   fact.Points `json:"expired"`   // that fell due in it
	// Cost is awarded less taken back, times the value of a point; nil if nobody said what that is.
	Cost *decimal.Decimal `json:"cost,omitempty"`
}

// Row is the points that were and would be awarded under one key.
type Row struct {
	Kind   string      `json:"kind,omitempty"` // of a rule's row: rule, multiplier, tier or mission
	Key    string      `json:"key"`
	Actual fact.Points `json:"actual"`
	Draft  fact.Points `json:"draft"`
	// ActualCost and DraftCost are what they cost; nil if nobody said what a point does.
	ActualCost *decimal.Decimal `json:"actualCost,omitempty"`
	DraftCost  *decimal.Decimal `json:"draftCost,omitempty"`
	// Members is how many members would get more or fewer of them; of a day it is how many interactions would.
	Members int64 `json:"members"`
}

// Move is how many members would be in another tier at the period's end; an empty key is below the first.
type Move struct {
	Actual  string `json:"actual"`
	Draft   string `json:"draft"`
	Rises   bool   `json:"rises"` // by the draft's order of tiers
	Members int64  `json:"members"`
}

// Refused is how often the draft refuses what was granted, by operation and code.
type Refused struct {
	Operation string      `json:"operation"`
	Code      fact.Code   `json:"code"`
	Count     int64       `json:"count"`
	Points    fact.Points `json:"points"` // that it was about
}

// price sets the costs.
func (r *Report) price() {
	if r.PointValue == nil {
		return
	}
	cost := func(p fact.Points) *decimal.Decimal {
		c := r.PointValue.Mul(decimal.NewFromInt(int64(p)))
		return &c
	}
	for _, f := range []*Figures{&r.Actual, &r.Draft} {
		f.Cost = cost(f.Awarded - f.TakenBack)
	}
	for _, rows := range [][]Row{r.Rules, r.Tiers, r.Touchpoints, r.Days} {
		for i := range rows {
			rows[i].ActualCost, rows[i].DraftCost = cost(rows[i].Actual), cost(rows[i].Draft)
		}
	}
}

// arrange puts the report's lists in order.
func (r *Report) arrange() {
	for _, rows := range [][]Row{r.Rules, r.Tiers, r.Touchpoints, r.Days} {
		slices.SortFunc(rows, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Kind, b.Kind)) })
	}
	slices.SortFunc(r.Moves, func(a, b Move) int { return cmp.Or(cmp.Compare(a.Actual, b.Actual), cmp.Compare(a.Draft, b.Draft)) })
	slices.SortFunc(r.Refused, func(a, b Refused) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Code, b.Code))
	})
}
