package loyalty

import (
	"granaio/loyalty/budget"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/loyalty/metric"
	"granaio/loyalty/mission"
	"granaio/loyalty/persona"
	"granaio/loyalty/reward"
	"granaio/loyalty/rule"
	"granaio/loyalty/tier"
	"granaio/loyalty/touchpoint"
)

// Format is the version of the form that a Spec has.
const Format = 1

// Spec is a whole programme as data: what a YAML file holds, and what Compile takes. Nothing in it is checked until it is compiled.
//
// Keys are lower-case letters, digits and dashes, at most 64. Dates (starts, from, until) are a day in the programme's zone, 2026-05-01, or an instant
// with an offset, 2026-05-01T09:00:00+02:00; a day as until is the last one. Terms (warn, within, backdating) are "14 days", "12 months" and the like, as
// ledger.ParseTerm has them; expire is as ledger.ParseValidity has it, mature as fact.MatureSpec and ledger.ParseMaturity have it.
type Spec struct {
	Granaio     int               `yaml:"granaio" json:"granaio"` // Format
	Programme   Settings          `yaml:"programme" json:"programme"`
	Touchpoints []touchpoint.Spec `yaml:"touchpoints,omitempty" json:"touchpoints,omitempty"`
	Partners    []PartnerSpec     `yaml:"partners,omitempty" json:"partners,omitempty"`
	Personas    []persona.Spec    `yaml:"personas,omitempty" json:"personas,omitempty"`
	Tiers       []tier.Spec       `yaml:"tiers,omitempty" json:"tiers,omitempty"`
	Budgets     []budget.Spec     `yaml:"budgets,omitempty" json:"budgets,omitempty"`
	Rules       []rule.Spec       `yaml:"rules,omitempty" json:"rules,omitempty"`
	Missions    []mission.Spec    `yaml:"missions,omitempty" json:"missions,omitempty"`
	Rewards     []reward.Spec     `yaml:"rewards,omitempty" json:"rewards,omitempty"`
	Paused      PausedSpec        `yaml:"paused,omitempty" json:"paused,omitzero"`
}

// Settings are what a programme says of itself.
type Settings struct {
	Key        string                   `yaml:"key" json:"key"`
	Name       fact.Text                `yaml:"name" json:"name"`
	Currency   string                   `yaml:"currency" json:"currency"`                         // ISO 4217
	TimeZone   string                   `yaml:"time_zone" json:"time_zone"`                       // IANA, such as Europe/Rome
	Languages  []string                 `yaml:"languages" json:"languages"`                       // BCP 47; the first is the default
	Starts     string                   `yaml:"starts" json:"starts"`                             // interactions before it are refused
	Backdating string                   `yaml:"backdating,omitempty" json:"backdating,omitempty"` // a term: what occurred longer ago is refused; empty: nothing is
	Points     PointsSpec               `yaml:"points" json:"points"`
	Tiers      TierPolicy               `yaml:"tiers,omitempty" json:"tiers,omitzero"`
	Members    MemberPolicy             `yaml:"members,omitempty" json:"members,omitzero"`
	Groups     map[string]string        `yaml:"groups,omitempty" json:"groups,omitempty"` // of rules of which only one gives: "first" by priority, or the "best" for the member
	Attributes map[string]AttributeSpec `yaml:"attributes,omitempty" json:"attributes,omitempty"`
	// UndeclaredAttributes is what becomes of attributes that the programme does not declare: refuse (the default), or aside: kept, shown to operators, read by nothing.
	UndeclaredAttributes string                   `yaml:"undeclared_attributes,omitempty" json:"undeclared_attributes,omitempty"`
	Dependents           map[string]DependentSpec `yaml:"dependents,omitempty" json:"dependents,omitempty"` // by kind
	Events               map[string]EventSpec     `yaml:"events,omitempty" json:"events,omitempty"`
	Triggers             map[string]TriggerSpec   `yaml:"triggers,omitempty" json:"triggers,omitempty"` // events that time brings about, by name
	Metrics              map[string]metric.Spec   `yaml:"metrics,omitempty" json:"metrics,omitempty"`   // by name
	Consents             []consent.Spec           `yaml:"consents,omitempty" json:"consents,omitempty"` // what members are asked to agree to
	Contact              *consent.ContactSpec     `yaml:"contact,omitempty" json:"contact,omitempty"`   // how members are written to; absent: by no channel
	Erasure              ErasureSpec              `yaml:"erasure,omitempty" json:"erasure,omitzero"`    // who may have a member erased
}

