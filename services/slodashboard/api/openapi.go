package api

import _ "embed"

//go:generate go test . -run TestOpenAPI -update

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the description of the API in OpenAPI 3.1, as JSON.
func OpenAPI() []byte { return openAPI }
