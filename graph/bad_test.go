package graph_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"granaio/auth"
	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// refused is a request that is refused, with the code and the field.
type refused struct {
	mutation string
	input    variables
	code     fact.Code
	field    string
}

// Whatever is wrong with a request that moves value is told with a code of its own and the field, and nothing is written, on either database: every row of every
// table stays as it was. A refusal for a reason of the business is an answer for ever, so that it leaves one row, its command's.
func TestBadInputWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		w := bad(t, h)
		w.refuses(t, slices.Concat(w.keys(t), w.amounts(), w.holds(), w.names(), w.times(), w.returns(t)))
	})
}

// refuses sends requests that are to be refused, and looks whether anything was written.
func (w *badInput) refuses(t *testing.T, cases []refused) {
	t.Helper()
	before := w.dump(t)
	for _, c := range cases {
		asking := w.anna
		if eve, ok := c.input["as"].(*client); ok {
			asking = eve
			delete(c.input, "as")
		}
		name, want := fmt.Sprintf("%s of %v", c.mutation, c.input), fmt.Sprintf(`[{"code":%q,"field":["%s"]}]`, c.code, strings.ReplaceAll(c.field, ".", `","`))
		if got := w.asks(t, asking, c.mutation, c.input); got != want {
			t.Errorf("%s is answered with %s, not with %s", name, got, want)
		}
		after := w.dump(t)
		if was, is := before["commands"], after["commands"]; c.code.Kept() && is.count == was.count+1 {
			before["commands"] = is
		}
		for table := range maps.Keys(after) {
			if after[table] != before[table] {
				t.Errorf("%s changed the table %s from %d to %d rows, or some of them", name, table, before[table].count, after[table].count)
			}
		}
		before = after
	}
}

// badInput is a house with members, a hold, and an interaction, and those of another programme.
type badInput struct {
	*house
	anna, eve       *client
	ada, ben        fact.ID
	hold, ended     fact.ID
	foreign, theirs fact.ID // a member and a hold of another programme
	n               int
}

func bad(t *testing.T, h *house) *badInput {
	t.Helper()
	w := &badInput{house: h, anna: h.operator(t), ada: h.enrolled(t, "ada@example.com"), ben: h.enrolled(t, "ben@example.com")}
	ada := engine.Ref{ID: w.ada}
	h.buys(t, w.ada, 60, 1)
	w.hold = h.operates(t, loyalty.Hold{Points: 30, ExpiresIn: time.Hour}, ada).Own[0].As(fact.KindHold)
	w.ended = h.operates(t, loyalty.Hold{Points: 5, ExpiresIn: time.Hour}, ada).Own[0].As(fact.KindHold)
	h.operates(t, loyalty.Release{Hold: w.ended}, engine.Ref{Hold: w.ended})
	w.other(t, h.publish(t, "other"))
	return w
}

// other makes a member and a hold in another programme.
func (w *badInput) other(t *testing.T, id fact.ID) {
	t.Helper()
	w.eve = w.as(t, auth.Claims{Role: auth.RoleOperator, Subject: "eve", Programme: id})
	identity := engine.Identity{Kind: fact.Email, Value: "ada@example.com"}
	origin := engine.Origin{Programme: id, Caller: "operator:eve", Key: "x"}
	enrolled, err := w.engine.Enrol(t.Context(), engine.Enrol{Origin: origin, Touchpoint: "app", Identities: []engine.Identity{identity}})
	if err != nil || enrolled.Refusal != nil {
		t.Fatal(enrolled, err)
	}
	w.foreign = enrolled.Member
	held, err := w.engine.Operate(t.Context(), engine.Operate{
		Origin: origin, Members: []engine.Ref{{ID: w.foreign}}, Operation: loyalty.Hold{Points: 5, ExpiresIn: time.Hour},
	})
	if err != nil || held.Refusal != nil {
		t.Fatal(held, err)
	}
	w.theirs = held.Own[0].As(fact.KindHold)
}

