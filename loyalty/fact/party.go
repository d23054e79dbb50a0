package fact

// Party says where something that is known of a person comes from. The values are stored: they are never changed.
type Party string

// The parties.
const (
	ZeroParty   Party = "zero"     // the person said it, on purpose
	FirstParty  Party = "first"    // the brand observed it
	SecondParty Party = "second"   // a partner passed it on
	Inferred    Party = "inferred" // it was worked out from what else is known
	ThirdParty  Party = "third"    // it was bought
)

// Parties are all of them, in the order in which they are believed unless it is said otherwise.
var Parties = []Party{ZeroParty, FirstParty, SecondParty, Inferred, ThirdParty}
