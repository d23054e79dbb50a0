package programme

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"granaio/ent"
	"granaio/ent/definition"
	"granaio/ent/programmeversion"
	"granaio/ent/revision"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// entry is one definition of those that are in force together.
type entry struct {
	place
	definition fact.ID
	revision   *ent.Revision
	paused     bool
}

// content is what is in force at a time: the settings, then the definitions by kind, each kind in its order. Partners are not part of it.
type content []entry

// find is the entry of a definition, nil if it is not in force.
func (c content) find(definition fact.ID) *entry {
	if i := slices.IndexFunc(c, func(e entry) bool { return e.definition == definition }); i >= 0 {
		return &c[i]
	}
	return nil
}

// index is the entries by definition.
func (c content) index() map[fact.ID]*entry {
	all := make(map[fact.ID]*entry, len(c))
	for i := range c {
		all[c[i].definition] = &c[i]
	}
	return all
}

// arrange puts the entries in order: by kind, tiers by the points that reach them, the others as they are.
func (c content) arrange() {
	slices.SortStableFunc(c, func(a, b entry) int {
		by := cmp.Compare(kindOf(a.kind).order(), kindOf(b.kind).order())
		if by != 0 || a.kind != definition.KindTier {
			return by
		}
		return cmp.Compare(tierAt(a), tierAt(b))
	})
}

func tierAt(e entry) float64 {
	at, _ := e.revision.Body["at"].(float64)
	return at
}

// spec is the content as a programme as data, without partners, and the names of its definitions.
func (c content) spec() (*loyalty.Spec, loyalty.Refs, error) {
	spec, refs := &loyalty.Spec{Granaio: loyalty.Format}, make(loyalty.Refs, len(kinds))
	for _, e := range c {
		k := kindOf(e.kind)
		if err := k.add(spec, e.revision.Body); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", e.place, err)
		}
		if refs[k.id] == nil {
			refs[k.id] = make(map[string]fact.Ref)
		}
		refs[k.id][e.key] = fact.Ref{Definition: e.definition, Revision: e.revision.ID, Number: e.revision.Number}
		if keys := spec.Paused.Of(k.id); e.paused && keys != nil {
			*keys = append(*keys, e.key)
		}
	}
	return spec, refs, nil
}

// ids are the revisions, in order, and the definitions that rest.
func (c content) ids() (revisions, paused []fact.ID) {
	revisions, paused = make([]fact.ID, len(c)), []fact.ID{}
	for i, e := range c {
		revisions[i] = e.revision.ID
		if e.paused {
			paused = append(paused, e.definition)
		}
	}
	return revisions, paused
}

// turn is what a version changes of one definition.
type turn struct {
	Definition fact.ID `json:"definition"`
	// Revision is the one that is in force from here on; the zero id if the definition leaves; nil if it stays as it is.
	Revision *fact.ID `json:"revision,omitempty"`
	// Paused is whether it rests from here on; nil if that stays as it is.
	Paused *bool `json:"paused,omitempty"`
}

// leaves tells whether the definition is no longer in force.
func (t turn) leaves() bool { return t.Revision != nil && t.Revision.IsZero() }

// meets tells whether two changes are of the same.
func (t turn) meets(o turn) bool {
	return t.Definition == o.Definition && (t.Revision != nil && o.Revision != nil || t.Paused != nil && o.Paused != nil || t.leaves() || o.leaves())
}

// turns are what must change of one content to be the other.
func turns(before, after content) []turn {
	all, were, stay := []turn{}, before.index(), after.index()
	for _, e := range after {
		t, was := turn{Definition: e.definition}, were[e.definition]
		if was == nil || was.revision.ID != e.revision.ID {
			t.Revision = &e.revision.ID
		}
		if was == nil && e.paused || was != nil && was.paused != e.paused {
			t.Paused = &e.paused
		}
		if t.Revision != nil || t.Paused != nil {
			all = append(all, t)
		}
	}
	for _, e := range before {
		if stay[e.definition] == nil {
			all = append(all, turn{Definition: e.definition, Revision: new(fact.ID)})
		}
	}
	return all
}

// with is the content after changes. The entries of revisions that it has not are made by get. A definition that is to rest and has left stays away.
func (c content) with(changes []turn, get func(definition, revision fact.ID) (entry, error)) (content, error) {
	next := slices.Clone(c)
	for _, t := range changes {
		i := slices.IndexFunc(next, func(e entry) bool { return e.definition == t.Definition })
		switch {
		case t.leaves() && i >= 0:
			next = slices.Delete(next, i, i+1)
			continue
		case t.leaves():
			continue
		case t.Revision != nil:
			e, err := get(t.Definition, *t.Revision)
			if err != nil {
				return nil, err
			}
			if i < 0 {
				next, i = append(next, e), len(next)
			} else {
				next[i].revision = e.revision
			}
		}
		if t.Paused != nil && i >= 0 {
			next[i].paused = *t.Paused
		}
	}
	next.arrange()
	return next, nil
}

// most is how many ids a statement names at most, far below either database's limit of parameters.
const most = 1000

// contentOf is what a version says is in force.
func contentOf(ctx context.Context, client *ent.Client, v *ent.ProgrammeVersion) (content, error) {
	rows, err := entriesOf(ctx, client, v.Revisions)
	if err != nil {
		return nil, err
	}
	c := make(content, len(v.Revisions))
	for i, id := range v.Revisions {
		e, ok := rows[id]
		if !ok {
			return nil, fmt.Errorf("revision %s is missing", id)
		}
		e.paused = slices.Contains(v.Paused, e.definition)
		c[i] = e
	}
	return c, nil
}

// entriesOf are revisions, by id, with their definitions' names.
func entriesOf(ctx context.Context, client *ent.Client, ids []fact.ID) (map[fact.ID]entry, error) {
	entries := make(map[fact.ID]entry, len(ids))
	for some := range slices.Chunk(ids, most) {
		rows, err := client.Revision.Query().Where(revision.IDIn(some...)).All(ctx)
		if err != nil {
			return nil, err
		}
		owners := make([]fact.ID, len(rows))
		for i, r := range rows {
			owners[i] = r.DefinitionID
		}
		defined, err := client.Definition.Query().Where(definition.IDIn(owners...)).All(ctx)
		if err != nil {
			return nil, err
		}
		names := make(map[fact.ID]place, len(defined))
		for _, d := range defined {
			names[d.ID] = place{d.Kind, d.Key}
		}
		for _, r := range rows {
			entries[r.ID] = entry{place: names[r.DefinitionID], definition: r.DefinitionID, revision: r}
		}
	}
	return entries, nil
}

// versionOf is a version's row.
func versionOf(ctx context.Context, client *ent.Client, programme fact.ID, number int) (*ent.ProgrammeVersion, error) {
	return client.ProgrammeVersion.Query().Where(programmeversion.ProgrammeID(programme), programmeversion.Number(number)).Only(ctx)
}

// versionSpec is a version as data, and the names of its definitions.
func versionSpec(ctx context.Context, client *ent.Client, programme fact.ID, number int) (*loyalty.Spec, loyalty.Refs, error) {
	row, err := versionOf(ctx, client, programme, number)
	if err != nil {
		return nil, nil, err
	}
	c, err := contentOf(ctx, client, row)
	if err != nil {
		return nil, nil, err
	}
	return c.spec()
}
