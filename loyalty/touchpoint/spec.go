package touchpoint

import "granaio/loyalty/fact"

// Spec is a touchpoint as data.
type Spec struct {
	Key  string    `yaml:"key" json:"key"`
	Name fact.Text `yaml:"name" json:"name"`
	Kind Kind      `yaml:"kind" json:"kind"`
	// Physical is whether people go there; absent: as its kind is.
	Physical *bool      `yaml:"physical,omitempty" json:"physical,omitempty"`
	Place    *PlaceSpec `yaml:"place,omitempty" json:"place,omitempty"`
	Hours    *HoursSpec `yaml:"hours,omitempty" json:"hours,omitempty"` // absent: nothing is known of them
	Owner    string     `yaml:"owner,omitempty" json:"owner,omitempty"` // the key of the partner whose it is; absent: the brand's
}

// PlaceSpec is where a touchpoint is.
type PlaceSpec struct {
	Address   string `yaml:"address,omitempty" json:"address,omitempty"`
	Latitude  string `yaml:"latitude,omitempty" json:"latitude,omitempty"`   // decimal degrees, north of the equator above 0: "44.801485"
	Longitude string `yaml:"longitude,omitempty" json:"longitude,omitempty"` // east of Greenwich above 0: "10.327904"
}

// HoursSpec is when a touchpoint is open, by the clock on its wall.
type HoursSpec struct {
	Zone string `yaml:"zone,omitempty" json:"zone,omitempty"` // IANA; absent: the programme's
	// Weekly are the openings of each day of the week, monday to sunday: "09:00-13:00". A day that is absent is closed. 24:00 is midnight.
	Weekly     map[string][]string `yaml:"weekly,omitempty" json:"weekly,omitempty"`
	Exceptions []ExceptionSpec     `yaml:"exceptions,omitempty" json:"exceptions,omitempty"`
}

// ExceptionSpec is one day, or some, that are not as the week says.
type ExceptionSpec struct {
	From  string   `yaml:"from" json:"from"`                       // the day: 2026-12-24
	Until string   `yaml:"until,omitempty" json:"until,omitempty"` // the last one; absent: it is one day
	Open  []string `yaml:"open,omitempty" json:"open,omitempty"`   // the openings; absent: it is closed
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
	Sensor        Kind = "iot_sensor"
	Geolocation   Kind = "geolocation"
	Email         Kind = "email"
	Event         Kind = "event"
)

// Kinds are all of them.
var Kinds = []Kind{ContactCentre, Social, Web, App, Store, Kiosk, Sensor, Geolocation, Email, Event}

// physical are the kinds that people go to.
var physical = []Kind{Store, Kiosk, Sensor, Geolocation, Event}
