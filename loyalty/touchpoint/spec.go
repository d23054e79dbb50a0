package touchpoint

import "granaio/loyalty/fact"

// Spec is a touchpoint as data.
type Spec struct {
	Key  string    `yaml:"key" json:"key"`
	Name fact.Text `yaml:"name" json:"name"`
	Kind Kind      `yaml:"kind" json:"kind"`
}

// Kind is what sort of place a touchpoint is.
type Kind string

// The kinds.
const (
	ContactCentre Kind = "contact_centre"
	Social        Kind = "social"
	Web           Kind = "web"
	App           Kind = "app"
	Store         Kind = "store"
	Kiosk         Kind = "kiosk"
	Sensor        Kind = "sensor"
	Geolocation   Kind = "geolocation"
	Email         Kind = "email"
	Event         Kind = "event"
)

// Kinds are all of them.
var Kinds = []Kind{ContactCentre, Social, Web, App, Store, Kiosk, Sensor, Geolocation, Email, Event}
