package expr

import (
	"math"

	"cel.dev/cel-go/common/types"

	"granaio/loyalty/fact"
)

// Type is the type of a declared attribute or property.
type Type string

// The types.
const (
	String  Type = "string"
	Int     Type = "int"     // a whole number within ±(2⁵³−1)
	Bool    Type = "bool"    // true or false
	Double  Type = "double"  // a number; of properties only
	Strings Type = "strings" // a list of texts
	Date    Type = "date"    // a calendar day, written 2024-02-29
	Instant Type = "instant" // of metrics only
)

// The types that attributes and properties may have.
var (
	AttributeTypes = []Type{String, Int, Bool, Strings, Date}
	PropertyTypes  = []Type{String, Int, Bool, Double, Strings, Date}
)

// MaxStrings is how many texts a value of type strings may have.
const MaxStrings = 100

const maxWhole = 1<<53 - 1

func (t Type) cel() *types.Type {
	switch t {
	case String:
		return types.StringType
	case Int:
		return types.IntType
	case Bool:
		return types.BoolType
	case Double:
		return types.DoubleType
	case Date:
		return structures[aDate]
	case Instant:
		return types.TimestampType
	default:
		return types.NewListType(types.StringType)
	}
}

// Accept gives a value as JSON has it (string, float64, bool, []any; whole numbers also as int64) the type's own form: string, int64, bool, float64 or
// []string; a date is its text. It answers false for a value that is not of the type.
func (t Type) Accept(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		if t == Date {
			_, ok := fact.ParseDay(v)
			return v, ok
		}
		return v, t == String
	case bool:
		return v, t == Bool
	case int64:
		if t == Double {
			return float64(v), true
		}
		return v, t == Int && v >= -maxWhole && v <= maxWhole
	case float64:
		if t == Int && v == math.Trunc(v) && math.Abs(v) <= maxWhole {
			return int64(v), true
		}
		return v, t == Double && !math.IsNaN(v) && !math.IsInf(v, 0)
	case []string:
		return v, t == Strings && len(v) <= MaxStrings
	case []any:
		if t != Strings || len(v) > MaxStrings {
			return nil, false
		}
		texts := make([]string, len(v))
		for i, x := range v {
			s, ok := x.(string)
			if !ok {
				return nil, false
			}
			texts[i] = s
		}
		return texts, true
	default:
		return nil, false
	}
}
