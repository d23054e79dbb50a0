package fact

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// Decimal is an exact decimal number.
type Decimal = decimal.Decimal

// Currency is an ISO 4217 code and how many decimal digits its minor unit has (2 for EUR, 0 for JPY, 3 for KWD).
type Currency struct {
	Code   string
	Digits int32
}

// Money is an amount in its currency's minor units: 1240 with EUR is 12.40 €.
type Money struct {
	Minor    int64
	Currency Currency
}

// MaxMinor is the greatest amount in minor units.
const MaxMinor int64 = 1<<53 - 1

// The errors of amounts.
var (
	ErrCurrency = errors.New("not a currency that is known")
	ErrAmount   = errors.New("not an amount of the currency")
	// ErrFraction is the ErrAmount of one that has more decimal digits than the currency.
	ErrFraction = fmt.Errorf("%w: too many decimal digits", ErrAmount)
	// ErrTooLarge is the ErrAmount of one that is beyond MaxMinor.
	ErrTooLarge = fmt.Errorf("%w: too large", ErrAmount)
)

// digits that differ from 2, of ISO 4217's list one of 2026-01-01.
var minorDigits = map[string]int32{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0,
	"XAF": 0, "XOF": 0, "XPF": 0, "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}

// CurrencyOf is the currency of an ISO 4217 code in capitals.
func CurrencyOf(code string) (Currency, error) {
	if len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return Currency{}, fmt.Errorf("%w: %q (three capital letters, such as EUR)", ErrCurrency, clip(code))
	}
	if d, ok := minorDigits[code]; ok {
		return Currency{code, d}, nil
	}
	return Currency{code, 2}, nil
}

// MoneyOf is the money of a decimal amount. An amount with more digits than the currency has is refused, not rounded.
func MoneyOf(amount Decimal, c Currency) (Money, error) {
	switch e := amount.Exponent(); { // 1e999999999 would be written out below
	case e > 100:
		return Money{}, ErrTooLarge
	case e < -100:
		return Money{}, ErrFraction
	}
	minor := amount.Shift(c.Digits)
	switch {
	case !minor.IsInteger():
		return Money{}, fmt.Errorf("%w: %s has at most %d", ErrFraction, c.Code, c.Digits)
	case minor.Abs().GreaterThan(decimal.NewFromInt(MaxMinor)):
		return Money{}, fmt.Errorf("%w: at most %s %s", ErrTooLarge, decimal.New(MaxMinor, -c.Digits), c.Code)
	}
	return Money{minor.IntPart(), c}, nil
}

// Decimal is the amount in the currency's unit.
func (m Money) Decimal() Decimal { return decimal.New(m.Minor, -m.Currency.Digits) }

// String is the amount with all its digits and the code: "12.40 EUR".
func (m Money) String() string {
	return m.Decimal().StringFixed(m.Currency.Digits) + " " + m.Currency.Code
}
