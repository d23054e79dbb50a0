package engine_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"granaio/engine"
)

// BenchmarkTrack takes purchases of a thousand members from one caller, a hundred at a time, through the engine alone.
func BenchmarkTrack(b *testing.B) { benchmarkTrack(b, 100) }

// BenchmarkTrackOne takes one purchase at a time: the latency.
func BenchmarkTrackOne(b *testing.B) { benchmarkTrack(b, 1) }

func benchmarkTrack(b *testing.B, batch int) {
	eachBench(b, func(b *testing.B, s *shop) {
		const members = 1000
		enrolments := make([]engine.Request, members)
		for m := range enrolments {
			n := s.enrolment(fmt.Sprintf("m%d@example.com", m))
			enrolments[m] = &n
		}
		for _, r := range s.All(b.Context(), enrolments) {
			if r.Err != nil || r.Outcome.Refusal != nil {
				b.Fatal(r.Err, r.Outcome)
			}
		}
		var key atomic.Int64
		b.ResetTimer()
		for n := 0; n < b.N; n += batch {
			requests := make([]engine.Track, min(batch, b.N-n))
			for i := range requests {
				k := key.Add(1)
				requests[i] = s.purchase(fmt.Sprint("k", k), fmt.Sprintf("m%d@example.com", k*7919%members), "12.40")
			}
			for _, r := range s.TrackBatch(b.Context(), requests) {
				if r.Err != nil || r.Outcome.Refusal != nil {
					b.Fatal(r.Err, r.Outcome)
				}
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "interactions/s")
	})
}
