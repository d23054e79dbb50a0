package loyalty_test

import (
	"slices"
	"strings"
	"testing"

	"granaio/loyalty"
)

// A member reports what it did, never what it paid, unless the programme says that it may.
func TestSendersOfAnEvent(t *testing.T) {
	spec := bakery()
	spec.Programme.Events["till"] = loyalty.EventSpec{Name: both("scontrino", "receipt"), Value: "required", From: []string{"member", "partner"}}
	p, problems := loyalty.Compile(spec, loyalty.Identity{}, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for event, want := range map[string][]loyalty.Sender{
		"purchase":   {loyalty.SenderPartner, loyalty.SenderOperator},
		"idea.voted": {loyalty.SenderPartner, loyalty.SenderOperator},
		"review":     {loyalty.SenderMember, loyalty.SenderPartner, loyalty.SenderOperator},
		"till":       {loyalty.SenderMember, loyalty.SenderPartner},
	} {
		if got := p.Event(event).From; !slices.Equal(got, want) {
			t.Errorf("%s may be sent by %v, not by %v", event, got, want)
		}
	}
}

func TestSendersMustBeKnown(t *testing.T) {
	spec := bakery()
	spec.Programme.Events["review"] = loyalty.EventSpec{Name: both("recensione", "review"), From: []string{"membr", "partner", "partner"}}
	_, problems := loyalty.Compile(spec, loyalty.Identity{}, nil)
	if len(problems) != 2 || problems[0].Path != "programme.events.review.from[0]" || !strings.Contains(problems[0].Message, "did you mean “member”?") ||
		problems[1].Path != "programme.events.review.from[2]" {
		t.Errorf("the problems are %v", problems)
	}
}
