package graph_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// reverses is the return of an interaction.
func (w *badInput) reverses(of any, more ...any) variables {
	return w.one(variables{"interaction": of}, more...)
}

// refunds is the refund of a movement.
func (w *badInput) refunds(of any, more ...any) variables {
	return w.one(variables{"movement": of}, more...)
}

// returns are those of nothing, of what is unknown, foreign or a reversal, of more than is left, and of lines that are none.
func (w *badInput) returns(t *testing.T) (all []refused) {
	bought := w.anna.bought(t, "p", w.ada)
	part, err := w.engine.Reverse(t.Context(), engine.Reverse{
		Origin: engine.Origin{Programme: w.id, Caller: "test", Key: "part"}, Interaction: parsed(t, bought), Lines: []loyalty.ReturnedLine{{Reference: "bread", Quantity: 2}},
	})
	if err != nil || part.Refusal != nil {
		t.Fatal(part, err)
	}
	spend := w.operates(t, loyalty.Hold{Points: 20, ExpiresIn: time.Hour}, engine.Ref{ID: w.ada}).Own[0].As(fact.KindHold)
	spend = w.operates(t, loyalty.Capture{Hold: spend}, engine.Ref{Hold: spend}).Own[0]
	lines := func(reference string, quantity any) []variables {
		return []variables{{"reference": reference, "quantity": quantity}}
	}
	for amount, code := range map[string]fact.Code{
		"0": fact.CodeZero, "-0.01": fact.CodeNegative, "1.001": fact.CodeFractional, "90071992547409.92": fact.CodeTooLarge, "43.35": fact.CodeMoreThanLeft, "ten": fact.CodeInvalid,
	} {
		all = append(all, refused{"interactionReverse", w.reverses(bought, "value", variables{"amount": amount}), code, "value.amount"})
	}
	for _, c := range []struct {
		number json.RawMessage
		pieces fact.Code
		points fact.Code
	}{
		{json.RawMessage(`0`), fact.CodeZero, fact.CodeZero}, {json.RawMessage(`-1`), fact.CodeNegative, fact.CodeNegative},
		{json.RawMessage(`1.5`), fact.CodeFractional, fact.CodeFractional}, {json.RawMessage(`1e2`), fact.CodeFractional, fact.CodeFractional},
		{json.RawMessage(`9007199254740992`), fact.CodeTooLarge, fact.CodeTooLarge}, {json.RawMessage(`21`), fact.CodeMoreThanLeft, fact.CodeMoreThanSpent},
		{json.RawMessage(`"5"`), fact.CodeInvalid, fact.CodeInvalid},
	} {
		all = append(all,
			refused{"interactionReverse", w.reverses(bought, "lines", lines("bread", c.number)), c.pieces, "lines.0.quantity"},
			refused{"pointsRefund", w.refunds(spend, "points", c.number), c.points, "points"})
	}
	ahead := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	return append(all,
		refused{"interactionReverse", w.reverses(bought, "value", variables{"amount": "1", "currency": "USD"}), fact.CodeCurrencyMismatch, "value.currency"},
		refused{"interactionReverse", w.reverses(bought, "value", variables{"amount": "1"}, "lines", lines("bread", 1)), fact.CodeInvalid, "lines"},
		refused{"interactionReverse", w.reverses(bought, "lines", []variables{}), fact.CodeRequired, "lines"},
		refused{"interactionReverse", w.reverses(bought, "lines", lines("tea", 1)), fact.CodeUnknownLine, "lines.0.reference"},
		refused{"interactionReverse", w.reverses(bought, "lines", append(lines("cake", 1), lines("cake", 1)...)), fact.CodeInvalid, "lines.1.reference"},
		refused{"interactionReverse", w.reverses(part.ReversalID), fact.CodeReversalOfReversal, "interaction"},
		refused{"interactionReverse", w.reverses(fact.NewID(fact.KindInteraction)), fact.CodeUnknownInteraction, "interaction"},
		refused{"interactionReverse", w.reverses(w.ada), fact.CodeUnknownInteraction, "interaction"},
		refused{"interactionReverse", w.reverses("nonsense"), fact.CodeInvalid, "interaction"},
		refused{"interactionReverse", w.reverses(bought, "as", w.eve), fact.CodeUnknownInteraction, "interaction"},
		refused{"interactionReverse", w.reverses(bought, "occurredAt", ahead), fact.CodeInFuture, "occurredAt"},
		refused{"interactionReverse", w.reverses(bought, "occurredAt", "2026-01-01T00:00:00Z"), fact.CodeInvalid, "occurredAt"},
		refused{"interactionReverse", w.reverses(bought, "occurredAt", "yesterday"), fact.CodeInvalid, "occurredAt"},
		refused{"interactionReverse", w.reverses(bought, "note", strings.Repeat("x", 501)), fact.CodeTooLong, "note"},
		refused{"pointsRefund", w.refunds(part.MovementIDs[0]), fact.CodeReversalOfReversal, "movement"},
		refused{"pointsRefund", w.refunds(parsed(t, bought).At(1).As(fact.KindMovement)), fact.CodeNotReversible, "movement"},
		refused{"pointsRefund", w.refunds(fact.NewID(fact.KindMovement)), fact.CodeUnknownMovement, "movement"},
		refused{"pointsRefund", w.refunds(bought), fact.CodeUnknownMovement, "movement"},
		refused{"pointsRefund", w.refunds("nonsense"), fact.CodeInvalid, "movement"},
		refused{"pointsRefund", w.refunds(spend, "as", w.eve), fact.CodeUnknownMovement, "movement"},
		refused{"pointsRefund", w.refunds(spend, "occurredAt", ahead), fact.CodeInFuture, "occurredAt"},
		refused{"pointsRefund", w.refunds(spend, "note", "a\x00b"), fact.CodeInvalid, "note"},
	)
}

func parsed(t *testing.T, id string) fact.ID {
	t.Helper()
	parsed, err := fact.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
