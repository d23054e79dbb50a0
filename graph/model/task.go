package model

import (
	"fmt"

	"granaio/graph/read"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
	"granaio/programme"
)

// ProgrammeSimulateInput is a simulation that is asked for.
type ProgrammeSimulateInput struct {
	From       scalar.GivenTime
	Until      *scalar.GivenTime
	Version    *int
	Yaml       *string
	Published  *bool
	PointValue *scalar.GivenDecimal
}

// TaskCancelInput names a task that is to end.
type TaskCancelInput struct{ ID scalar.GivenID }

// ProgrammeSimulatePayload is the answer to a simulation that was asked for.
type ProgrammeSimulatePayload struct {
	Task       *read.Task
	Problems   []*DefinitionProblem
	UserErrors []*UserError
}

// NewSimulateProblems is the answer to a simulation of what has mistakes.
func NewSimulateProblems(problems []programme.Problem, field string) *ProgrammeSimulatePayload {
	message := problems[0].String()
	if more := len(problems) - 1; more > 0 {
		message = fmt.Sprintf("%s (and %d more)", message, more)
	}
	p := NewSimulateRefusal(fact.Refuse(fact.CodeInvalidDefinition, field, "%s", message))
	p.Problems = NewDefinitionProblems(problems)
	return p
}

// NewSimulateRefusal is the answer to a simulation that is refused.
func NewSimulateRefusal(r *fact.Refusal) *ProgrammeSimulatePayload {
	return &ProgrammeSimulatePayload{Problems: []*DefinitionProblem{}, UserErrors: NewUserErrors(r)}
}
