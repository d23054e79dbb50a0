package fact

// OnReturn is what becomes of points when what they were given for is returned. The zero value is Revoke.
type OnReturn string

// What may become of them.
const (
	Revoke OnReturn = "revoke" // they are taken back
	Keep   OnReturn = "keep"   // they stay
)

// Keeps tells whether the points stay. It reports a word that is neither.
func (o OnReturn) Keeps(r Report) bool {
	if o != "" && o != Revoke && o != Keep {
		r.Say("“%s” is not revoke or keep%s", o, Nearest(string(o), []string{string(Revoke), string(Keep)}))
	}
	return o == Keep
}