// one is an input with a key of its own, changed.
func (w *badInput) one(in variables, more ...any) variables {
	w.n++
	out := maps.Clone(in)
	out["idempotencyKey"] = fmt.Sprint("bad ", w.n)
	for i := 0; i < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

func byID(id fact.ID) variables { return variables{"id": id} }

func (w *badInput) adjusts(more ...any) variables {
	return w.one(variables{"member": byID(w.ada), "points": 5, "reason": "so it be"}, more...)
}

func (w *badInput) setsAside(more ...any) variables {
	return w.one(variables{"member": byID(w.ada), "points": 5, "expiresIn": 60}, more...)
}

func (w *badInput) captures(more ...any) variables {
	return w.one(variables{"hold": w.hold, "points": 5}, more...)
}

func (w *badInput) gives(more ...any) variables {
	return w.one(variables{"from": byID(w.ada), "to": byID(w.ben), "points": 5}, more...)
}

func (w *badInput) buys(more ...any) variables {
	return w.one(variables{"member": byID(w.ada), "event": "purchase", "touchpoint": "till", "value": variables{"amount": "5.00"}}, more...)
}

func (w *badInput) enrols(more ...any) variables {
	return w.one(variables{"touchpoint": "app", "identities": []variables{{"kind": "EMAIL", "value": "cy@example.com"}}}, more...)
}

// amounts are zero, negative, fractional and overflowing ones, wherever there is an amount.
func (w *badInput) amounts() (all []refused) {
	for _, c := range []struct {
		points json.RawMessage
		code   fact.Code
	}{
		{json.RawMessage(`0`), fact.CodeZero}, {json.RawMessage(`-1`), fact.CodeNegative}, {json.RawMessage(`1.5`), fact.CodeFractional},
		{json.RawMessage(`1e2`), fact.CodeFractional}, {json.RawMessage(`9007199254740992`), fact.CodeTooLarge},
		{json.RawMessage(`99999999999999999999999`), fact.CodeTooLarge}, {json.RawMessage(`"5"`), fact.CodeInvalid}, {json.RawMessage(`true`), fact.CodeInvalid},
	} {
		if c.code != fact.CodeNegative { // less than none is taken
			all = append(all, refused{"pointsAdjust", w.adjusts("points", c.points), c.code, "points"})
		}
		all = append(all,
			refused{"pointsHold", w.setsAside("points", c.points), c.code, "points"},
			refused{"pointsCapture", w.captures("points", c.points), c.code, "points"},
			refused{"pointsTransfer", w.gives("points", c.points), c.code, "points"},
		)
	}
	most := json.RawMessage(`9007199254740991`)
	all = append(all,
		refused{"pointsAdjust", w.adjusts("points", most), fact.CodeBalanceOutOfBounds, "points"},
		refused{"pointsAdjust", w.adjusts("points", json.RawMessage(`-9007199254740991`)), fact.CodeInsufficientPoints, "points"},
		refused{"pointsAdjust", w.adjusts("points", json.RawMessage(`-9007199254740992`)), fact.CodeTooLarge, "points"},
		refused{"pointsHold", w.setsAside("points", most), fact.CodeInsufficientPoints, "points"},
		refused{"pointsTransfer", w.gives("points", most), fact.CodeInsufficientPoints, "points"},
	)
	for amount, code := range map[string]fact.Code{
		"-0.01": fact.CodeNegative, "1.001": fact.CodeFractional, "90071992547409.92": fact.CodeTooLarge, "99999999999999999999999999.00": fact.CodeTooLarge,
		"1e3": fact.CodeInvalid, "ten": fact.CodeInvalid,
	} {
		all = append(all, refused{"interactionTrack", w.buys("value", variables{"amount": amount}), code, "value.amount"})
	}
	return append(all, refused{"interactionTrack", w.buys("value", variables{"amount": "1.00", "currency": "USD"}), fact.CodeCurrencyMismatch, "value.currency"})
}

// holds are those of which more is wanted than was held, that have ended, and that are another's.
func (w *badInput) holds() []refused {
	return []refused{
		{"pointsCapture", w.captures("points", 31), fact.CodeMoreThanHeld, "points"},
		{"pointsCapture", w.captures("hold", w.ended), fact.CodeHoldEnded, "hold"},
		{"pointsRelease", w.one(variables{"hold": w.ended}), fact.CodeHoldEnded, "hold"},
		{"pointsCapture", w.captures("hold", w.theirs), fact.CodeUnknownHold, "hold"},
		{"pointsRelease", w.one(variables{"hold": w.theirs}), fact.CodeUnknownHold, "hold"},
		{"pointsCapture", w.captures("hold", w.hold, "as", w.eve), fact.CodeUnknownHold, "hold"},
		{"pointsRelease", w.one(variables{"hold": w.hold, "as": w.eve}), fact.CodeUnknownHold, "hold"},
		{"pointsRelease", w.one(variables{"hold": fact.NewID(fact.KindHold)}), fact.CodeUnknownHold, "hold"},
		{"pointsRelease", w.one(variables{"hold": w.ada}), fact.CodeUnknownHold, "hold"},
		{"pointsRelease", w.one(variables{"hold": "nonsense"}), fact.CodeInvalid, "hold"},
		{"pointsHold", w.setsAside("expiresIn", 0), fact.CodeInvalid, "expiresIn"},
		{"pointsHold", w.setsAside("expiresIn", 86401), fact.CodeInvalid, "expiresIn"},
		{"pointsHold", w.setsAside("purpose", "For Ada"), fact.CodeInvalid, "purpose"},
	}
}

// names are those of nobody, of another programme, and of the same.
func (w *badInput) names() []refused {
	nobody := variables{"identity": variables{"kind": "EMAIL", "value": "nobody@example.com"}}
	return []refused{
		{"interactionTrack", w.buys("member", nobody), fact.CodeUnknownMember, "member"},
		{"interactionTrack", w.buys("member", byID(w.foreign)), fact.CodeUnknownMember, "member"},
		{"interactionTrack", w.buys("event", "nothing"), fact.CodeUnknownEvent, "event"},
		{"interactionTrack", w.buys("event", "scan"), fact.CodeNotAllowed, "event"},
		{"interactionTrack", w.buys("touchpoint", "moon"), fact.CodeUnknownTouchpoint, "touchpoint"},
		{"pointsAdjust", w.adjusts("member", byID(w.foreign)), fact.CodeUnknownMember, "member"},
		{"pointsHold", w.setsAside("member", nobody), fact.CodeUnknownMember, "member"},
		{"pointsTransfer", w.gives("from", byID(w.foreign)), fact.CodeUnknownMember, "from"},
		{"pointsTransfer", w.gives("to", byID(w.foreign)), fact.CodeUnknownMember, "to"},
		{"pointsTransfer", w.gives("to", byID(w.ada)), fact.CodeSameAccount, "to"},
		{"pointsTransfer", w.gives("to", variables{"identity": variables{"kind": "EMAIL", "value": "Ada@Example.com"}}), fact.CodeSameAccount, "to"},
		{"rewardRedeem", w.one(variables{"member": byID(w.ada), "reward": fact.NewID(fact.KindReward)}), fact.CodeUnknownReward, "reward"},
		{"memberEnrol", w.enrols("identities", []variables{{"kind": "EMAIL", "value": "ADA@example.com"}}), fact.CodeIdentityTaken, "identities.0"},
		{"pointsAdjust", w.adjusts("reason", ""), fact.CodeRequired, "reason"},
	}
}

// times are those before the programme began, and those to come.
func (w *badInput) times() []refused {
	const before = "2024-12-31T22:59:59.999999Z" // the last instant of the year in Rome
	ahead := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	return []refused{
		{"interactionTrack", w.buys("occurredAt", before), fact.CodeBeforeProgramme, "occurredAt"},
		{"interactionTrack", w.buys("occurredAt", ahead), fact.CodeInFuture, "occurredAt"},
		{"interactionTrack", w.buys("occurredAt", "yesterday"), fact.CodeInvalid, "occurredAt"},
		{"memberEnrol", w.enrols("occurredAt", before), fact.CodeBeforeProgramme, "occurredAt"},
		{"memberEnrol", w.enrols("occurredAt", ahead), fact.CodeInFuture, "occurredAt"},
	}
}

// keys are those that are missing, too long, or that served for another request.
func (w *badInput) keys(t *testing.T) []refused {
	mine := func() fact.ID {
		return w.operates(t, loyalty.Hold{Points: 3, ExpiresIn: time.Hour}, engine.Ref{ID: w.ada}).Own[0].As(fact.KindHold)
	}
	one, two, three := mine(), mine(), mine()
	mug := w.reward(t, "mug")
	all := []refused{
		{"pointsAdjust", w.adjusts("idempotencyKey", ""), fact.CodeRequired, "idempotencyKey"},
		{"interactionTrack", w.buys("idempotencyKey", strings.Repeat("k", engine.MaxKey+1)), fact.CodeTooLong, "idempotencyKey"},
	}
	for _, c := range []struct {
		mutation     string
		first, again variables
	}{
		{"pointsAdjust", w.adjusts(), w.adjusts("points", 6)},
		{"pointsAdjust", w.adjusts(), w.adjusts("reason", "because")},
		{"pointsHold", w.setsAside(), w.setsAside("expiresIn", 61)},
		{"pointsCapture", w.captures("hold", one, "points", 1), w.captures("hold", one, "points", 2)},
		{"pointsCapture", w.captures("hold", two, "points", 1), w.captures("hold", w.hold, "points", 1)},
		{"pointsRelease", w.one(variables{"hold": three}), w.one(variables{"hold": w.hold})},
		{"pointsTransfer", w.gives(), w.gives("to", byID(w.ada), "from", byID(w.ben))},
		{"interactionTrack", w.buys(), w.buys("value", variables{"amount": "5.01"})},
		{"interactionTrack", w.buys(), w.buys("occurredAt", time.Now().UTC().Format(time.RFC3339Nano))},
		{"interactionTrack", w.buys(), w.buys("member", byID(w.ben))},
		{"rewardRedeem", w.one(variables{"member": byID(w.ada), "reward": mug}), w.one(variables{"member": byID(w.ben), "reward": mug})},
		{"memberEnrol", w.enrols("identities", []variables{{"kind": "EMAIL", "value": "dee@example.com"}}), w.enrols()},
	} {
		if errors := w.asks(t, w.anna, c.mutation, c.first); errors != "[]" {
			t.Fatalf("%s of %v is refused: %s", c.mutation, c.first, errors)
		}
		c.again["idempotencyKey"] = c.first["idempotencyKey"]
		all = append(all, refused{c.mutation, c.again, fact.CodeKeyReused, "idempotencyKey"})
	}
	return all
}

// reward is the id of a reward.
func (w *badInput) reward(t *testing.T, key string) fact.ID {
	t.Helper()
	p, err := w.library.Current(t.Context(), w.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Rewards() {
		if r.Key == key {
			return r.Definition
		}
	}
	t.Fatalf("there is no reward %s", key)
	return fact.ID{}
}

// asks sends a mutation, and answers with its user errors.
func (w *badInput) asks(t *testing.T, c *client, mutation string, input variables) string {
	t.Helper()
	query := fmt.Sprintf(`mutation($input: %sInput!) { %s(input: $input) { duplicate userErrors { code field } } }`,
		strings.ToUpper(mutation[:1])+mutation[1:], mutation)
	got, err := json.Marshal(c.ask(t, query, variables{"input": input}).sound(t).at(mutation + ".userErrors"))
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// content is how many rows a table has, and a digest of them.
type content struct {
	count  int
	digest [32]byte
}

// dump is every table by name.
func (h *house) dump(t *testing.T) map[string]content {
	t.Helper()
	names := `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	if h.store.Dialect() == dialect.SQLite {
		names = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	}
	tables := map[string]content{}
	for _, row := range h.query(t, names) {
		all := h.query(t, `SELECT * FROM "`+row[0].(string)+`"`)
		lines := make([]string, len(all))
		for i, r := range all {
			lines[i] = fmt.Sprint(r...)
		}
		slices.Sort(lines)
		tables[row[0].(string)] = content{len(lines), sha256.Sum256([]byte(strings.Join(lines, "\n")))}
	}
	return tables
}

// query is the rows that a statement finds.
func (h *house) query(t *testing.T, statement string) (all [][]any) {
	t.Helper()
	rows, err := h.store.DB().QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if text, ok := v.([]byte); ok {
				values[i] = string(text)
			}
		}
		all = append(all, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
