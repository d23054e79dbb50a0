// Package why answers "why did I get these points?", and "why not?": it holds the figures that went into a movement (Explanation), and what became of a rule
// (Verdict), as data, and makes a sentence of them in the member's language.
//
// What it promises:
//   - An Explanation is stored with its movement and never changes: keys and numbers, never a person's data, never a sentence. The sentence is made
//     when it is asked for, in the language of whoever asks.
//   - The sentence says only what the figures say. What is absent from the figures is left out of the sentence; nothing is worked out again.
//   - Every explanation has a sentence, also one whose source is not known here.
//   - A language is one entry of a table. It is chosen from the caller's languages, in their order ("it-CH" is served by "it"); English serves when
//     none of them is there.
//
// A Verdict says what stood in the way of a rule, what was seen and how far it was from enough. What of it is stored holds nothing that was read.
//
// What a programme calls its own things (an event, a rule, the points) are the programme's words: they are handed in as Names.
package why
