package loyalty

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"granaio/loyalty/budget"
	"granaio/loyalty/consent"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/mission"
	"granaio/loyalty/persona"
	"granaio/loyalty/reward"
	"granaio/loyalty/rule"
	"granaio/loyalty/tier"
	"granaio/loyalty/touchpoint"
)

// Compile checks a whole programme and makes it ready to decide. It reports all that is wrong at once; the programme is nil if anything is. The names of the definitions may be absent (nil) to check a spec that has none yet; otherwise each definition needs one.
// It never changes the spec, and keeps parts of it: the spec is not to be changed afterwards.
func Compile(spec *Spec, id Identity, refs Refs) (*Programme, []Problem) {
	r := fact.NewReport()
	if spec == nil {
		spec = &Spec{}
	}
	c := &compiler{spec: spec, refs: refs, p: &Programme{
		id: id, attributes: map[string]*DeclaredAttribute{}, dependents: map[string]*DependentKind{}, guarded: map[string][]string{}, events: map[string]*Event{}, plans: map[string]*plan{},
	}}
	if spec.Granaio != Format {
		r.In("granaio").Say("this is format %d: this Granaio reads format %d", spec.Granaio, Format)
	}
	c.compileSettings(&spec.Programme, r.In("programme"))
	c.compileDefinitions(r)
	c.compilePartners(spec.Partners, r.In("partners"))
	c.compilePaused(&spec.Paused, r.In("paused"))
	if problems := r.Problems(); len(problems) > 0 {
		return nil, problems
	}
	c.plan()
	return c.p, nil
}

// compiler is a programme in the making.
type compiler struct {
	spec    *Spec
	refs    Refs
	p       *Programme
	setting fact.Setting
	rules   map[string]ageing // how each rule's and mission's points age, by key
	mission map[string]ageing
}

