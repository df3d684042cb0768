// Package manifests builds and decodes the manifests of deploy/kubernetes as kubectl and Kubernetes do.
package manifests

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Folders of the manifests.
const (
	Base       = "/deploy/kubernetes/base"
	Components = "/deploy/kubernetes/components"
	Overlays   = "/deploy/kubernetes/overlays"
)

// Namespace is the one that all overlays use.
const Namespace = "deals"

// Tree is a copy in memory of the folders that manifests are made of. Builds may run concurrently, but not beside what adds to it.
type Tree struct {
	files filesys.FileSystem
}

// Load reads the folders from the repository whose root is given.
func Load(root string) (*Tree, error) {
	tree := &Tree{filesys.MakeFsInMemory()}
	for _, folder := range []string{"deploy/kubernetes", "observability", "slo", "grafana"} {
		if err := tree.copy(root, folder); err != nil {
			return nil, fmt.Errorf("read manifests: %w", err)
		}
	}
	return tree, nil
}

func (t *Tree) copy(root, folder string) error {
	return filepath.WalkDir(filepath.Join(root, filepath.FromSlash(folder)), func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		text, err := os.ReadFile(file) //nolint:gosec // G304: a file of this repository
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		return t.files.WriteFile("/"+filepath.ToSlash(name), text)
	})
}

// names returns the folders in a folder of the tree.
func (t *Tree) names(folder string) ([]string, error) {
	entries, err := t.files.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range entries {
		if t.files.IsDir(path.Join(folder, name)) {
			names = append(names, name)
		}
	}
	return names, nil
}

// Own returns the folders of the overlays of the repository. Call it before Combinations, which adds more.
func (t *Tree) Own() ([]string, error) {
	names, err := t.names(Overlays)
	for i, name := range names {
		names[i] = path.Join(Overlays, name)
	}
	return names, err
}

// Combinations adds an overlay for each combination of components, and returns their folders. Of stack and observability, which make the same
// things available, a combination has one at most, and it comes last.
func (t *Tree) Combinations() ([]string, error) {
	const stack, observability = "stack", "observability"
	names, err := t.names(Components)
	if err != nil {
		return nil, err
	}
	combinations := [][]string{nil}
	for _, name := range names {
		if name == stack || name == observability {
			continue
		}
		for _, combination := range combinations {
			combinations = append(combinations, append(slices.Clip(combination), name))
		}
	}
	var folders []string
	for _, combination := range combinations {
		for _, components := range [][]string{
			combination, append(slices.Clip(combination), stack), append(slices.Clip(combination), observability),
		} {
			folder, err := t.Combine(components...)
			if err != nil {
				return nil, err
			}
			folders = append(folders, folder)
		}
	}
	return folders, nil
}

// Combine adds an overlay of the base and components, and returns its folder.
func (t *Tree) Combine(components ...string) (string, error) {
	folder := path.Join(Overlays, strings.Join(append([]string{"base"}, components...), "-with-"))
	var b strings.Builder
	fmt.Fprintf(&b, "namespace: %s\nresources: [../../base]\ncomponents:\n", Namespace)
	for _, name := range components {
		fmt.Fprintf(&b, "  - ../../components/%s\n", name)
	}
	return folder, t.Add(folder, b.String())
}

// Add adds a folder with a kustomization.
func (t *Tree) Add(folder, kustomization string) error {
	return t.files.WriteFile(path.Join(folder, "kustomization.yaml"), []byte(kustomization))
}

// Read returns a file of the tree.
func (t *Tree) Read(file string) (string, error) {
	text, err := t.files.ReadFile(file)
	return string(text), err
}

// Build returns the objects of a folder, with the restrictions of `kubectl apply -k`.
func (t *Tree) Build(folder string) (resmap.ResMap, error) {
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(t.files, folder)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", folder, err)
	}
	return objects, nil
}
