package api_test

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go"
	"github.com/swaggest/openapi-go/openapi31"

	"deals.example/services/slodashboard"
	"deals.example/services/slodashboard/api"
)

var update = flag.Bool("update", false, "write openapi.json anew") //nolint:gochecknoglobals // a flag of the test

// problem is the body of an error.
type problem struct {
	Error    string   `json:"error" description:"for a person"`
	Code     code     `json:"code" description:"stable"`
	Warnings []string `json:"warnings"`
	Meta     struct {
		RequestID string `json:"requestId"`
	} `json:"meta"`
}

type code string

// Enum lists the codes in the description, so that the page can use no other.
func (code) Enum() []any {
	var all []any
	for _, each := range slodashboard.Codes() {
		all = append(all, each)
	}
	return all
}

// TestOpenAPI makes the description of the table and the types, and wants to find it committed.
func TestOpenAPI(t *testing.T) {
	reflector := openapi31.NewReflector()
	reflector.Spec.Info.WithTitle("slo-dashboard").WithVersion("1").
		WithDescription("Rates are per second, shares percent, times RFC 3339; a number that is null is not known, and is not 0.")
	reflector.DefaultOptions = append(reflector.DefaultOptions,
		jsonschema.InterceptProp(requireAll), jsonschema.InterceptNullability(nullable),
		jsonschema.StripDefinitionNamePrefix("ApiTest", "Api"))
	for _, e := range api.Endpoints() {
		describe(t, reflector, e)
	}
	made, err := json.MarshalIndent(reflector.Spec, "", "  ")
	require.NoError(t, err)
	made = append(made, '\n')
	if *update {
		require.NoError(t, os.WriteFile("openapi.json", made, 0o600))
		return
	}
	assert.Equal(t, string(made), string(api.OpenAPI()), "go generate ./services/slodashboard/... writes it anew")
}

func describe(t *testing.T, reflector *openapi31.Reflector, e api.Endpoint) {
	t.Helper()
	operation, err := reflector.NewOperationContext(e.Method, e.Path)
	require.NoError(t, err)
	operation.SetID(e.ID)
	operation.SetSummary(e.Summary)
	for _, input := range []any{e.Params, e.Body} {
		if input != nil {
			operation.AddReqStructure(input)
		}
	}
	operation.AddRespStructure(e.Output)
	operation.AddRespStructure(problem{}, func(unit *openapi.ContentUnit) {
		unit.HTTPStatus = 0
		unit.IsDefault = true
		unit.Description = "what went wrong"
	})
	require.NoError(t, reflector.AddOperation(operation))
}

// requireAll makes every member required that is not left out when empty, and lets null stand among the values of one that may be null.
func requireAll(p jsonschema.InterceptPropParams) error {
	if p.Processed && len(p.PropertySchema.Enum) > 0 && p.PropertySchema.HasType(jsonschema.Null) {
		p.PropertySchema.Enum = append(p.PropertySchema.Enum, nil)
	}
	if p.Processed && !strings.Contains(p.Field.Tag.Get("json"), "omitempty") && p.Field.Tag.Get("json") != "" {
		p.ParentSchema.Required = append(p.ParentSchema.Required, p.Name)
	}
	return nil
}

// nullable lets null stand for pointers only: lists and maps are never null.
func nullable(p jsonschema.InterceptNullabilityParams) {
	pointer := p.Type.Kind() == reflect.Pointer
	switch {
	case !pointer && p.NullAdded:
		p.Schema.RemoveType(jsonschema.Null)
	case pointer && p.Schema.Ref != nil && !p.OmitEmpty:
		named := jsonschema.Schema{Ref: p.Schema.Ref}
		p.Schema.Ref, p.Schema.Type = nil, nil
		p.Schema.AnyOf = []jsonschema.SchemaOrBool{named.ToSchemaOrBool(), jsonschema.Null.ToSchemaOrBool()}
	}
}
