//go:build ignore

// This program writes history.csv: the purchases of 300 made-up customers from January 2025 to October 2026. The same program writes the same file on
// every machine: chance comes from a generator with a fixed seed, and all arithmetic is on whole numbers.
//
// Usage, in this folder: go run generate.go [file]
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"log"
	"os"
	"slices"
	"time"
)

const (
	seed      = 20250101
	customers = 300
)

var (
	first = time.Date(2025, time.January, 2, 0, 0, 0, 0, time.UTC)
	days  = int(time.Date(2026, time.October, 31, 0, 0, 0, 0, time.UTC).Sub(first).Hours()) / 24
)

// habit is a kind of customer: how many of a thousand there are, the days between two purchases, what a basket holds, and how many of a
// hundred go away after a purchase.
type habit struct{ share, every, items, leave int }

var habits = []habit{
	{380, 90, 3, 45}, // comes once or twice
	{340, 46, 5, 8},
	{210, 26, 7, 4},
	{70, 14, 9, 2}, // every other week, a full basket
}

type purchase struct {
	customer, day, items int
	cents                int
}

func main() {
	name := "history.csv"
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	file, err := os.Create(name)
	if err != nil {
		log.Fatal(err)
	}
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "customer,date,items,amount")
	for _, p := range history() {
		date := first.AddDate(0, 0, p.day).Format(time.DateOnly)
		fmt.Fprintf(w, "C%04d,%s,%d,%d.%02d\n", p.customer, date, p.items, p.cents/100, p.cents%100)
	}
	if err := cmp.Or(w.Flush(), file.Close()); err != nil {
		log.Fatal(err)
	}
}

// history is everyone's purchases by day, then by customer.
func history() []purchase {
	r := new(chance)
	*r = seed
	var all []purchase
	for c := 1; c <= customers; c++ {
		h := r.habit()
		for day := r.below(days * 3 / 4); day <= days; day += 1 + r.below(h.every) + r.below(h.every) {
			p := purchase{customer: c, day: day, items: 1 + r.below(h.items) + r.below(h.items)}
			for range p.items {
				p.cents += 119 + 10*r.below(38)
			}
			all = append(all, p)
			if r.below(100) < h.leave {
				break
			}
		}
	}
	slices.SortStableFunc(all, func(a, b purchase) int { return cmp.Or(a.day-b.day, a.customer-b.customer) })
	return all
}

// chance is a stream of numbers that look random (splitmix64).
type chance uint64

func (c *chance) next() uint64 {
	*c += 0x9e3779b97f4a7c15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number from 0 to n-1.
func (c *chance) below(n int) int { return int(c.next() >> 33 % uint64(n)) }

func (c *chance) habit() habit {
	at := c.below(1000)
	for _, h := range habits {
		if at < h.share {
			return h
		}
		at -= h.share
	}
	return habits[len(habits)-1]
}
