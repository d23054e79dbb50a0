package simulate_test

import (
	"context"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/store"
	"granaio/store/storetest"
)

const asking = `  consents:
    - {key: profile, allows: profiling, name: {en: Profile}, texts: [{version: "1", text: {en: Fine?}}]}
    - {key: news, allows: marketing, name: {en: News}, texts: [{version: "1", text: {en: Fine?}}]}
  events:
`

// What members decide about consent is taken again where it was, with what it lets rules read and what it earns; an account that was closed by an erasure is closed again.
func TestConsentIsReplayed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := open(t, db, source(t, "  events:\n", asking, "diet: {type: string", "diet: {type: string, kind: psychographic", "rules:\n", `rules:
  - {key: green, name: {en: Green}, on: [purchase, visit], when: member.attributes.diet == "vegan", award: {points: 3}}
  - {key: thanks, name: {en: Thanks}, on: [consent.changed, member.enrolled], when: '"news" in event.properties.given', award: {points: 11}}
`))
		if o, err := s.Enrol(t.Context(), engine.Enrol{
			Origin: s.origin(), Identities: []engine.Identity{email("m0@example.com")}, Touchpoint: "web", Attributes: map[string]any{"diet": "vegan"},
			Consents: []loyalty.Choice{{Purpose: "news", State: consent.Given}},
		}); err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		s.members = append(s.members, "m0@example.com")
		decided := 0
		for range 12 {
			s.live(t, 1, 10)
			for _, who := range s.members {
				o, err := s.Consent(t.Context(), engine.Consent{
					Origin: s.origin(), Member: engine.Ref{Identity: email(who)}, Touchpoint: "web",
					Choices: []loyalty.Choice{{Purpose: "profile", State: pick(s, consent.Decisions[:2])}, {Purpose: "news", State: pick(s, consent.Decisions)}},
				})
				if err != nil {
					t.Fatal(err)
				}
				if o.Refusal == nil {
					decided++
				}
			}
			if _, err := s.Prefer(t.Context(), engine.Prefer{Origin: s.origin(), Member: s.somebody()}); err != nil {
				t.Fatal(err)
			}
		}
		greens := s.awarded(t, "green")
		if decided < 10 || greens == 0 || s.awarded(t, "thanks") == 0 {
			t.Errorf("%d decisions, %d points by consent", decided, greens)
		}
		until := s.now().Add(time.Hour)
		if r := s.simulate(t, nil, begin, until); r.Astray != 0 || r.Members == 0 {
			t.Errorf("%+v", r)
		}
		s.compareWithBooks(t, s.simulate(t, nil, begin, until), begin, until)

		erased, err := s.Erase(t.Context(), engine.Erase{Origin: s.origin(), Member: engine.Ref{Identity: email("m1@example.com")}, Cause: "operator"})
		if err != nil || erased.Refusal != nil {
			t.Fatal(erased, err)
		}
		r := s.simulate(t, nil, begin, s.now().Add(time.Hour))
		if r.Astray != 0 || r.Erased != 1 || r.Members != int64(len(s.members)-1) {
			t.Errorf("%+v", r)
		}
		s.compareWithBooks(t, r, begin, until)
	})
}

// awarded is how many points a rule gave.
func (s *shop) awarded(t *testing.T, rule string) (points int64) {
	t.Helper()
	err := s.store.DB().QueryRowContext(context.Background(), `SELECT coalesce(sum(points), 0) FROM movements WHERE kind = 'earn' AND explanation ->> 'key' = '`+rule+`'`).Scan(&points)
	if err != nil {
		t.Fatal(err)
	}
	return points
}
