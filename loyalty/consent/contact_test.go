package consent_test

import (
	"testing"
	"time"

	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
)

func compiled(t *testing.T, spec *consent.ContactSpec) (*consent.Contact, consent.Purposes) {
	t.Helper()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	r, s := fact.NewReport(), fact.Setting{Zone: rome, Languages: []string{"en"}}
	c := consent.CompileContact(spec, s, r.In("contact"))
	purposes := consent.Compile([]consent.Spec{
		{Key: "news", Allows: consent.Marketing, Name: fact.Text{"en": "News"}, Texts: []consent.TextSpec{{Version: "1", Text: fact.Text{"en": "Write to me"}}}},
	}, s, r.In("consents"))
	if problems := r.Problems(); len(problems) > 0 {
		t.Fatal(problems)
	}
	return c, purposes
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// Nobody is written to without consent, by a channel that was not chosen, past a cap, or at night; and the answer says when that ends by itself.
func TestWhoMayBeWrittenTo(t *testing.T) {
	c, purposes := compiled(t, &consent.ContactSpec{
		Channels: []string{"email", "sms"},
		Caps:     []consent.CapSpec{{Channel: "sms", Messages: 1, Per: "week"}, {Messages: 3, Per: "10d"}},
		Quiet:    &consent.QuietSpec{From: "21:00", Until: "08:00", Zone: "member"},
	})
	yes := consent.Set{}.With("news", consent.Record{State: consent.Given})
	sent := func(all ...string) (messages []consent.Sent) {
		for i := 0; i < len(all); i += 2 {
			messages = append(messages, consent.Sent{Channel: all[i], At: at(t, all[i+1])})
		}
		return messages
	}
	const noon = "2026-05-13T12:00:00+02:00" // a Wednesday
	for name, x := range map[string]struct {
		person       consent.Person
		channel, now string
		reason       consent.Reason
		again        string
	}{
		"may":                   {consent.Person{Consents: yes}, "email", noon, "", ""},
		"another channel":       {consent.Person{Consents: yes}, "fax", noon, consent.NoSuchChannel, ""},
		"has not said":          {consent.Person{}, "email", noon, consent.NoConsent, ""},
		"withdrew":              {consent.Person{Consents: yes.With("news", consent.Record{State: consent.Withdrawn})}, "email", noon, consent.NoConsent, ""},
		"chose sms":             {consent.Person{Consents: yes, Preferences: consent.Preferences{Channels: []string{"sms"}}}, "email", noon, consent.NotPreferred, ""},
		"one sms this week":     {consent.Person{Consents: yes, Sent: sent("sms", "2026-05-11T08:00:00+02:00")}, "sms", noon, consent.CapReached, "2026-05-17T22:00:00Z"},
		"of last week":          {consent.Person{Consents: yes, Sent: sent("sms", "2026-05-10T23:59:00+02:00")}, "sms", noon, "", ""},
		"no cap on email alone": {consent.Person{Consents: yes, Sent: sent("sms", "2026-05-11T08:00:00+02:00")}, "email", noon, "", ""},
		"three in ten days": {
			consent.Person{Consents: yes, Sent: sent("email", "2026-05-05T10:00:00Z", "sms", "2026-05-04T10:00:00Z", "email", "2026-05-08T10:00:00Z")}, "email", noon,
			consent.CapReached, "2026-05-13T22:00:00Z",
		},
		"night":                {consent.Person{Consents: yes}, "email", "2026-05-13T21:00:00+02:00", consent.QuietHours, "2026-05-14T06:00:00Z"},
		"early":                {consent.Person{Consents: yes}, "email", "2026-05-13T07:59:00+02:00", consent.QuietHours, "2026-05-13T06:00:00Z"},
		"morning":              {consent.Person{Consents: yes}, "email", "2026-05-13T08:00:00+02:00", "", ""},
		"night where it lives": {consent.Person{Consents: yes, Preferences: consent.Preferences{TimeZone: "Asia/Tokyo"}}, "email", noon, "", ""},
		"night in Tokyo":       {consent.Person{Consents: yes, Preferences: consent.Preferences{TimeZone: "Asia/Tokyo"}}, "email", "2026-05-13T14:00:00+02:00", consent.QuietHours, "2026-05-13T23:00:00Z"},
	} {
		a := c.May(purposes, x.person, x.channel, at(t, x.now))
		var again time.Time
		if x.again != "" {
			again = at(t, x.again)
		}
		if a.Reason != x.reason || !a.Again.Equal(again) || a.Allowed() != (x.reason == "") {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if reach := c.Reach(); reach < 10*24*time.Hour {
		t.Errorf("messages of %s are looked at", reach)
	}
	var none *consent.Contact
	if a := none.May(purposes, consent.Person{Consents: yes}, "email", at(t, noon)); a.Reason != consent.NoSuchChannel {
		t.Errorf("a programme without channels: %+v", a)
	}
}

// A decision that is heard of late does not undo what was decided after it.
func TestTheLatestDecisionHolds(t *testing.T) {
	first, second := at(t, "2026-05-01T00:00:00Z"), at(t, "2026-05-02T00:00:00Z")
	s := consent.Set{}.With("news", consent.Record{State: consent.Withdrawn, Since: second})
	if late := s.With("news", consent.Record{State: consent.Given, Since: first}); late.Gives("news") {
		t.Error("a yes of the day before holds")
	}
	if next := s.With("news", consent.Record{State: consent.Given, Since: second.Add(time.Second)}); !next.Gives("news") || s.Gives("news") {
		t.Error("a yes of a second later does not hold, or changed the set that there was")
	}
}

func TestMistakesAreTold(t *testing.T) {
	r, s := fact.NewReport(), fact.Setting{Zone: time.UTC, Languages: []string{"en"}}
	name := fact.Text{"en": "x"}
	consent.Compile([]consent.Spec{
		{Key: "a", Allows: "profile", Name: name, Texts: []consent.TextSpec{{Version: "1", Text: name}, {Version: "1", Text: name}}},
		{Key: "a", Allows: consent.Other, Name: name},
	}, s, r.In("consents"))
	consent.CompileContact(&consent.ContactSpec{
		Channels: []string{"email", "email"}, Caps: []consent.CapSpec{{Channel: "mail", Messages: 0, Per: "2026-05-01"}}, Quiet: &consent.QuietSpec{From: "21", Until: "08:00", Zone: "earth"},
	}, s, r.In("contact"))
	var paths []string
	for _, p := range r.Problems() {
		paths = append(paths, p.Path)
	}
	for _, path := range []string{
		"consents[0].allows", "consents[0].texts[1].version", "consents[1].key", "consents[1].texts", "contact.channels[1]", "contact.caps[0].channel", "contact.caps[0].messages",
		"contact.caps[0].per", "contact.quiet.from", "contact.quiet.zone",
	} {
		found := false
		for _, p := range paths {
			found = found || p == path
		}
		if !found {
			t.Errorf("%s is not complained of: %v", path, paths)
		}
	}
}
