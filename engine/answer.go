package engine

import (
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// answer is the facts of a first answer, as they are kept with the command: small, and free of personal data.
type answer struct {
	Refusal   *fact.Refusal       `json:"refusal,omitempty"`
	Tracked   bool                `json:"tracked,omitempty"`   // an interaction was stored under the command's id
	Movements int                 `json:"movements,omitempty"` // they have the command's places 1 to Movements
	Own       []int               `json:"own,omitempty"`       // the places of those that an operation asked for
	Progress  []progressAnswer    `json:"progress,omitempty"`
	Withheld  []why.Verdict       `json:"withheld,omitempty"` // of rules that would have given, or given more
	Beyond    []string            `json:"beyond,omitempty"`   // the missions, by key, in which an interaction counted besides, since they were completed
	Granted   []why.Verdict       `json:"granted,omitempty"`  // of rules that granted a tier
	Tier      *loyalty.TierChange `json:"tier,omitempty"`
	Held      *string             `json:"held,omitempty"`     // the tier that it was decided with, if it changed
	Redeemed  bool                `json:"redeemed,omitempty"` // a redemption was stored under the command's id
	Cancelled fact.ID             `json:"cancelled,omitzero"` // the redemption that was cancelled
	Reversed  bool                `json:"reversed,omitempty"` // a reversal was stored under the command's id
	Absorbed  []fact.ID           `json:"absorbed,omitempty"` // the members that were merged into the one that it is about
	Remade    []string            `json:"remade,omitempty"`   // the forms of the metrics that were worked out anew and are other than they were
}

type progressAnswer struct {
	Mission   fact.ID   `json:"mission"`
	Key       string    `json:"key"`
	Period    string    `json:"period,omitempty"`
	Count     int64     `json:"count"`
	Target    int64     `json:"target"`
	Completed time.Time `json:"completed,omitzero"`
}

func answerOf(d decision, o *Outcome) answer {
	a := answer{
		Tracked: d.interaction != nil, Movements: len(o.MovementIDs), Tier: o.Tier, Held: d.effects.Held(), Withheld: d.effects.Withheld, Granted: d.effects.Granted, Beyond: d.effects.Beyond, Absorbed: o.Absorbed,
		Redeemed: d.effects.Redemption != nil, Reversed: d.effects.Reversal != nil, Remade: d.remade,
	}
	if w := d.effects.Cancelled; w != nil {
		a.Cancelled = w.ID
	}
	for _, p := range o.Progress {
		a.Progress = append(a.Progress, progressAnswer(p))
	}
	for _, id := range o.Own {
		a.Own = append(a.Own, id.Place())
	}
	return a
}

// outcome is the first answer again.
func (k known) outcome() *Outcome {
	o := &Outcome{Refusal: k.answer.Refusal, Duplicate: true, Member: k.member, Tier: k.answer.Tier, Absorbed: k.answer.Absorbed}
	if k.answer.Refusal != nil {
		return o
	}
	if k.answer.Tracked {
		o.Interaction = k.id.As(fact.KindInteraction)
	}
	for place := 1; place <= k.answer.Movements; place++ {
		o.MovementIDs = append(o.MovementIDs, k.id.At(place).As(fact.KindMovement))
	}
	for _, place := range k.answer.Own {
		o.Own = append(o.Own, k.id.At(place).As(fact.KindMovement))
	}
	for _, p := range k.answer.Progress {
		o.Progress = append(o.Progress, loyalty.Progress(p))
	}
	if k.answer.Redeemed {
		o.RedemptionID = k.id.As(fact.KindRedemption)
	} else {
		o.RedemptionID = k.answer.Cancelled
	}
	if k.answer.Reversed {
		o.ReversalID = k.id.As(fact.KindReversal)
	}
	return o
}
