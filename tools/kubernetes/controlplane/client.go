package controlplane

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"sync"

	"sigs.k8s.io/yaml"
)

// Client applies objects. It may be used concurrently.
type Client struct {
	http       *http.Client
	url, token string

	mu    sync.Mutex
	kinds map[string]map[string]resource // by apiVersion and kind
}

// resource is a kind as the API server names it.
type resource struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced"`
}

func newClient(client *http.Client, url, token string) *Client {
	return &Client{http: client, url: url, token: token, kinds: map[string]map[string]resource{}}
}

// DryRun reports whether Apply changes anything.
type DryRun bool

// Apply sends an object in YAML by server-side apply with strict validation, and returns the warnings of the API server. A refusal is an error.
func (c *Client) Apply(ctx context.Context, object []byte, dry DryRun) (warnings []string, err error) {
	at, err := c.locate(ctx, object)
	if err != nil {
		return nil, err
	}
	query := url.Values{"fieldManager": {"deals"}, "fieldValidation": {"Strict"}}
	if dry {
		query.Set("dryRun", "All")
	}
	_, header, err := c.do(ctx, http.MethodPatch, at+"?"+query.Encode(), "application/apply-patch+yaml", object)
	return header.Values("Warning"), err
}

// locate returns the path of an object.
func (c *Client) locate(ctx context.Context, text []byte) (string, error) {
	var object struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Metadata   struct {
			Name      string `json:"name"`
			Namespace string `json:"namespace"`
		} `json:"metadata"`
	}
	if err := yaml.Unmarshal(text, &object); err != nil {
		return "", err
	}
	kinds, err := c.resources(ctx, object.APIVersion)
	if err != nil {
		return "", err
	}
	kind, known := kinds[object.Kind]
	if !known {
		return "", fmt.Errorf("%s has no kind %s", object.APIVersion, object.Kind)
	}
	at := group(object.APIVersion)
	if kind.Namespaced {
		at = path.Join(at, "namespaces", object.Metadata.Namespace)
	}
	return path.Join(at, kind.Name, object.Metadata.Name), nil
}

// group returns the path of an apiVersion.
func group(apiVersion string) string {
	if apiVersion == "v1" {
		return "/api/v1"
	}
	return "/apis/" + apiVersion
}

// resources returns the kinds of an apiVersion. It asks once for each.
func (c *Client) resources(ctx context.Context, apiVersion string) (map[string]resource, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kinds, known := c.kinds[apiVersion]; known {
		return kinds, nil
	}
	body, _, err := c.do(ctx, http.MethodGet, group(apiVersion), "", nil)
	if err != nil {
		return nil, err
	}
	var list struct {
		Resources []resource `json:"resources"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, err
	}
	kinds := map[string]resource{}
	for _, r := range list.Resources {
		if path.Base(r.Name) == r.Name { // not a subresource, such as deployments/scale
			kinds[r.Kind] = r
		}
	}
	c.kinds[apiVersion] = kinds
	return kinds, nil
}

func (c *Client) do(ctx context.Context, method, at, contentType string, body []byte) ([]byte, http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.url+at, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/json")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s %s: %s: %s", method, at, response.Status, message(answer))
	}
	return answer, response.Header, err
}

// message returns the text of a refusal.
func message(answer []byte) string {
	var status struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(answer, &status) != nil || status.Message == "" {
		return string(tail(answer))
	}
	return status.Message
}
