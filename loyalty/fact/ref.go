package fact

// Ref names a definition and the revision of it that a programme version holds.
type Ref struct {
	Definition ID  // a rule's, mission's, tier's, persona's, reward's or touchpoint's
	Revision   ID  // the immutable revision
	Number     int // the revision's number: 1, 2, 3 …
}
