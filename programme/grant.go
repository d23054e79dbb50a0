package programme

import (
	"maps"
	"slices"

	"granaio/ent"
	"granaio/ent/change"
	"granaio/ent/partner"
	"granaio/loyalty/fact"
)

// partners makes the partners' rows what the file says.
func (i *importing) partners() error {
	rows, err := i.client.Partner.Query().Where(partner.ProgrammeID(i.row.ID)).Order(partner.ByKey()).All(i.ctx)
	if err != nil {
		return err
	}
	before := make(map[string]*ent.Partner, len(rows))
	for _, r := range rows {
		before[r.Key] = r
	}
	for _, p := range i.file.Spec.Partners {
		scopes := slices.Sorted(slices.Values(p.Scopes))
		row, became := before[p.Key], Unchanged
		delete(before, p.Key)
		switch {
		case row == nil:
			became = Created
			row, err = i.client.Partner.Create().SetProgrammeID(i.row.ID).SetKey(p.Key).SetName(p.Name).SetScopes(scopes).SetCreatedAt(i.now).Save(i.ctx)
		case row.Name != p.Name || !slices.Equal(row.Scopes, scopes):
			became = Changed
			_, err = i.client.Partner.Update().Where(partner.ID(row.ID)).SetName(p.Name).SetScopes(scopes).Save(i.ctx)
		}
		if err != nil {
			return err
		}
		if err := i.tell(row.ID, p.Key, became); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		row := before[key]
		if len(row.Scopes) == 0 {
			continue
		}
		if _, err := i.client.Partner.Update().Where(partner.ID(row.ID)).SetScopes([]string{}).Save(i.ctx); err != nil {
			return err
		}
		if err := i.tell(row.ID, key, Retired); err != nil {
			return err
		}
	}
	return nil
}

// tell reports what became of a partner, and writes down who changed it.
func (i *importing) tell(id fact.ID, key string, became Change) error {
	i.report.Partners = append(i.report.Partners, PartnerReport{id, key, became})
	action := change.ActionGranted
	switch became {
	case Unchanged:
		return nil
	case Retired:
		action = change.ActionWithdrawn
	}
	return i.changed(action).SetPartnerID(id).Exec(i.ctx)
}
