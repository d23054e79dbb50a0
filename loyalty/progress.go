package loyalty

import (
	"slices"
	"strings"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/mission"
)

// ProgressOf is how far a member is in the period of a mission that holds an instant: nothing, if it has not begun.
func (p *Programme) ProgressOf(s *State, m *mission.Mission, at time.Time) Progress {
	period := m.Period(fact.DayOf(at, p.zone))
	progress := Progress{Mission: m.Definition, Key: m.Key, Period: period, Target: m.Target}
	state := s.Doc.Missions[m.Counter()]
	if found := state.find(period); found != nil {
		progress.Count, progress.Completed = min(found.Count, m.Target), found.Completed
	}
	return progress
}

// find is the state of a period, nil if there is none.
func (s *MissionState) find(period string) *MissionPeriod {
	if s.Period == period {
		return &s.MissionPeriod
	}
	for i := range s.Earlier {
		if s.Earlier[i].Period == period {
			return &s.Earlier[i]
		}
	}
	return nil
}

// count counts one more in the period of a day. It is false if nothing changes: the period is completed, or longer ago than periods are kept. The state
// that is answered shares nothing that is changed with the one before.
func (s MissionState) count(m *mission.Mission, day fact.Day, occurred time.Time) (MissionState, Progress, bool) {
	period := m.Period(day)
	s.Earlier = slices.Clone(s.Earlier)
	at := s.open(m, day, period)
	if at == nil || !at.Completed.IsZero() {
		return s, Progress{}, false
	}
	if at.Count = min(at.Count+1, m.Target); at.Count == m.Target {
		at.Completed = occurred
	}
	return s, Progress{m.Definition, m.Key, period, at.Count, m.Target, at.Completed}, true
}

// open is the state of the period of a day, made if there is none; nil if it is longer ago than periods are kept.
func (s *MissionState) open(m *mission.Mission, day fact.Day, period string) *MissionPeriod {
	if s.Count == 0 {
		s.MissionPeriod, s.Latest = MissionPeriod{Period: period}, day
	}
	if period > s.Period {
		s.Earlier = append(s.Earlier, s.MissionPeriod)
		s.MissionPeriod = MissionPeriod{Period: period}
	}
	s.Latest = max(s.Latest, day)
	oldest := m.Period(s.Latest - lateDays)
	s.Earlier = slices.DeleteFunc(s.Earlier, func(p MissionPeriod) bool { return p.Period < oldest })
	if found := s.find(period); found != nil || period < oldest {
		return found
	}
	place, _ := slices.BinarySearchFunc(s.Earlier, period, func(p MissionPeriod, name string) int { return strings.Compare(p.Period, name) })
	s.Earlier = slices.Insert(s.Earlier, place, MissionPeriod{Period: period})
	return &s.Earlier[place]
}
