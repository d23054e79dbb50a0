package scalar

import (
	"github.com/99designs/gqlgen/graphql"

	"granaio/loyalty/fact"
)

// MarshalCode writes a refusal's code, which is the API's ErrorCode letter by letter.
func MarshalCode(c fact.Code) graphql.Marshaler { return graphql.MarshalString(string(c)) }

// UnmarshalCode reads a code.
func UnmarshalCode(v any) (fact.Code, error) {
	s, err := graphql.UnmarshalString(v)
	return fact.Code(s), err
}
