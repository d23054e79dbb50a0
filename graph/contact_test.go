package graph_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
)

const writeTo = `mutation($input: ContactRecordInput!) { contactRecord(input: $input) { duplicate contact { channel allowed reason } userErrors { field code } } }`

// Whoever sends messages asks first. What is granted counts towards the caps at once, for a member and whom it absorbed; what is refused says why, and may be asked again under its key.
func TestMessagesAreAskedFor(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		id := h.enrolled(t, "nonna@example.com")
		anna, n := h.operator(t), 0
		write := func(channel string, more variables) answer {
			t.Helper()
			n++
			in := variables{"idempotencyKey": fmt.Sprint(n), "member": byID(id), "channel": channel}
			for k, v := range more {
				in[k] = v
			}
			return anna.ask(t, writeTo, input(in)).sound(t)
		}
		granted := func(a answer, contact string) {
			t.Helper()
			a.is(t, "contactRecord.userErrors", "[]")
			a.is(t, "contactRecord.contact", contact)
		}
		refused := func(a answer, code, field, reason string) {
			t.Helper()
			a.is(t, "contactRecord.userErrors.0.code", fmt.Sprintf("%q", code))
			if got := fmt.Sprint(a.at("contactRecord.userErrors.0.field")); got != fmt.Sprint(strings.Split(field, ".")) {
				t.Errorf("the field is %s, not %s", got, field)
			}
			a.is(t, "contactRecord.contact.reason", reason)
		}
		refused(write("sms", nil), "CONTACT_NOT_ALLOWED", "channel", `"NO_CONSENT"`)
		anna.ask(t, `mutation($input: ConsentRecordInput!) { consentRecord(input: $input) { userErrors { code } } }`, decisionsOf(id, "c", decision("news", "GIVEN"))).sound(t)
		const capped = `{"allowed":false,"channel":"sms","reason":"CAP_REACHED"}`
		granted(write("email", nil), `{"allowed":true,"channel":"email","reason":null}`)
		granted(write("sms", variables{"idempotencyKey": "the first"}), capped)
		again := write("sms", variables{"idempotencyKey": "the first"})
		granted(again, capped)
		again.is(t, "contactRecord.duplicate", "true")
		refused(write("sms", variables{"idempotencyKey": "the second"}), "CONTACT_NOT_ALLOWED", "channel", `"CAP_REACHED"`)
		granted(write("sms", variables{"sentAt": instantly(h.now().Add(-time.Hour))}), capped)
		refused(write("sms", variables{"sentAt": instantly(h.now().Add(time.Hour))}), "IN_FUTURE", "sentAt", `"CAP_REACHED"`)
		refused(write("fax", nil), "UNKNOWN_CHANNEL", "channel", "null")
		refused(write("sms", variables{"member": byID(fact.NewID(fact.KindMember))}), "UNKNOWN_MEMBER", "member", "null")

		refused(write("sms", variables{"member": variables{"identity": variables{"kind": "PHONE", "value": "12"}}}), "INVALID", "member.identity.value", "null")
		other := h.enrolled(t, "nonno@example.com")
		anna.ask(t, `mutation($input: ConsentRecordInput!) { consentRecord(input: $input) { userErrors { code } } }`, decisionsOf(other, "d", decision("news", "GIVEN"))).sound(t)
		if o, err := h.engine.Merge(t.Context(), engine.Merge{Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "m"}, From: engine.Ref{ID: id}, Into: engine.Ref{ID: other}, Reason: "one"}); err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		refused(write("sms", variables{"member": byID(other)}), "CONTACT_NOT_ALLOWED", "channel", `"CAP_REACHED"`)
		h.passes(31 * 24 * time.Hour)
		granted(write("sms", variables{"idempotencyKey": "the second"}), capped)

		for who, answered := range map[*client]string{h.partner(t, "members:write"): `[{"code":"UNKNOWN_MEMBER"}]`, h.partner(t, "members:write", "members:own"): "[]"} {
			asked := variables{"idempotencyKey": answered, "member": byID(id), "channel": "email"}
			who.ask(t, `mutation($input: ContactRecordInput!) { contactRecord(input: $input) { userErrors { code } } }`, input(asked)).sound(t).is(t, "contactRecord.userErrors", answered)
		}
		for who, code := range map[*client]string{h.member(t, id): "FORBIDDEN", h.partner(t, "members:read"): "FORBIDDEN"} {
			if a := who.ask(t, writeTo, input(variables{"idempotencyKey": "x", "member": byID(id), "channel": "email"})); a.code() != code {
				t.Errorf("%q, not %q", a.code(), code)
			}
		}
	})
}

// However many ask at once, through however many processes, no more are granted than a cap lets go.
func TestNobodyIsWrittenToBeyondACap(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		id := h.enrolled(t, "nonna@example.com")
		h.operator(t).ask(t, `mutation($input: ConsentRecordInput!) { consentRecord(input: $input) { userErrors { code } } }`, decisionsOf(id, "c", decision("news", "GIVEN"))).sound(t)
		second := engine.New(h.store, shelf{h.library}, engine.Nobody{}, engine.Options{Now: h.now})
		t.Cleanup(second.Close)
		var all sync.WaitGroup
		var granted atomic.Int64
		for i := range 24 {
			all.Go(func() {
				o, err := []*engine.Engine{h.engine, second}[i%2].Contact(t.Context(), engine.Contact{
					Origin: engine.Origin{Programme: h.id, Caller: "test", Key: fmt.Sprint(i)}, Member: engine.Ref{ID: id}, Channel: "sms",
				})
				if err != nil {
					t.Error(err)
				} else if o.Refusal == nil {
					granted.Add(1)
				}
			})
		}
		all.Wait()
		if granted.Load() != 1 {
			t.Errorf("%d were granted, of 1", granted.Load())
		}
	})
}