// languageTag is a BCP 47 tag of a language, perhaps a script, perhaps a region.
var languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$`)

func (c *compiler) compileSettings(s *Settings, r fact.Report) {
	if !fact.IsKey(s.Key) {
		r.In("key").Say("“%s” is not a key: lower-case letters, digits and dashes, at most %d, not beginning with a dash", s.Key, fact.MaxKey)
	}
	if len(s.Languages) == 0 {
		r.In("languages").Say("at least one language is needed, such as it")
	}
	for i, l := range s.Languages {
		if !languageTag.MatchString(l) || slices.Contains(s.Languages[:i], l) {
			r.In("languages").At(i).Say("“%s” is not a language tag, such as it or de-CH, or is there already", l)
		}
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil || s.TimeZone == "" || s.TimeZone == "Local" {
		r.In("time_zone").Say("“%s” is not a time zone, such as Europe/Rome", s.TimeZone)
		zone = time.UTC
	}
	currency, err := fact.CurrencyOf(s.Currency)
	if err != nil {
		r.In("currency").Say("%s", err)
	}
	c.setting = fact.Setting{Zone: zone, Languages: s.Languages}
	p := c.p
	p.key, p.name, p.pointsName, p.pointName, p.currency, p.zone, p.languages = s.Key, s.Name, s.Points.Name, s.Points.One, currency, zone, s.Languages
	if s.Starts == "" {
		r.In("starts").Say("the day on which the programme begins is missing")
	}
	p.starts = fact.ParseStart(s.Starts, zone, r.In("starts"))
	c.setting.Text(s.Name, false, fact.MaxName, r.In("name"))
	c.setting.Text(s.Points.Name, false, fact.MaxName, r.In("points").In("name"))
	c.setting.Text(s.Points.One, true, fact.MaxName, r.In("points").In("one"))
	p.groups = compileGroups(s.Groups, r.In("groups"))
	p.recourse = compileReturns(s.Points.Returns, r.In("points").In("returns"))
	p.policy = compilePolicy(s.Tiers, zone, r.In("tiers"))
	p.members = compileMembers(s.Members, r.In("members"))
	if s.Backdating != "" {
		term, err := ledger.ParseTerm(s.Backdating)
		if err != nil {
			r.In("backdating").Say("%s", err)
		}
		p.backdating = term
	}
	p.purposes = consent.Compile(s.Consents, c.setting, r.In("consents"))
	p.contact, p.erasable = consent.CompileContact(s.Contact, c.setting, r.In("contact")), s.Erasure.ByMember
	c.compileAttributes(s.Attributes, p.attributes, []string{"locale"}, true, r.In("attributes"))
	switch p.aside = s.UndeclaredAttributes == undeclaredAside; s.UndeclaredAttributes {
	case "", undeclaredRefuse, undeclaredAside:
	default:
		r.In("undeclared_attributes").Say("“%s” is neither refuse nor aside%s", s.UndeclaredAttributes, fact.Nearest(s.UndeclaredAttributes, []string{undeclaredRefuse, undeclaredAside}))
	}
	c.compileDependents(s.Dependents, r.In("dependents"))
	c.compileEvents(s.Events, r.In("events"))
	c.compileTriggers(s.Triggers, r.In("triggers"))
	c.checkPolicy(r.In("tiers"))
	p.ageing = c.compileAgeing(s.Points.Mature, s.Points.Expire, s.Points.Warn, ageing{}, nil, r.In("points"))
}

// How a group chooses the one of its rules that gives.
const (
	firstOf = "first" // by priority
	bestOf  = "best"  // for the member; the first by priority of those that give the same
)

func compileGroups(groups map[string]string, r fact.Report) map[string]string {
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		if !fact.IsKey(name) {
			r.In(name).Say("“%s” is not a key: lower-case letters, digits and dashes, at most %d, not beginning with a dash", name, fact.MaxKey)
		}
		if choose := groups[name]; choose != firstOf && choose != bestOf {
			r.In(name).Say("“%s” is neither first nor best%s", choose, fact.Nearest(choose, []string{firstOf, bestOf}))
		}
	}
	return groups
}

// checkGroup reports a rule's group that the programme does not have, or that has rules of another kind: a group is of awards or of multipliers.
func (c *compiler) checkGroup(x rule.Spec, kinds map[string]string, r fact.Report) {
	if x.Group == "" {
		return
	}
	kind := "awards"
	if x.Multiply != "" {
		kind = "multipliers"
	}
	if c.p.groups[x.Group] == "" {
		r.Say("unknown group “%s”%s", x.Group, fact.Nearest(x.Group, slices.Collect(maps.Keys(c.p.groups))))
	} else if other := kinds[x.Group]; other != "" && other != kind {
		r.Say("the group “%s” has %s already: a group is of awards or of multipliers", x.Group, other)
	}
	kinds[x.Group] = kind
}

func (c *compiler) compileDefinitions(r fact.Report) {
	p, s := c.p, c.spec
	words := expr.Vocabulary{Events: make(map[string]map[string]expr.Type, len(p.events)), Attributes: make(map[string]expr.Type, len(p.attributes))}
	words.About, words.Metrics = map[string]bool{}, map[string]expr.Metric{}
	for name, e := range p.events {
		words.Events[name], words.About[name] = e.Properties, e.about && len(p.dependents) > 0
	}
	if len(p.dependents) > 0 {
		words.Dependents = map[string]expr.Type{}
	}
	for _, k := range p.dependents {
		for name, a := range k.attributes {
			words.Dependents[name] = a.Type
		}
	}
	for name, a := range p.attributes {
		words.Attributes[name] = a.Type
	}
	words.Guarded = p.guarded
	language := expr.NewLanguage(words)
	c.compileMetrics(s.Programme.Metrics, language, words.Metrics, r.In("programme").In("metrics"))
	tierKeys := make([]string, len(s.Tiers))
	for i, t := range s.Tiers {
		tierKeys[i] = t.Key
	}
	p.touchpoints = touchpoint.Compile(s.Touchpoints, c.refs[fact.KindTouchpoint], c.setting, r.In("touchpoints"))
	p.personas = persona.Compile(s.Personas, c.refs[fact.KindPersona], c.setting, language, r.In("personas"))
	p.tiers = tier.Compile(s.Tiers, c.refs[fact.KindTier], c.setting, r.In("tiers"))
	p.budgets = budget.Compile(s.Budgets, c.refs[fact.KindBudget], c.setting, r.In("budgets"))
	p.rules = rule.Compile(s.Rules, c.refs[fact.KindRule], c.setting, language, p.currency, r.In("rules"))
	p.missions = mission.Compile(s.Missions, c.refs[fact.KindMission], c.setting, language, r.In("missions"))
	p.rewards = reward.Compile(s.Rewards, c.refs[fact.KindReward], c.setting, language, tierKeys, r.In("rewards"))

	c.rules, c.mission = make(map[string]ageing, len(s.Rules)), make(map[string]ageing, len(s.Missions))
	p.grants = map[string]*grant{}
	kinds := map[string]string{}
	for i, x := range s.Rules {
		at := r.In("rules").At(i)
		c.checkGroup(x, kinds, at.In("group"))
		if x.Grant != nil {
			p.grants[x.Key] = c.compileGrant(x.Grant, at.In("grant"))
		}
		if x.Budget != "" && p.Budget(x.Budget) == nil {
			at.In("budget").Say("unknown budget “%s”%s", x.Budget, fact.Nearest(x.Budget, keysOf(s.Budgets, func(i int) string { return s.Budgets[i].Key })))
		}
		c.rules[x.Key] = c.compileAgeing(x.Mature, x.Expire, x.Warn, p.ageing, x.On, at)
		c.named(fact.KindRule, x.Key, at)
		if x.Award != nil && (x.Award.Per != "" || len(x.Award.Bands) > 0) {
			for j, name := range x.On {
				if e := p.events[name]; e != nil && e.Value == ValueNone {
					at.In("on").At(j).Say("“%s” carries no value, so there is no amount to give points for", name)
				}
			}
		}
	}
	for i, x := range s.Missions {
		at := r.In("missions").At(i)
		if x.Tier != "" && p.tiers.Find(x.Tier) == nil {
			at.In("tier").Say("unknown tier “%s”%s", x.Tier, fact.Nearest(x.Tier, tierKeys))
		}
		c.mission[x.Key] = c.compileAgeing(x.Mature, x.Expire, x.Warn, p.ageing, x.On, at)
		c.named(fact.KindMission, x.Key, at)
	}
	c.checkReach(r.In("tiers"))
	for i, x := range s.Budgets {
		c.named(fact.KindBudget, x.Key, r.In("budgets").At(i))
	}
	for i, x := range s.Touchpoints {
		c.named(fact.KindTouchpoint, x.Key, r.In("touchpoints").At(i))
		partners := keysOf(s.Partners, func(i int) string { return s.Partners[i].Key })
		if c.refs == nil && x.Owner != "" && !slices.Contains(partners, x.Owner) { // of a file: beside it nothing tells which partners there are
			r.In("touchpoints").At(i).In("owner").Say("unknown partner “%s”%s", x.Owner, fact.Nearest(x.Owner, partners))
		}
	}
	for i, x := range s.Personas {
		c.named(fact.KindPersona, x.Key, r.In("personas").At(i))
	}
	for i, x := range s.Tiers {
		c.named(fact.KindTier, x.Key, r.In("tiers").At(i))
	}
	for i, x := range s.Rewards {
		c.named(fact.KindReward, x.Key, r.In("rewards").At(i))
	}
}

// named reports a definition that has no name, where definitions are to have one.
func (c *compiler) named(kind fact.Kind, key string, r fact.Report) {
	if c.refs != nil && c.refs[kind][key].Definition.IsZero() {
		r.Say("“%s” has no id", key)
	}
}

func (c *compiler) compilePartners(specs []PartnerSpec, r fact.Report) {
	keys := fact.Keys{}
	for i, x := range specs {
		at := r.At(i)
		keys.Take(x.Key, i, at.In("key"))
		if strings.TrimSpace(x.Name) == "" || len(x.Name) > fact.MaxName {
			at.In("name").Say("a name has 1 to %d bytes", fact.MaxName)
		}
		for j, s := range x.Scopes {
			if !slices.Contains(Scopes, s) || slices.Contains(x.Scopes[:j], s) {
				at.In("scopes").At(j).Say("“%s” is not a scope, or is there already: those are %s%s", s, strings.Join(Scopes, ", "), fact.Nearest(s, Scopes))
			}
		}
	}
}

// Events in the order of their names, built-in ones too.
func (p *Programme) Events() []*Event {
	all := make([]*Event, 0, len(p.events))
	for _, name := range slices.Sorted(maps.Keys(p.events)) {
		all = append(all, p.events[name])
	}
	return all
}
