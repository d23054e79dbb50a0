package fact

import (
	"bytes"
	"encoding/json"
)

// MatureSpec is when points may be spent, as data: a text ("14 days", "2026-12-24", "at once"), or an event of the member that they wait for: the first
// whose property has the value that it has in the interaction that earned them. The zero value says nothing.
type MatureSpec struct {
	Text string `yaml:"-" json:"-"`

	On     string `yaml:"on,omitempty" json:"on,omitempty"`         // the event
	Same   string `yaml:"same,omitempty" json:"same,omitempty"`     // the property, which both have
	Within string `yaml:"within,omitempty" json:"within,omitempty"` // a term: what has not matured by then is lost
}

// IsZero tells whether nothing is said.
func (m MatureSpec) IsZero() bool { return m == MatureSpec{} }

// Scalar is where the text is, for whoever reads one.
func (m *MatureSpec) Scalar() *string { return &m.Text }

// mapping is the form that it has unless it is a text.
type mapping MatureSpec

// MarshalYAML is the text or the mapping.
func (m MatureSpec) MarshalYAML() (any, error) {
	if m.Text != "" {
		return m.Text, nil
	}
	return mapping(m), nil
}

// MarshalJSON writes the text or an object.
func (m MatureSpec) MarshalJSON() ([]byte, error) {
	if m.Text != "" {
		return json.Marshal(m.Text)
	}
	return json.Marshal(mapping(m))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *MatureSpec) UnmarshalJSON(data []byte) error {
	*m = MatureSpec{}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte(`"`)) {
		return json.Unmarshal(data, &m.Text)
	}
	return json.Unmarshal(data, (*mapping)(m))
}
