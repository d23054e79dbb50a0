package model

import (
	"github.com/99designs/gqlgen/graphql"

	"granaio/graph/scalar"
)

// InteractionTrackInput is an interaction that somebody sends. A value in it that has not its scalar's form refuses this interaction, and not the whole
// request that it came in.
type InteractionTrackInput struct {
	IdempotencyKey string
	Member         *MemberRef
	Event          string
	Touchpoint     string
	OccurredAt     *scalar.GivenTime
	Value          *MoneyInput
	Lines          []*InteractionLineInput
	Properties     *scalar.Object
}

// InteractionLineInput is a line of it.
type InteractionLineInput struct {
	Reference string
	Quantity  scalar.GivenQuantity
	Amount    scalar.GivenDecimal
}

// ReturnedLineInput is so many pieces of a line that somebody returns.
type ReturnedLineInput struct {
	Reference string
	Quantity  scalar.GivenQuantity
}

// InteractionReverseInput is an interaction that is to be undone.
type InteractionReverseInput struct {
	IdempotencyKey string
	Interaction    scalar.GivenID
	Value          *MoneyInput
	Lines          []*ReturnedLineInput
	OccurredAt     *scalar.GivenTime
	Note           *string
}

// PointsRefundInput is a spend that is to be given back.
type PointsRefundInput struct {
	IdempotencyKey string
	Movement       scalar.GivenID
	Points         *scalar.GivenPoints
	OccurredAt     *scalar.GivenTime
	Note           *string
}

// MoneyInput is an amount that somebody sends.
type MoneyInput struct {
	Amount   scalar.GivenDecimal
	Currency *string
}

// MemberRef names a member. That exactly one field is given, and is not null, is for the one who reads it to see to.
type MemberRef struct {
	ID       graphql.Omittable[*scalar.GivenID]
	Identity graphql.Omittable[*IdentityInput]
}

// InteractionTryInput is an interaction that is to be tried.
type InteractionTryInput struct {
	Member     *MemberRef
	Event      string
	Touchpoint string
	OccurredAt *scalar.GivenTime
	Value      *MoneyInput
	Lines      []*InteractionLineInput
	Properties *scalar.Object
	Rules      []string
}

// PointsAdjustInput is points that an operator gives or takes. Points in it, and in those below, that are none refuse the request as any refusal does.
type PointsAdjustInput struct {
	IdempotencyKey string
	Member         *MemberRef
	Points         scalar.GivenPoints
	Reason         string
	ExpireAfter    *string
}

// PointsHoldInput is points that are to be set aside.
type PointsHoldInput struct {
	IdempotencyKey string
	Member         *MemberRef
	Points         scalar.GivenPoints
	ExpiresIn      int
	Purpose        *string
}

// PointsCaptureInput is a hold that is to be spent.
type PointsCaptureInput struct {
	IdempotencyKey string
	Hold           scalar.GivenID
	Points         *scalar.GivenPoints
}

// PointsReleaseInput is a hold that is to end.
type PointsReleaseInput struct {
	IdempotencyKey string
	Hold           scalar.GivenID
}

// PointsTransferInput is points that a member gives to another.
type PointsTransferInput struct {
	IdempotencyKey string
	From, To       *MemberRef
	Points         scalar.GivenPoints
}
