package api

import _ "embed"

//go:generate go test . -run TestOpenAPI -update

//go:embed openapi.json
var openAPI []byte

// OpenAPI is the description of the API, version 3.1, as JSON.
func OpenAPI() []byte { return openAPI }
