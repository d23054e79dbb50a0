package programme

import (
	"context"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"granaio/auth"
	"granaio/ent"
	"granaio/ent/partner"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Export is a version of a programme as YAML, with the partners that it has now (they belong to no version). Import of the version in force changes
// nothing. Comments of the file that was imported are not kept.
func Export(ctx context.Context, s *store.Store, programme fact.ID, number int) ([]byte, error) {
	spec, err := Spec(ctx, s, programme, number)
	if err != nil {
		return nil, err
	}
	return write(spec)
}

// Spec is a version of a programme as data, with the partners that it has now.
func Spec(ctx context.Context, s *store.Store, programme fact.ID, number int) (*loyalty.Spec, error) {
	ctx = auth.System(ctx, programme)
	spec, _, err := versionSpec(ctx, s.Ent(), programme, number)
	if ent.IsNotFound(err) {
		return nil, fmt.Errorf("programme: there is no version %d", number)
	}
	if err != nil {
		return nil, fmt.Errorf("programme: version %d of %s: %w", number, programme, err)
	}
	partners, err := s.Ent().Partner.Query().Where(partner.ProgrammeID(programme)).Order(partner.ByKey()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("programme: partners of %s: %w", programme, err)
	}
	for _, p := range partners {
		if len(p.Scopes) > 0 { // one without is retired
			spec.Partners = append(spec.Partners, loyalty.PartnerSpec{Key: p.Key, Name: p.Name, Scopes: slices.Clone(p.Scopes)})
		}
	}
	return spec, nil
}

// write is a programme as YAML that Parse reads as the same again.
func write(spec *loyalty.Spec) ([]byte, error) { return dump(spec) }

func dump(spec any) ([]byte, error) {
	text, err := yaml.Dump(spec, yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1), yaml.WithUnicode(true))
	if err != nil {
		return nil, fmt.Errorf("programme: %w", err)
	}
	return text, nil
}
