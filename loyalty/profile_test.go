package loyalty_test

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// What is known of a member comes back as it was, whatever it is, and is written the same way each time.
func TestAProfileComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		instant := rapid.Custom(func(t *rapid.T) time.Time { return time.UnixMicro(rapid.Int64Range(1, 4e15).Draw(t, "micros")).UTC() })
		whole := rapid.Int64Range(-(1<<53 - 1), 1<<53-1)
		value := rapid.OneOf(rapid.String().AsAny(), rapid.Bool().AsAny(), whole.AsAny(), rapid.SliceOfN(rapid.String(), 0, 5).AsAny(), rapid.Just[any](nil))
		attribute := rapid.Custom(func(t *rapid.T) loyalty.Attribute {
			return loyalty.Attribute{
				Value: value.Draw(t, "value"), Touchpoint: "app", At: instant.Draw(t, "at"), Party: rapid.SampledFrom(fact.Parties).Draw(t, "party"), Interaction: id(fact.KindInteraction, 3),
			}
		})
		attributes := rapid.MapOfN(rapid.StringMatching(`[a-z]{1,5}`), attribute, 1, 4)
		known := loyalty.Known{Attributes: attributes.Draw(t, "attributes")}
		for n := range rapid.IntRange(0, 3).Draw(t, "dependents") {
			known.Dependents = append(known.Dependents, loyalty.Dependent{
				ID: id(fact.KindDependent, n+1), Kind: "child", Added: instant.Draw(t, "added"), Attributes: attributes.Draw(t, "of a dependent"),
			})
		}
		text, err := loyalty.NewProfile(known).Encode()
		if err != nil {
			t.Fatal(err)
		}
		back := loyalty.StoredProfile(text)
		var readers sync.WaitGroup
		for range 3 {
			readers.Go(func() { back.Known() })
		}
		readers.Wait()
		if back.Err() != nil || !reflect.DeepEqual(back.Known(), known) {
			t.Fatalf("%v: %+v\nis not\n%+v\nin %s", back.Err(), back.Known(), known, text)
		}
		if again, err := loyalty.NewProfile(back.Known()).Encode(); err != nil || string(again) != string(text) {
			t.Fatalf("%s, %v\nis not\n%s", again, err, text)
		}
	})
}

// A profile that cannot be read says so, and is not taken for an empty one by whoever would write another.
func TestABrokenProfileIsNotOverwritten(t *testing.T) {
	p := compiled(t, nursery())
	for _, text := range []string{`[]`, `{"attributes":{"a":{"value":1.5}}}`, `{"attributes":{"a":{"value":{}}}}`, `{"dependents":[{"attributes":{"a":{"value":[1]}}}]}`} {
		broken := loyalty.StoredProfile([]byte(text))
		if broken.Err() == nil || len(broken.Known().Attributes) > 0 {
			t.Errorf("%s is read as %+v", text, broken.Known())
		}
		s := &loyalty.State{Member: loyalty.Member{ID: id(fact.KindMember, 1), Status: loyalty.Registered}, Doc: loyalty.Doc{Profile: broken}}
		_, _, refusal, err := loyalty.ApplyUpdate(p, s, loyalty.Update{Touchpoint: "app", Occurred: at("2026-05-04 10:00"), Attributes: map[string]any{"diet": "vegan"}}, at("2026-05-04 10:00"))
		if err == nil || refusal != nil || !strings.Contains(err.Error(), "profile") {
			t.Errorf("%s: %v, %v", text, refusal, err)
		}
	}
	if loyalty.StoredProfile(nil) != nil || loyalty.NewProfile(loyalty.Known{}) != nil || (*loyalty.Profile)(nil).Err() != nil {
		t.Error("to know nothing takes no profile")
	}
}
