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

// count counts one more in the period of a day. The period is nil if it is longer ago than periods are kept: then nothing counts. There is no progress to
// show if it was completed before; completes tells whether it is now, which it is only of somebody who may complete it. The state shares nothing that is changed with the one it was copied from.
func (s *MissionState) count(m *mission.Mission, day fact.Day, occurred time.Time, may bool) (period *MissionPeriod, shown *Progress, completes bool) {
	s.Earlier = slices.Clone(s.Earlier)
	period = s.open(m, day, m.Period(day))
	if period == nil {
		return nil, nil, false
	}
	period.Count++
	if !period.Completed.IsZero() {
		return period, nil, false
	}
	if completes = may && period.Count >= m.Target; completes {
		period.Completed = occurred
	}
	return period, period.shown(m, m.Target), completes
}

// shown is the period's progress as people see it.
func (p *MissionPeriod) shown(m *mission.Mission, target int64) *Progress {
	return &Progress{m.Definition, m.Key, p.Period, min(p.Count, target), target, p.Completed}
}

// open is the state of the period of a day, made if there is none; nil if it is longer ago than periods are kept.
func (s *MissionState) open(m *mission.Mission, day fact.Day, period string) *MissionPeriod {
	if s.Latest == 0 {
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
