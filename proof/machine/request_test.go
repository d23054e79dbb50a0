package machine

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// operation is what a request asks for, by the name that the API has for it.
type operation string

const (
	enrol    operation = "memberEnrol"
	track    operation = "interactionTrack"
	redeem   operation = "rewardRedeem"
	adjust   operation = "pointsAdjust"
	setAside operation = "pointsHold"
	capture  operation = "pointsCapture"
	release  operation = "pointsRelease"
	transfer operation = "pointsTransfer"
	takeBack operation = "interactionReverse"
	giveBack operation = "pointsRefund"

	register  operation = "memberRegister"
	suspend   operation = "memberSuspend"
	reinstate operation = "memberReinstate"
	identify  operation = "memberIdentify"
	disown    operation = "memberIdentityRemove"
	merge     operation = "memberMerge"
)

// ref is how a request names a member: by one of the two.
type ref struct {
	ID   fact.ID
	Name string // an identity: an e-mail address, or a device
}

// request is one request, and never changes.
type request struct {
	op          operation
	key, caller string
	content
}

// content is what a request asks for: two of the same are the same request, if their keys are.
type content struct {
	who, to    ref    // of a merge: who is absorbed, and by whom
	name       string // the identity that is added or taken away
	second     string // another identity, of an enrolment or of some that are added
	status     string // of an enrolment
	event      string // of a track
	touchpoint string
	occurred   time.Time // zero for now
	cents      int64     // below 0 for no value
	reward     string
	points     int64 // of a capture, 0 is all
	lasts      time.Duration
	purpose    string
	days       int // of an adjustment: after how many its points expire, 0 for never
	hold       fact.ID
	lines      [2]line // of a track: what was paid for; of a return: how many pieces of which come back
	undone     fact.ID // the interaction that is returned, or the movement that is given back
}

// line is pieces of something, and what they cost together; no pieces for no line.
type line struct {
	name          string
	pieces, cents int64
}

func (r ref) engine() engine.Ref {
	if r.Name != "" {
		return engine.Ref{Identity: identity(r.Name)}
	}
	return engine.Ref{ID: r.ID}
}

// same is the reference as the engine understands it.
func (r ref) same() ref {
	r.Name = strings.ToLower(r.Name)
	return r
}

func (r ref) String() string {
	if r.Name != "" {
		return r.Name
	}
	return r.ID.String()
}

func identity(name string) engine.Identity {
	if isDevice(name) {
		return engine.Identity{Kind: fact.Device, Value: name}
	}
	return engine.Identity{Kind: fact.Email, Value: name}
}

// names are the identities of a request about them, in the form in which they are looked up.
func (r *request) names() (all []string) {
	for _, name := range []string{r.name, r.second} {
		if name != "" {
			all = append(all, strings.ToLower(name))
		}
	}
	return all
}

// same is the content as it is compared.
func (c content) same() content {
	c.who, c.to, c.name, c.second = c.who.same(), c.to.same(), strings.ToLower(c.name), strings.ToLower(c.second)
	return c
}

// whole is the cents of a return, and the points of a refund, that do not say how much.
const whole = math.MinInt64

