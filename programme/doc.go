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
//   - Definitions (rules, missions, tiers, personas, budgets, rewards, touchpoints, and the settings) keep their identity by kind and key. Each change is a new
//     immutable revision, each publication a new immutable version: a list of revisions, in force from an instant on. What occurred earlier is decided by what was in
//     force then.
//   - What is in force is valid. A draft (Editor.Draft) is a revision that is not in force; it is judged with all that is, is scheduled or is drafted, refused for
//     what is wrong with it itself, and saved with a word about what others would lack. A publication (Publish, Import, Rollback, Cancel) is refused for either.
//   - A publication is one transaction over all of its changes: publish, pause, resume, retire. All of them come into force at one instant, in every process, for the
//     next transaction; at once, or when they are scheduled for. Of two at once, one is first, and the other is refused if it expected otherwise, or judged anew.
//   - What is scheduled survives what is published before its instant: it is made anew upon it, or, if both change the same, nothing is published. It can be
//     cancelled, and becomes a draft again. A rollback is a new version with what an earlier one had; numbers never go back.
//   - Who changed what and when is written down in the same transaction (ent's Change), with the revision before and after.
//   - A dry run answers as the real one would, and changes nothing. See docs/adr/0014.
//   - A version is compiled once per process, however many ask at the same time, and the compiled one never changes.
//   - Import of what Export wrote changes nothing.
package programme
