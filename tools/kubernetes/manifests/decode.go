package manifests

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/yaml"
)

// Decoder decodes objects strictly: it refuses unknown and repeated fields, and values of a wrong type. For custom resources it also checks
// the bounds of their schema.
type Decoder struct {
	types  runtime.Decoder
	custom map[schema.GroupVersionKind]*jsonschema.Schema
}

// NewDecoder returns a decoder of Kubernetes' own types that the manifests use, and of the custom resources that the files define.
func NewDecoder(files ...string) (*Decoder, error) {
	scheme := runtime.NewScheme()
	builder := runtime.NewSchemeBuilder(
		corev1.AddToScheme, appsv1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme, autoscalingv2.AddToScheme, batchv1.AddToScheme,
	)
	if err := builder.AddToScheme(scheme); err != nil {
		return nil, err
	}
	d := &Decoder{
		types:  serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer(),
		custom: map[schema.GroupVersionKind]*jsonschema.Schema{},
	}
	for _, file := range files {
		if err := d.define(file); err != nil {
			return nil, fmt.Errorf("read a definition of a custom resource: %w", err)
		}
	}
	return d, nil
}

// definition is what is used of a CustomResourceDefinition.
type definition struct {
	Spec struct {
		Group string `json:"group"`
		Names struct {
			Kind string `json:"kind"`
		} `json:"names"`
		Versions []struct {
			Name   string `json:"name"`
			Schema struct {
				OpenAPI map[string]any `json:"openAPIV3Schema"`
			} `json:"schema"`
		} `json:"versions"`
	} `json:"spec"`
}

func (d *Decoder) define(file string) error {
	text, err := os.ReadFile(file) //nolint:gosec // G304: the caller names the file
	if err != nil {
		return err
	}
	var crd definition
	if err := yaml.Unmarshal(text, &crd); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, version := range crd.Spec.Versions {
		kind := schema.GroupVersionKind{Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.Kind}
		if d.custom[kind], err = compile(kind, version.Schema.OpenAPI); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func compile(kind schema.GroupVersionKind, openAPI map[string]any) (*jsonschema.Schema, error) {
	closeObjects(openAPI)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft4) // the one that OpenAPI 3.0 extends
	name := strings.ToLower(kind.Kind) + ".json"
	if err := compiler.AddResource(name, openAPI); err != nil {
		return nil, err
	}
	return compiler.Compile(name)
}

// closeObjects makes a schema refuse the fields that it doesn't have, where the API server drops them or refuses them.
func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		_, closed := node["properties"].(map[string]any)
		_, open := node["additionalProperties"]
		preserves, _ := node["x-kubernetes-preserve-unknown-fields"].(bool)
		if closed && !open && !preserves && node["type"] == "object" {
			node["additionalProperties"] = false
		}
		for _, inner := range node {
			closeObjects(inner)
		}
	case []any:
		for _, inner := range node {
			closeObjects(inner)
		}
	}
}

// Decode returns an object of Kubernetes' own types, or nil for a custom resource that its schema allows.
func (d *Decoder) Decode(text []byte) (runtime.Object, error) {
	var object struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        metav1.ObjectMeta `json:"metadata"`
	}
	if err := yaml.Unmarshal(text, &object); err != nil {
		return nil, err
	}
	var made runtime.Object
	var err error
	kind := object.GroupVersionKind()
	if custom, known := d.custom[kind]; known {
		err = validate(custom, text)
	} else {
		made, _, err = d.types.Decode(text, nil, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind.Kind, object.Metadata.Name, err)
	}
	return made, nil
}

func validate(custom *jsonschema.Schema, text []byte) error {
	asJSON, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(asJSON, &value); err != nil {
		return err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return errors.New("got no object")
	}
	if err := checkMetadata(object["metadata"]); err != nil {
		return err
	}
	object["metadata"] = map[string]any{} // its type is in no schema
	return custom.Validate(object)
}

func checkMetadata(metadata any) error {
	text, err := json.Marshal(metadata)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(new(metav1.ObjectMeta)); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	return nil
}
