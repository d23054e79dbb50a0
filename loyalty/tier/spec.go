package tier

import "granaio/loyalty/fact"

// Spec is a tier as data.
type Spec struct {
	Key      string      `yaml:"key" json:"key"`
	Name     fact.Text   `yaml:"name" json:"name"`
	At       fact.Points `yaml:"at" json:"at"` // the qualifying points that reach it
	Benefits []fact.Text `yaml:"benefits,omitempty" json:"benefits,omitempty"`
}
