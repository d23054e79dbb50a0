// Package machine holds the whole engine against a model, and nothing but tests: random commands, one by one, in batches and at once, through two engines on
// one database, with clocks that jump, lag and disagree.
//
// What the model knows is the ledger's promises and the arithmetic of one programme (testdata/shop.yaml), written down a second time as plainly as can
// be: a member is a list of what it did, an account is a list of lots, and whatever is asked is found out by looking through all of it again. What is
// returned is taken back point by point, so that what is left of a deed earns what it would have earned alone; what is refunded goes back to the lots
// that the spend took. Who turns out to be somebody else is that one: what it did, was given and has is appended to the other's lists, each lot becomes a lot
// of the other's and knows it, and a name is looked up through those that were merged. It knows of no batch, cache, fence, index or due instant that is kept, and it shares no code with what it checks but ids, kinds and codes.
//
// What is compared, after every command: the refusal's code and field, or each movement (kind, points, number, instants, balances after it), the
// progress of missions, the tier, the reward, the return, the redemption that is cancelled, who was absorbed, the hold that an old one stands for; that the same request gets the same answer for ever and another under its key is refused; and every
// member's balances, status, tier and persona as a screen would show them, by each id that it ever had. Of commands at once, some order must explain all of their answers, and one in
// which requests of one caller for one member stay in the order they were sent, where that is promised. At the end of each run the movements and
// identities in the database are those of the model, the budget has as much left, and the ledger's invariants hold (package proof).
//
// The names that the engine gives (ids) are taken from its answers, since among lots that are alike otherwise they decide the order.
//
//	go test ./proof/machine                          some seconds
//	go test ./proof/machine -rapid.checks=10000      for long
//
// What fails is made as short as it can be, and told as a story.
package machine
