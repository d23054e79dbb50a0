package engine

import (
	"encoding/binary"
	"encoding/json"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// operation is what a request asks for. The names are stored: they are never changed. Those of a loyalty.Operation are its own.
type operation string

const (
	opTrack          operation = "interactionTrack"
	opEnrol          operation = "memberEnrol"
	opRedeem         operation = "rewardRedeem"
	opReverse        operation = "interactionReverse"
	opRefund         operation = "pointsRefund"
	opRegister       operation = "memberRegister"
	opIdentify       operation = "memberIdentify"
	opIdentityRemove operation = "memberIdentityRemove"
	opMerge          operation = "memberMerge"
	opSettle         operation = "settle" // nobody asks for it: time does
	opConsent        operation = "consentRecord"
	opPrefer         operation = "contactPrefer"
	opContact        operation = "contactRecord"
	opErase          operation = "memberErase"

	opUpdate          operation = "memberUpdate"
	opDependentAdd    operation = "dependentAdd"
	opDependentUpdate operation = "dependentUpdate"
	opDependentRemove operation = "dependentRemove"
	// opRemeasure is asked for of all members at once.
	opRemeasure operation = "metricRebuild"
)

// MaxKey is the longest idempotency key, in bytes.
const MaxKey = 200

// MaxIdentities is how many identities an enrolment may name.
const MaxIdentities = 10

// job is a request on its way: checked as far as it can be without the database.
type job struct {
	op        operation
	origin    Origin
	refs      []Ref // whom it is about; of an enrolment, the identities that must be free
	track     *Track
	enrol     *Enrol
	redeem    *Redeem
	update    *Update
	operate   *Operate
	reverse   *Reverse
	refund    *Refund
	consent   *Consent
	prefer    *Prefer
	contact   *Contact
	erase     *Erase
	register  *Register
	identify  *Identify
	remeasure *Remeasure
	note      string // what its caller wrote about it, empty for nothing
	received  time.Time

	content    string // the request in one form, whatever the order of its properties
	properties string // of an interaction, as JSON; empty for none

	// Of the present attempt:
	command fact.ID
	digest  fact.ID            // names programme, caller, operation and key
	request fact.ID            // names the request
	history []fact.Interaction // of a member whose metrics are worked out anew

	aside bool // whether it has turned out to take long
	done  chan reply
}

// reply is the answer to a job, or the fault that kept it from one.
type reply struct {
	outcome *Outcome
	err     error
}

func newJob(op operation, origin Origin, now time.Time) (*job, *fact.Refusal) {
	switch {
	case origin.Key == "":
		return nil, fact.Refuse(fact.CodeRequired, "idempotencyKey", "an idempotency key is needed")
	case len(origin.Key) > MaxKey:
		return nil, fact.Refuse(fact.CodeTooLong, "idempotencyKey", "an idempotency key has at most %d bytes", MaxKey)
	}
	return &job{op: op, origin: origin, received: now, done: make(chan reply, 1)}, nil
}

// name gives the job its ids in an attempt: a new one for its command, and those that tell whether it was answered before. Keys and requests may hold
// personal data, and what is kept of them for ever must not tell it: hence a digester by the programme's secret.
func (j *job) name(by *fact.Digester) {
	j.command = fact.NewID(fact.KindCommand)
	j.digest = by.Digest(j.origin.Programme.UUID(), j.origin.Caller, string(j.op), j.origin.Key)
	j.request = by.Digest(j.content)
}

var errUnwritable = fact.Refuse(fact.CodeInvalid, "", "the request cannot be written as JSON")

// seal writes down what the caller asked for.
func (j *job) seal(content any) *fact.Refusal {
	b, err := json.Marshal(content)
	if err != nil {
		return errUnwritable
	}
	j.content = string(b)
	return nil
}

func normaliseRef(r Ref, field string) (Ref, *fact.Refusal) {
	if !r.Hold.IsZero() {
		if r.Hold.Kind() != fact.KindHold {
			return r, errUnknownHold
		}
		return Ref{Hold: r.Hold}, nil
	}
	if !r.ID.IsZero() {
		if r.ID.Kind() != fact.KindMember {
			return r, fact.Refuse(fact.CodeUnknownMember, field+".id", "there is no such member")
		}
		return Ref{ID: r.ID}, nil
	}
	value, refusal := fact.Normalise(r.Identity.Kind, r.Identity.Value, field+".identity.value")
	return Ref{Identity: Identity{r.Identity.Kind, value}}, refusal
}

// happens is the event that a request makes happen, and when it is said to; no event for most operations.
func (j *job) happens() (event string, occurred time.Time) {
	switch {
	case j.track != nil:
		return j.track.Event, j.track.Occurred
	case j.enrol != nil && (j.enrol.Status == loyalty.Anonymous || j.enrol.Status == loyalty.Prospect):
		return loyalty.EventMet, j.enrol.Occurred
	case j.enrol != nil:
		return loyalty.EventEnrolled, j.enrol.Occurred
	case j.consent != nil:
		return loyalty.EventConsented, j.consent.Occurred
	case j.register != nil:
		return loyalty.EventEnrolled, j.register.Occurred
	case j.update != nil:
		return j.update.event(), j.update.Occurred
	}
	return "", time.Time{}
}

func trackJob(t *Track, now time.Time) (*job, *fact.Refusal) {
	j, refusal := newJob(opTrack, t.Origin, now)
	if refusal != nil {
		return nil, refusal
	}
	ref, refusal := normaliseRef(t.Member, "member")
	if refusal != nil {
		return nil, refusal
	}
	if refusal := loyalty.CheckProperties(t.Properties, "properties"); refusal != nil {
		return nil, refusal
	}
	if len(t.Lines) > loyalty.MaxLines {
		return nil, fact.Refuse(fact.CodeTooMany, "lines", "at most %d lines are taken, not %d", loyalty.MaxLines, len(t.Lines))
	}
	if t.Value != nil && t.Value.Amount.IsNegative() {
		return nil, fact.Refuse(fact.CodeNegative, "value.amount", "a value is never negative")
	}
	if !t.Occurred.IsZero() {
		t.Occurred = fact.Instant(t.Occurred)
	}
	j.track, j.refs = t, []Ref{ref}
	return j, j.sealTrack(ref)
}

// sealTrack is seal for an interaction, of which there are many: each part of it with its length before it, as no other interaction has them.
func (j *job) sealTrack(ref Ref) *fact.Refusal {
	t := j.track
	if len(t.Properties) > 0 {
		text, err := json.Marshal(t.Properties) // in the order of their names
		if err != nil {
			return errUnwritable
		}
		j.properties = string(text)
	}
	b := make([]byte, 0, 128+len(t.Event)+len(t.Touchpoint)+len(ref.Identity.Value)+len(j.properties)+64*len(t.Lines))
	b = append(b, ref.ID[:]...)
	for _, part := range [...]string{string(ref.Identity.Kind), ref.Identity.Value, t.Event, t.Touchpoint, j.properties} {
		b = appendPart(b, part)
	}
	if !t.Occurred.IsZero() {
		b = binary.AppendVarint(append(b, 1), t.Occurred.UnixMicro())
	}
	if t.Value != nil {
		b = appendPart(appendPart(append(b, 2), t.Value.Amount.String()), t.Value.Currency)
	}
	for _, l := range t.Lines {
		b = appendPart(appendPart(append(b, 3), l.Reference), l.Amount.String())
		b = binary.AppendVarint(b, l.Quantity)
	}
	j.content = string(b)
	return nil
}

func appendPart(b []byte, part string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(part))), part...)
}