// PointsSpec is what a programme's points are called and how they age, unless a rule or mission says otherwise.
type PointsSpec struct {
	Name   fact.Text       `yaml:"name" json:"name"`                         // of several: Chicchi
	One    fact.Text       `yaml:"one,omitempty" json:"one,omitempty"`       // of one: Chicco; as Name if absent
	Expire string          `yaml:"expire,omitempty" json:"expire,omitempty"` // how long they may be spent; empty for ever
	Warn   string          `yaml:"warn,omitempty" json:"warn,omitempty"`     // how long before they expire EventExpiring happens to the member; empty: it does not
	Mature fact.MatureSpec `yaml:"mature,omitempty" json:"mature,omitzero"`  // when they may be spent; empty for at once
	// Returns is where points come from that are taken back after they were spent.
	Returns ReturnsSpec `yaml:"returns,omitempty" json:"returns,omitzero"`
}

// ReturnsSpec is where points come from that are taken back after they were spent: from the member's other points, then from debt. What neither covers is
// let go.
type ReturnsSpec struct {
	OtherLots *bool       `yaml:"other_lots,omitempty" json:"other_lots,omitempty"` // from other points; absent: yes
	Debt      fact.Points `yaml:"debt,omitempty" json:"debt,omitempty"`             // how many a member may owe at most; 0: none
}

// TierPolicy is what counts towards tiers, how long it counts, and when a member falls.
type TierPolicy struct {
	By            string `yaml:"by,omitempty" json:"by,omitempty"`                         // points (the default: those that qualify), spend or count
	Event         string `yaml:"event,omitempty" json:"event,omitempty"`                   // of spend and count: the event that counts
	Period        string `yaml:"period,omitempty" json:"period,omitempty"`                 // lifetime (the default), calendar_year, calendar_month or rolling
	YearStarts    string `yaml:"year_starts,omitempty" json:"year_starts,omitempty"`       // of a calendar_year: the month and day on which the programme's year begins, 04-01; empty: 01-01
	RollingMonths int    `yaml:"rolling_months,omitempty" json:"rolling_months,omitempty"` // of a rolling period: 1 to 60
	Fall          string `yaml:"fall,omitempty" json:"fall,omitempty"`                     // never (the default), straight to the tier that the figures justify, or one step at a time
	Grace         string `yaml:"grace,omitempty" json:"grace,omitempty"`                   // a term for which a tier is kept after it would fall
	FallFrom      string `yaml:"fall_from,omitempty" json:"fall_from,omitempty"`           // nobody falls before; empty: whenever it is due
}

// MemberPolicy is how members become known, and what those earn who are not registered.
type MemberPolicy struct {
	Anonymous EarnPolicy `yaml:"anonymous,omitempty" json:"anonymous,omitzero"` // visitors that nobody has named yet
	Prospects EarnPolicy `yaml:"prospects,omitempty" json:"prospects,omitzero"` // who are known, and not registered
	// UnknownDevices is what becomes of an interaction of a device that nobody knows: welcome makes an anonymous member of it, refuse (the default) refuses it.
	UnknownDevices string   `yaml:"unknown_devices,omitempty" json:"unknown_devices,omitempty"`
	Claims         []string `yaml:"claims,omitempty" json:"claims,omitempty"` // the kinds of identity that members may give themselves; absent: device
	// Merges is what becomes of what two members were both given and one may be given once: keep (the default) or take_back.
	Merges string `yaml:"merges,omitempty" json:"merges,omitempty"`
}

// EarnPolicy is what members of a status earn.
type EarnPolicy struct {
	Earn   string `yaml:"earn,omitempty" json:"earn,omitempty"`     // everything (the default), pending points, or nothing
	Within string `yaml:"within,omitempty" json:"within,omitempty"` // of pending: a term, after which they are lost unless the member is registered; absent: 12 months
}

