package persona

import "granaio/loyalty/fact"

// Spec is a persona as data.
type Spec struct {
	Key         string      `yaml:"key" json:"key"`
	Name        fact.Text   `yaml:"name" json:"name"`
	Description fact.Text   `yaml:"description,omitempty" json:"description,omitempty"`
	Traits      []TraitSpec `yaml:"traits" json:"traits"`
}

// TraitSpec is one sign by which a persona is known.
type TraitSpec struct {
	Key       string    `yaml:"key" json:"key"`
	Dimension Dimension `yaml:"dimension" json:"dimension"`
	Weight    int       `yaml:"weight" json:"weight"` // 1 to 100
	When      string    `yaml:"when" json:"when"`     // an expression over the member
	Text      fact.Text `yaml:"text" json:"text"`     // what a member who has it is told
}

// Dimension is the side of a person that a trait looks at.
type Dimension string

// The dimensions.
const (
	Behavioural   Dimension = "behavioural"
	Values        Dimension = "values"
	Transactional Dimension = "transactional"
)

// Dimensions are all of them.
var Dimensions = []Dimension{Behavioural, Values, Transactional}
