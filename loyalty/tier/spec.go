package tier

import "granaio/loyalty/fact"

// Spec is a tier as data.
type Spec struct {
	Key      string      `yaml:"key" json:"key"`
	Name     fact.Text   `yaml:"name" json:"name"`
	At       fact.Points `yaml:"at,omitempty" json:"at,omitempty"`             // what reaches it: qualifying points, times, or whole units of the currency, as the programme's policy measures
	Granted  bool        `yaml:"granted,omitempty" json:"granted,omitempty"`   // only a rule's grant reaches it; it then has no at
	Multiply string      `yaml:"multiply,omitempty" json:"multiply,omitempty"` // of the points that rules give for an amount: a decimal above 1, at most 100; empty: they stay as they are
	Benefits []fact.Text `yaml:"benefits,omitempty" json:"benefits,omitempty"`
}
