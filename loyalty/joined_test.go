package loyalty

import (
	"reflect"
	"testing"
	"time"

	"granaio/loyalty/fact"
)

// joinings are what becomes of each field of a document when two are made one. A new field needs a line: whoever adds it says what becomes of it.
var joinings = map[string]string{
	"Version": "the later one", "Profile": "of each attribute the value that is believed more, or is newer, and the dependents of both", "Events": "added up by day", "Qualifying": "added up by day",
	"Standing": "joined by merging.inherit", "Missions": "added up by period", "Given": "added up by day", "Redeemed": "added up",
	"Affinities": "judged anew by merging.place", "Waiting": "both, each as long as either", "Arrived": "both, the latest ones", "Warned": "joined by the ledger",
	"Moment": "the later one", "Was": "the one's own: nobody is merged who is suspended", "Absorbed": "both", "Metrics": "added up by day",
	"Consents": "the later decision about each purpose", "Contact": "the one's own, else the other's",
}

func TestEveryFieldOfADocumentIsJoined(t *testing.T) {
	doc := reflect.TypeFor[Doc]()
	for i := range doc.NumField() {
		if name := doc.Field(i).Name; joinings[name] == "" {
			t.Errorf("nothing says what becomes of Doc.%s when two documents are made one", name)
		}
	}
	if len(joinings) != doc.NumField() {
		t.Errorf("%d fields are told of, and there are %d", len(joinings), doc.NumField())
	}
}

func TestJoined(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC) }
	series := func(keep int, days ...int) *Series {
		s := &Series{}
		for _, d := range days {
			s.add(at(d), fact.DayOf(at(d), time.UTC), 10, retention{days: keep}, time.UTC)
		}
		return s
	}
	p := &Programme{zone: time.UTC}
	here := &Doc{
		Version: 3, Profile: NewProfile(Known{Attributes: map[string]Attribute{"diet": {Value: "any", At: at(5)}, "children": {Value: int64(1), At: at(1)}}}),
		Events: map[string]*Series{"purchase": series(100, 1, 2, 2), "visit": series(0, 1)}, Qualifying: *series(100, 2),
		Missions: map[string]MissionState{"m": {MissionPeriod: MissionPeriod{Period: "2026-03", Count: 2}, Latest: fact.DayOf(at(2), time.UTC)}},
		Given:    map[string]*Given{"r": {Series: *series(100, 1), Recent: []int64{5}}}, Redeemed: map[string]int64{"mug": 1},
		Waiting: []Waiting{{"delivery", "order", at(5)}}, Arrived: []Arrival{{Key: fact.ID{1}, At: at(3)}}, Moment: &Moment{at(1), "a"}, Absorbed: []fact.ID{{7}},
	}
	there := &Doc{
		Version: 2, Profile: NewProfile(Known{Attributes: map[string]Attribute{"diet": {Value: "vegan", At: at(6)}, "children": {Value: int64(2), At: at(0)}}, Dependents: []Dependent{{Kind: "child"}}}),
		Events: map[string]*Series{"purchase": series(100, 2, 4), "visit": series(50, 3)}, Qualifying: *series(100, 2, 3),
		Missions: map[string]MissionState{"m": {
			MissionPeriod: MissionPeriod{Period: "2026-03", Count: 3, Completed: at(4), Award: fact.ID{9}}, Earlier: []MissionPeriod{{Period: "2026-02", Count: 1}},
			Latest: fact.DayOf(at(4), time.UTC),
		}},
		Given: map[string]*Given{"r": {Series: *series(100, 4), Recent: []int64{3}}}, Redeemed: map[string]int64{"mug": 2, "cup": 1},
		Waiting: []Waiting{{"delivery", "order", at(9)}, {"delivery", "box", at(1)}}, Arrived: []Arrival{{Key: fact.ID{1}, At: at(3)}, {Key: fact.ID{2}, At: at(1)}},
		Moment: &Moment{at(2), "b"}, Absorbed: []fact.ID{{8}},
	}
	doc := p.joined(here, there)
	purchases, visits := doc.Events["purchase"], doc.Events["visit"]
	if purchases.Count != 5 || purchases.Sum != 50 || !purchases.First.Equal(at(1)) || !purchases.Last.Equal(at(4)) {
		t.Errorf("purchases %+v", purchases)
	}
	if n, sum, known := purchases.within(fact.DayOf(at(2), time.UTC), fact.DayOf(at(4), time.UTC)); n != 4 || sum != 40 || !known {
		t.Errorf("from the second to the fourth: %d, %d, %v", n, sum, known)
	}
	if _, _, known := visits.within(fact.DayOf(at(1), time.UTC), fact.DayOf(at(3), time.UTC)); known || visits.Count != 2 {
		t.Errorf("of one nothing was kept by day, and the days of both are known: %+v", visits)
	}
	m := doc.Missions["m"]
	if m.Count != 5 || !m.Completed.Equal(at(4)) || m.Award != (fact.ID{9}) || len(m.Earlier) != 1 || m.Earlier[0].Period != "2026-02" {
		t.Errorf("the mission %+v", m)
	}
	if g := doc.Given["r"]; g.Count != 2 || !reflect.DeepEqual(g.Recent, []int64{3, 5}) || doc.Qualifying.Sum != 30 || doc.Redeemed["mug"] != 3 || doc.Redeemed["cup"] != 1 {
		t.Errorf("%+v %+v %+v", g, doc.Qualifying, doc.Redeemed)
	}
	if doc.Version != 3 || doc.Profile.Known().Attributes["diet"].Value != "vegan" || doc.Profile.Known().Attributes["children"].Value != int64(1) || len(doc.Profile.Known().Dependents) != 1 || doc.Moment.Key != "b" ||
		len(doc.Absorbed) != 2 || len(doc.Waiting) != 2 || !doc.Waiting[0].Until.Equal(at(9)) || len(doc.Arrived) != 2 || doc.Arrived[0].Key != (fact.ID{2}) {
		t.Errorf("%+v", doc)
	}
	if here.Events["purchase"].Count != 3 || len(here.Absorbed) != 1 || len(here.Waiting) != 2-1 {
		t.Error("a document that was joined was changed")
	}
}
