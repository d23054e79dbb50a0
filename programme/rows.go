package programme

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"granaio/ent"
	"granaio/ent/definition"
	"granaio/ent/programmeversion"
	"granaio/ent/revision"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// draft is a definition as a file has it, before it is a row.
type draft struct {
	kind   definition.Kind
	key    string
	body   map[string]any
	digest string // SHA-256 of the body as JSON with sorted keys
}

// kindOf is the id's kind of each kind of definition.
var kindOf = map[definition.Kind]fact.Kind{
	definition.KindTouchpoint: fact.KindTouchpoint, definition.KindPersona: fact.KindPersona, definition.KindTier: fact.KindTier,
	definition.KindRule: fact.KindRule, definition.KindMission: fact.KindMission, definition.KindReward: fact.KindReward,
}

// Kinds are the kinds of definition, in the order of a file.
var Kinds = []string{"touchpoint", "persona", "tier", "rule", "mission", "reward"}

// place is the identity of a definition within its programme.
type place struct {
	kind definition.Kind
	key  string
}

// drafts are a programme's definitions, in the order of a file.
func drafts(s *loyalty.Spec) ([]draft, error) {
	var all []draft
	var failed error
	add := func(kind definition.Kind, key string, spec any) {
		body, digest, err := asJSON(spec)
		if err != nil {
			failed = fmt.Errorf("programme: %s %s: %w", kind, key, err)
		}
		all = append(all, draft{kind, key, body, digest})
	}
	for i := range s.Touchpoints {
		add(definition.KindTouchpoint, s.Touchpoints[i].Key, &s.Touchpoints[i])
	}
	for i := range s.Personas {
		add(definition.KindPersona, s.Personas[i].Key, &s.Personas[i])
	}
	for i := range s.Tiers {
		add(definition.KindTier, s.Tiers[i].Key, &s.Tiers[i])
	}
	for i := range s.Rules {
		add(definition.KindRule, s.Rules[i].Key, &s.Rules[i])
	}
	for i := range s.Missions {
		add(definition.KindMission, s.Missions[i].Key, &s.Missions[i])
	}
	for i := range s.Rewards {
		add(definition.KindReward, s.Rewards[i].Key, &s.Rewards[i])
	}
	return all, failed
}

// asJSON is a Spec as a JSON document, with its digest. Its form does not hang on the order of the struct's fields, nor on whether what is empty is
// written or left out.
func asJSON(spec any) (map[string]any, string, error) {
	raw, err := json.Marshal(spec)
	if err != nil {
		return nil, "", err
	}
	var body map[string]any
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, "", err
	}
	prune(body)
	if raw, err = json.Marshal(body); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(raw)
	return body, hex.EncodeToString(sum[:]), nil
}

// prune removes what is empty from a document.
func prune(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			prune(e)
		}
	case map[string]any:
		for key, e := range v {
			prune(e)
			list, isList := e.([]any)
			document, isDocument := e.(map[string]any)
			if e == nil || isList && len(list) == 0 || isDocument && len(document) == 0 {
				delete(v, key)
			}
		}
	}
}

// fromJSON reads what asJSON wrote.
func fromJSON(body map[string]any, spec any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, spec)
}

// most is how many ids a statement names at most, far below either database's limit of parameters.
const most = 1000

// assemble is a programme's version as data again, and the names of its definitions. Partners are not part of a version.
func assemble(ctx context.Context, client *ent.Client, v *ent.ProgrammeVersion) (*loyalty.Spec, loyalty.Refs, error) {
	spec := &loyalty.Spec{Granaio: loyalty.Format}
	if err := fromJSON(v.Settings, &spec.Programme); err != nil {
		return nil, nil, fmt.Errorf("settings: %w", err)
	}
	revisions := make(map[fact.ID]*ent.Revision, len(v.Revisions))
	definitions := make(map[fact.ID]*ent.Definition, len(v.Revisions))
	for ids := range slices.Chunk(v.Revisions, most) {
		rows, err := client.Revision.Query().Where(revision.IDIn(ids...)).All(ctx)
		if err != nil {
			return nil, nil, err
		}
		owners := make([]fact.ID, len(rows))
		for i, r := range rows {
			revisions[r.ID], owners[i] = r, r.DefinitionID
		}
		defined, err := client.Definition.Query().Where(definition.IDIn(owners...)).All(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, d := range defined {
			definitions[d.ID] = d
		}
	}
	refs := make(loyalty.Refs, len(kindOf))
	for _, id := range v.Revisions {
		r := revisions[id]
		if r == nil || definitions[r.DefinitionID] == nil {
			return nil, nil, fmt.Errorf("revision %s is missing", id)
		}
		d := definitions[r.DefinitionID]
		kind := kindOf[d.Kind]
		if refs[kind] == nil {
			refs[kind] = make(map[string]fact.Ref)
		}
		refs[kind][d.Key] = fact.Ref{Definition: d.ID, Revision: r.ID, Number: r.Number}
		if err := appendTo(spec, d.Kind, r.Body); err != nil {
			return nil, nil, fmt.Errorf("%s %s: %w", d.Kind, d.Key, err)
		}
	}
	return spec, refs, nil
}

// appendTo adds a definition to the list of its kind.
func appendTo(spec *loyalty.Spec, kind definition.Kind, body map[string]any) error {
	switch kind {
	case definition.KindTouchpoint:
		return grow(&spec.Touchpoints, body)
	case definition.KindPersona:
		return grow(&spec.Personas, body)
	case definition.KindTier:
		return grow(&spec.Tiers, body)
	case definition.KindRule:
		return grow(&spec.Rules, body)
	case definition.KindMission:
		return grow(&spec.Missions, body)
	case definition.KindReward:
		return grow(&spec.Rewards, body)
	}
	return fmt.Errorf("an unknown kind of definition")
}

func grow[T any](list *[]T, body map[string]any) error {
	var spec T
	if err := fromJSON(body, &spec); err != nil {
		return err
	}
	*list = append(*list, spec)
	return nil
}

// versionOf is a version's row.
func versionOf(ctx context.Context, client *ent.Client, programme fact.ID, number int) (*ent.ProgrammeVersion, error) {
	return client.ProgrammeVersion.Query().Where(programmeversion.ProgrammeID(programme), programmeversion.Number(number)).Only(ctx)
}