func enrolJob(e *Enrol, now time.Time) (*job, *fact.Refusal) {
	j, refusal := newJob(opEnrol, e.Origin, now)
	switch {
	case refusal != nil:
		return nil, refusal
	case len(e.Identities) == 0:
		return nil, fact.Refuse(fact.CodeRequired, "identities", "at least one identity is needed")
	case len(e.Identities) > MaxIdentities:
		return nil, fact.Refuse(fact.CodeTooMany, "identities", "at most %d identities are taken", MaxIdentities)
	}
	for i, identity := range e.Identities {
		field := listField("identities", i)
		value, refusal := fact.Normalise(identity.Kind, identity.Value, field+".value")
		if refusal != nil {
			return nil, refusal
		}
		ref := Ref{Identity: Identity{identity.Kind, value}}
		for _, earlier := range j.refs {
			if earlier == ref {
				return nil, fact.Refuse(fact.CodeInvalid, field, "the identity is named twice")
			}
		}
		j.refs = append(j.refs, ref)
	}
	if refusal := loyalty.CheckProperties(e.Attributes, "attributes"); refusal != nil {
		return nil, refusal
	}
	if !e.Occurred.IsZero() {
		e.Occurred = fact.Instant(e.Occurred)
	}
	j.enrol = e
	return j, j.seal(struct {
		Refs               []Ref
		Touchpoint, Locale string
		Occurred           time.Time
		Attributes         map[string]any
		Consents           []loyalty.Choice     `json:",omitempty"`
		Status             loyalty.Status       `json:",omitempty"`
		Dependents         []loyalty.Introduced `json:",omitempty"`
		Party              fact.Party           `json:",omitempty"`
	}{j.refs, e.Touchpoint, e.Locale, e.Occurred, e.Attributes, e.Consents, e.Status, e.Dependents, e.Party})
}

func redeemJob(r *Redeem, now time.Time) (*job, *fact.Refusal) {
	j, refusal := newJob(opRedeem, r.Origin, now)
	if refusal != nil {
		return nil, refusal
	}
	ref, refusal := normaliseRef(r.Member, "member")
	if refusal != nil {
		return nil, refusal
	}
	j.redeem, j.refs = r, []Ref{ref}
	return j, j.seal(struct {
		Ref    Ref
		Reward fact.ID
	}{ref, r.Reward})
}