// AttributeSpec declares an attribute of a member, or of a dependent.
type AttributeSpec struct {
	Name        fact.Text `yaml:"name,omitempty" json:"name,omitempty"`               // what people see it called; absent: its own name
	Type        string    `yaml:"type" json:"type"`                                   // string, int, bool, strings (a list of them) or date
	Kind        string    `yaml:"kind,omitempty" json:"kind,omitempty"`               // demographic, behavioural, psychographic or transactional
	Sensitivity string    `yaml:"sensitivity,omitempty" json:"sensitivity,omitempty"` // none, personal (the default) or sensitive
	// Purpose is the key of the consent without which conditions cannot read it. Empty: of a behavioural or psychographic one, any that allows profiling, where there is
	// one; of another, none. A dependent's attribute has none.
	Purpose string   `yaml:"purpose,omitempty" json:"purpose,omitempty"`
	Values  []string `yaml:"values,omitempty" json:"values,omitempty"` // of a string or strings: those that are taken; empty for any
	// Min and Max bound an int, or a date, where today is that of whenever it is said.
	Min     string `yaml:"min,omitempty" json:"min,omitempty"`
	Max     string `yaml:"max,omitempty" json:"max,omitempty"`
	Length  int    `yaml:"length,omitempty" json:"length,omitempty"`   // of a string, or of each of strings: how many characters at most
	Pattern string `yaml:"pattern,omitempty" json:"pattern,omitempty"` // of a string, or of each of strings: what all of it matches (RE2)
	// Precedence is which parties are taken, the one that is believed most first; absent: all, as fact.Parties has them. One alone, “newest”: all, and whatever is
	// newest is believed.
	Precedence []string `yaml:"precedence,omitempty" json:"precedence,omitempty"`
	// Write is who may write it: some of member, partner, operator and interaction. Absent: all, but for a member what it is not shown.
	Write []string `yaml:"write,omitempty" json:"write,omitempty"`
	Show  *bool    `yaml:"show,omitempty" json:"show,omitempty"` // whether the member sees it of itself; absent: it does
}

// DependentSpec declares a kind of dependent: somebody or something that members look after, of which they may have several.
type DependentSpec struct {
	Name       fact.Text                `yaml:"name" json:"name"`
	Most       int                      `yaml:"most,omitempty" json:"most,omitempty"`             // how many of the kind a member has at most; absent: 20
	Attributes map[string]AttributeSpec `yaml:"attributes,omitempty" json:"attributes,omitempty"` // by name
}

// ErasureSpec is who may have a member erased, besides operators.
type ErasureSpec struct {
	ByMember bool `yaml:"by_member,omitempty" json:"by_member,omitempty"` // the member itself
}

// EventSpec declares an event that touchpoints may send.
type EventSpec struct {
	Name       fact.Text         `yaml:"name" json:"name"`
	Value      string            `yaml:"value,omitempty" json:"value,omitempty"`           // required, optional or none (the default)
	Properties map[string]string `yaml:"properties,omitempty" json:"properties,omitempty"` // the type of each that rules may read: string, int, bool, double, strings or date
	// From is who may send it: some of member, partner and operator. Absent, all may send an event without a value, and partners and operators one
	// with a value, so that no member can invent a purchase.
	From []string `yaml:"from,omitempty" json:"from,omitempty"`
	// Activity is whether it is activity of the member, which keeps points that expire by inactivity; absent: it is. It is false of what happens to the member
	// without its doing, such as a vote received.
	Activity *bool `yaml:"activity,omitempty" json:"activity,omitempty"`
	// Attributes are those of the member that properties become: by the attribute's name, the property's.
	Attributes map[string]string `yaml:"attributes,omitempty" json:"attributes,omitempty"`
	// Party is whom Attributes come from: zero where the person says them, as in a survey; absent: first, since the brand observes them.
	Party string `yaml:"party,omitempty" json:"party,omitempty"`
}

// PartnerSpec declares an organisation that uses the API in its own name.
type PartnerSpec struct {
	Key    string   `yaml:"key" json:"key"`
	Name   string   `yaml:"name" json:"name"`
	Scopes []string `yaml:"scopes,omitempty" json:"scopes,omitempty"` // what it may do: some of Scopes
}

// ScopeOwn says that the members are a partner's own: it is the brand's web site or the server of its app, and no third party.
const ScopeOwn = "members:own"

// Scopes are what a partner may be allowed to do.
var Scopes = []string{"interactions:write", ScopeOwn, "members:read", "members:write", "points:write"}
