package model

import (
	"context"
	"time"

	"granaio/engine"
	"granaio/graph/fault"
	"granaio/graph/read"
	"granaio/loyalty"
	"granaio/loyalty/consent"
)

// NewPurpose shows a purpose.
func NewPurpose(p *consent.Purpose, languages []string) *Purpose {
	text := p.Present()
	return &Purpose{Key: p.Key, Allows: p.Allows, Name: p.Name.In(languages...), Text: text.Text.In(languages...), TextVersion: text.Version}
}

// Consent is what a member has decided about a purpose.
type Consent struct {
	Purpose     *Purpose
	Touchpoint  *Touchpoint
	State       consent.State
	record      consent.Record
	member      *read.Member
	TextVersion *string
}

// Since is since when it holds.
func (c *Consent) Since() *time.Time { return instant(c.record.Since) }

// History is what it decided, latest first, of at most so many decisions.
func (c *Consent) History(ctx context.Context, first int) ([]*read.ConsentDecision, error) {
	if first < 1 || first > read.MaxPage {
		return nil, fault.Malformed("first is 1 to %d", read.MaxPage)
	}
	all, err := c.member.Decisions(ctx)
	if err != nil {
		return nil, err
	}
	of := all[c.Purpose.Key]
	return of[:min(len(of), first)], nil
}

// NewConsents shows what a member has decided about each purpose of the programme.
func NewConsents(m *read.Member, v *engine.View, s Speech) []*Consent {
	s = s.In(v.Programme)
	shown := []*Consent{}
	for _, p := range v.Programme.Purposes() {
		known := v.State.Doc.Consents[p.Key]
		shown = append(shown, &Consent{
			Purpose: NewPurpose(p, s), State: known.State, record: known, member: m, TextVersion: named(known.Version),
			Touchpoint: NewTouchpoint(v.Programme.Touchpoint(known.Touchpoint), s),
		})
	}
	return shown
}

// NewContactAnswers shows whether a member may be written to.
func NewContactAnswers(all []consent.Answer) []*ContactAnswer {
	shown := make([]*ContactAnswer, len(all))
	for i, a := range all {
		shown[i] = &ContactAnswer{Channel: a.Channel, Allowed: a.Allowed(), Again: whenever(a.Again)}
		if !a.Allowed() {
			shown[i].Reason = &a.Reason
		}
	}
	return shown
}

// NewContactPreferences shows how a member wants to be written to.
func NewContactPreferences(v *engine.View) *ContactPreferences {
	p := v.State.Doc.Contact
	if p == nil {
		p = &consent.Preferences{}
	}
	return &ContactPreferences{Channels: append([]string{}, p.Channels...), TimeZone: named(p.TimeZone)}
}

// ConsentRecordPayload is the answer to decisions.
type ConsentRecordPayload struct {
	answer
	choices    []loyalty.Choice
	Duplicate  bool
	UserErrors []*UserError
}

// NewConsentRecordPayload is the answer of an outcome.
func NewConsentRecordPayload(a *Answers, o *engine.Outcome, choices []loyalty.Choice) *ConsentRecordPayload {
	if o.Refusal != nil {
		return &ConsentRecordPayload{Duplicate: o.Duplicate, UserErrors: NewUserErrors(o.Refusal)}
	}
	return &ConsentRecordPayload{answer{a, o}, choices, o.Duplicate, NewUserErrors(nil)}
}

// Outcome is what followed.
func (p *ConsentRecordPayload) Outcome() *Outcome { return p.outcome() }

// Stopped is what has ended with what was refused or withdrawn.
func (p *ConsentRecordPayload) Stopped(ctx context.Context) (*ConsentStop, error) {
	m, err := p.Member(ctx)
	if err != nil || m == nil {
		return nil, err
	}
	v, err := m.View(ctx)
	if err != nil {
		return nil, err
	}
	stop := v.Programme.Stops(v.State, p.choices)
	return &ConsentStop{Personas: stop.Personas, Attributes: append([]string{}, stop.Attributes...), Messages: stop.Messages, Partners: stop.Partners}, nil
}

// ContactPreferPayload is the answer to how a member wants to be written to.
type ContactPreferPayload struct {
	answer
	Duplicate  bool
	UserErrors []*UserError
}

// NewContactPreferPayload is the answer of an outcome.
func NewContactPreferPayload(a *Answers, o *engine.Outcome) *ContactPreferPayload {
	if o.Refusal != nil {
		return &ContactPreferPayload{Duplicate: o.Duplicate, UserErrors: NewUserErrors(o.Refusal)}
	}
	return &ContactPreferPayload{answer{a, o}, o.Duplicate, NewUserErrors(nil)}
}

// MemberErasePayload is the answer to an erasure.
type MemberErasePayload struct {
	answer
	Duplicate  bool
	UserErrors []*UserError
}

// NewMemberErasePayload is the answer of an outcome.
func NewMemberErasePayload(a *Answers, o *engine.Outcome) *MemberErasePayload {
	if o.Refusal != nil {
		return &MemberErasePayload{Duplicate: o.Duplicate, UserErrors: NewUserErrors(o.Refusal)}
	}
	return &MemberErasePayload{answer{a, o}, o.Duplicate, NewUserErrors(nil)}
}

// Outcome is what closed its account.
func (p *MemberErasePayload) Outcome() *Outcome { return p.outcome() }
