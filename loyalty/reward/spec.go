package reward

import "granaio/loyalty/fact"

// Spec is a reward as data.
type Spec struct {
	Key         string      `yaml:"key" json:"key"`
	Name        fact.Text   `yaml:"name" json:"name"`
	Description fact.Text   `yaml:"description,omitempty" json:"description,omitempty"`
	Kind        string      `yaml:"kind" json:"kind"`                                 // coupon, product, free-shipping …: an open set, formed as keys are
	Price       fact.Points `yaml:"price" json:"price"`                               // 1 or more
	Stock       *int64      `yaml:"stock,omitempty" json:"stock,omitempty"`           // how many pieces there ever are; absent: no end
	PerMember   int64       `yaml:"per_member,omitempty" json:"per_member,omitempty"` // how many a member may have; 0: no limit
	Tier        string      `yaml:"tier,omitempty" json:"tier,omitempty"`             // the key of the lowest tier that may have it; empty: everyone
	When        string      `yaml:"when,omitempty" json:"when,omitempty"`             // an expression over the member; empty: everyone
	From        string      `yaml:"from,omitempty" json:"from,omitempty"`
	Until       string      `yaml:"until,omitempty" json:"until,omitempty"`
}
