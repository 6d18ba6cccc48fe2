package dossier

import (
	_ "embed"
)

//go:embed schema.json
var schemaJSON []byte

// JSONSchema returns the JSON Schema (draft 2020-12) of dossier.json.
func JSONSchema() []byte { return append([]byte(nil), schemaJSON...) }