// bought are the lines that there are.
func (c content) bought() (lines []line) {
	for _, l := range c.lines {
		if l.name != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

// queue is what the request is queued by: two of one queue that one caller sends in order are taken in order.
func (r *request) queue() string {
	switch {
	case !r.hold.IsZero():
		return r.hold.String()
	case !r.undone.IsZero():
		return r.undone.String()
	}
	return r.who.same().String()
}

// engine is the request as the engine takes it, in a programme with these rewards.
func (r *request) engine(programme fact.ID, rewards map[string]fact.ID) engine.Request {
	origin := engine.Origin{Programme: programme, Caller: r.caller, Key: r.key}
	switch r.op {
	case enrol:
		n := &engine.Enrol{Origin: origin, Identities: []engine.Identity{identity(r.who.Name)}, Touchpoint: r.touchpoint, Occurred: r.occurred, Status: loyalty.Status(r.status)}
		if r.second != "" {
			n.Identities = append(n.Identities, identity(r.second))
		}
		return n
	case track:
		t := &engine.Track{Origin: origin, Member: r.who.engine(), Event: r.event, Touchpoint: r.touchpoint, Occurred: r.occurred}
		if r.cents >= 0 {
			t.Value = &engine.MoneyIn{Amount: decimal.New(r.cents, -2)}
		}
		for _, l := range r.bought() {
			t.Lines = append(t.Lines, engine.LineIn{Reference: l.name, Quantity: l.pieces, Amount: decimal.New(l.cents, -2)})
		}
		return t
	case redeem:
		return &engine.Redeem{Origin: origin, Member: r.who.engine(), Reward: rewards[r.reward]}
	case takeBack:
		b := &engine.Reverse{Origin: origin, Interaction: r.undone, Occurred: r.occurred}
		if r.cents != whole {
			b.Value = &engine.MoneyIn{Amount: decimal.New(r.cents, -2)}
		}
		for _, l := range r.bought() {
			b.Lines = append(b.Lines, loyalty.ReturnedLine{Reference: l.name, Quantity: l.pieces})
		}
		return b
	case giveBack:
		b := &engine.Refund{Origin: origin, Movement: r.undone, Occurred: r.occurred}
		if r.points != whole {
			points := fact.Points(r.points)
			b.Points = &points
		}
		return b
	case register:
		return &engine.Register{Origin: origin, Member: r.who.engine(), Touchpoint: r.touchpoint, Occurred: r.occurred}
	case identify:
		n := &engine.Identify{Origin: origin, Member: r.who.engine()}
		for _, name := range r.names() {
			n.Identities = append(n.Identities, identity(name))
		}
		return n
	case disown:
		return &engine.IdentityRemove{Origin: origin, Member: r.who.engine(), Identity: identity(r.name)}
	case merge:
		return &engine.Merge{Origin: origin, From: r.who.engine(), Into: r.to.engine(), Reason: "one person"}
	}
	return r.operate(origin)
}

// operate is a request that neither is nor undoes an interaction, and is about points or whether there may be any.
func (r *request) operate(origin engine.Origin) engine.Request {
	o := &engine.Operate{Origin: origin, Members: []engine.Ref{r.who.engine()}}
	points := fact.Points(r.points)
	switch r.op {
	case adjust:
		a := loyalty.Adjust{Points: points, Reason: "so it be"}
		if r.days > 0 {
			a.ExpireAfter = fmt.Sprint(r.days, " days")
		}
		o.Operation = a
	case setAside:
		o.Operation = loyalty.Hold{Points: points, ExpiresIn: r.lasts, Purpose: r.purpose}
	case capture:
		c := loyalty.Capture{Hold: r.hold}
		if r.points != 0 {
			c.Points = &points
		}
		o.Operation, o.Members = c, []engine.Ref{{Hold: r.hold}}
	case release:
		o.Operation, o.Members = loyalty.Release{Hold: r.hold}, []engine.Ref{{Hold: r.hold}}
	case suspend:
		o.Operation = loyalty.Suspend{Reason: "so it be"}
	case reinstate:
		o.Operation = loyalty.Reinstate{Reason: "so it be"}
	default:
		o.Operation, o.Members = loyalty.Transfer{Points: points}, append(o.Members, r.to.engine())
	}
	return o
}

// String tells the request in a line.
func (r *request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s by %s as %q", r.op, r.caller, r.key)
	tell := func(name string, value any, is bool) {
		if is {
			fmt.Fprintf(&b, " %s=%v", name, value)
		}
	}
	tell("who", r.who, r.who != ref{})
	tell("name", r.name, r.name != "")
	tell("second", r.second, r.second != "")
	tell("status", r.status, r.status != "")
	tell("to", r.to, r.to != ref{})
	tell("event", r.event, r.event != "")
	tell("touchpoint", r.touchpoint, r.touchpoint != "")
	tell("occurred", r.occurred.Format(time.RFC3339), !r.occurred.IsZero())
	tell("cents", r.cents, r.op == track && r.cents >= 0)
	tell("reward", r.reward, r.reward != "")
	tell("cents", r.cents, r.op == takeBack && r.cents != whole)
	tell("points", r.points, r.points != 0 && r.points != whole)
	tell("lines", r.bought(), r.bought() != nil)
	tell("undone", r.undone, !r.undone.IsZero())
	tell("lasts", r.lasts, r.lasts != 0)
	tell("purpose", r.purpose, r.purpose != "")
	tell("days", r.days, r.days != 0)
	tell("hold", r.hold, !r.hold.IsZero())
	return b.String()
}
