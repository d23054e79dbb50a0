// Package programme keeps programmes as data: it reads them from YAML, says everything that is wrong with them, publishes them in numbered versions,
// gives them compiled to whoever decides, and writes them as YAML again.
//
//	Parse ─▶ File ─▶ Import ─▶ rows ─▶ Library ─▶ loyalty.Programme
//	                            └────▶ Export ─▶ YAML
//
// What it promises:
//   - A file is judged whole: every mistake is told at once, with its line, its column and its path (rules[3].award.per); a mistake within an expression,
//     where in the expression it is. Only a text that is not YAML ends at the first.
//   - A file is what it shows: UTF-8, no anchors, aliases, tags or merged keys, no key twice, no field that nothing reads. Its size and depth are bounded.
//   - Import changes nothing unless all is valid. It is one transaction; the same file again changes nothing; two at once take turns.
//   - Definitions (rules, missions, tiers, personas, rewards, touchpoints) keep their identity by kind and key. Each change is a new immutable revision,
//     each publication a new immutable version: a list of revisions, in force from an instant on. What occurred earlier is decided by what was in force then.
//   - A version is compiled once per process, however many ask at the same time, and the compiled one never changes.
//   - Import of what Export wrote changes nothing.
package programme
