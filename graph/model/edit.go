package model

import (
	"github.com/99designs/gqlgen/graphql"

	"granaio/graph/scalar"
	"granaio/programme"
)

// DefinitionRef names a definition. That exactly one field is given, and is not null, is for the one who reads it to see to.
type DefinitionRef struct {
	ID   graphql.Omittable[*scalar.GivenID]
	Name graphql.Omittable[*DefinitionName]
}

// ProgrammePublishInput is changes that are published together.
type ProgrammePublishInput struct {
	ExpectedVersion int
	Changes         []*DefinitionChangeInput
	At              *scalar.GivenTime
	Note            *string
	DryRun          bool
}

// DefinitionChangeInput is one of them.
type DefinitionChangeInput struct {
	Definition *DefinitionRef
	Action     programme.Action
	Revision   *int
}

// ProgrammeRollbackInput is a version that is to be in force again.
type ProgrammeRollbackInput struct {
	Version         int
	ExpectedVersion int
	At              *scalar.GivenTime
	Note            *string
	DryRun          bool
}

// ProgrammeImportInput is a whole file that is to be in force.
type ProgrammeImportInput struct {
	Yaml            string
	ExpectedVersion int
	At              *scalar.GivenTime
	Note            *string
	DryRun          bool
}
