package proof

import (
	"fmt"
	"strings"

	"entgo.io/ent/dialect"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// grammar is what a query needs to be told of its database.
type grammar struct{ name string }

func (g grammar) postgres() bool { return g.name == dialect.Postgres }

// text is an id as text. Its last six characters are its place (four) and its kind (two).
func (g grammar) text(id string) string { return "CAST(" + id + " AS text)" }

// as is the id with another kind: fact.ID's As.
func (g grammar) as(id string, kind fact.Kind) string {
	return g.uuid(fmt.Sprintf("substr(%s, 1, 34) || '%02x'", g.text(id), byte(kind)))
}

// uuid makes an id of a text. SQLite keeps ids as text.
func (g grammar) uuid(text string) string {
	if g.postgres() {
		return "CAST(" + text + " AS uuid)"
	}
	return "(" + text + ")"
}

// number is a whole number in a JSON document, 0 without it.
func (g grammar) number(document, name string) string {
	return "coalesce(CAST(" + document + " ->> '" + name + "' AS bigint), 0)"
}

// flag is whether a member of a JSON document is true.
func (g grammar) flag(document, name string) string {
	if g.postgres() {
		return "coalesce(" + document + " ->> '" + name + "', 'false') = 'true'"
	}
	return "coalesce(" + document + " ->> '" + name + "', 0) = 1"
}

// elements are a JSON array's, as a table with a column value.
func (g grammar) elements(document string) string {
	if g.postgres() {
		return "json_array_elements(" + document + ")"
	}
	return "json_each(" + document + ")"
}

// fold is what postings leave in a bucket: what enters it less what leaves it. Debt and issued have the opposite sign.
func fold(bucket ledger.Bucket) string {
	in, out := "target", "source"
	if bucket == ledger.Debt || bucket == ledger.Issued {
		in, out = out, in
	}
	return fmt.Sprintf("sum(CASE WHEN %[1]s = '%[3]s' THEN points ELSE 0 END - CASE WHEN %[2]s = '%[3]s' THEN points ELSE 0 END)", in, out, bucket)
}

// folds are the buckets' folds, each named as its bucket.
func folds(buckets ...ledger.Bucket) string {
	list := make([]string, len(buckets))
	for i, b := range buckets {
		list[i] = fold(b) + " AS " + string(b)
	}
	return strings.Join(list, ", ")
}

// wrong is one way in which a row can be wrong.
type wrong struct{ when, what string }

// complaint is a query for the rows that are wrong in one way or another: their id, and what is wrong first.
func complaint(id, from string, ways ...wrong) string {
	if len(ways) == 1 {
		return "SELECT " + id + " AS id, '" + ways[0].what + "' AS what " + from + " WHERE " + ways[0].when
	}
	var cases, conditions strings.Builder
	for i, w := range ways {
		fmt.Fprintf(&cases, " WHEN %s THEN '%s'", w.when, w.what)
		if i > 0 {
			conditions.WriteString(" OR ")
		}
		conditions.WriteString("(" + w.when + ")")
	}
	return "SELECT " + id + " AS id, CASE" + cases.String() + " END AS what " + from + " WHERE " + conditions.String()
}

// union makes one query of complaints, over common tables if there are any.
func union(with string, complaints ...string) string {
	if with != "" {
		with = "WITH " + with + "\n"
	}
	return with + strings.Join(complaints, "\nUNION ALL ")
}
