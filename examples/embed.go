// Package examples holds programmes as data, to start from.
package examples

import _ "embed"

//go:generate go run generate.go

// ChicchiName is the place of the example programme in the repository, for messages about it.
const ChicchiName = "examples/chicchi.yaml"

// Chicchi is the example programme, chicchi.yaml.
//
//go:embed chicchi.yaml
var Chicchi []byte

// LuneName is the place of the second example programme in the repository.
const LuneName = "examples/lune.yaml"

// Lune is the second example programme, lune.yaml: a club for parents, by the months of each child.
//
//go:embed lune.yaml
var Lune []byte
