package graph

import (
	"context"

	"granaio/ent"
	"granaio/graph/model"
	"granaio/loyalty/fact"
)

// counted is what a budget's row says of it.
func counted(ctx context.Context, b *model.Budget, of func(*ent.Budget) int64) (fact.Points, error) {
	row, err := sessionOf(ctx).Budget(ctx, b.ID)
	if err != nil || row == nil {
		return 0, err
	}
	return fact.Points(of(row)), nil
}
