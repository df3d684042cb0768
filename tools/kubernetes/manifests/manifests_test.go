package manifests_test

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"deals.example/tools/kubernetes/manifests"
)

// render is where TestOverlays writes the overlays that it has checked, for releases.
var render = flag.String("render", "", "folder to write the overlays of the repository to") //nolint:gochecknoglobals // a flag of the test binary

const root = "../../.."

func load(t *testing.T) *manifests.Tree {
	t.Helper()
	tree, err := manifests.Load(root)
	require.NoError(t, err)
	return tree
}

func decoder(t *testing.T) *manifests.Decoder {
	t.Helper()
	files, err := manifests.Definitions(t.Context(), "../crds")
	require.NoError(t, err)
	d, err := manifests.NewDecoder(files...)
	require.NoError(t, err)
	return d
}

// combine adds an overlay of the base and components.
func combine(t *testing.T, tree *manifests.Tree, components ...string) string {
	t.Helper()
	folder, err := tree.Combine(components...)
	require.NoError(t, err)
	return folder
}

// built is what a folder makes.
type built struct {
	deployments  map[string]*appsv1.Deployment
	statefulSets map[string]*appsv1.StatefulSet
	jobs         map[string]batchv1.JobSpec // of CronJobs too
	services     map[string]*corev1.Service
	configMaps   map[string]*corev1.ConfigMap
	accounts     map[string]*corev1.ServiceAccount
	budgets      map[string]*policyv1.PodDisruptionBudget
	policies     map[string]*networkingv1.NetworkPolicy
	custom       map[string]map[string]any // by kind/name
}

// build builds a folder and decodes its objects strictly.
func build(t *testing.T, tree *manifests.Tree, decode *manifests.Decoder, folder string) built {
	t.Helper()
	objects, err := tree.Build(folder)
	require.NoError(t, err)
	b := built{
		deployments:  map[string]*appsv1.Deployment{},
		statefulSets: map[string]*appsv1.StatefulSet{},
		jobs:         map[string]batchv1.JobSpec{},
		services:     map[string]*corev1.Service{},
		configMaps:   map[string]*corev1.ConfigMap{},
		accounts:     map[string]*corev1.ServiceAccount{},
		budgets:      map[string]*policyv1.PodDisruptionBudget{},
		policies:     map[string]*networkingv1.NetworkPolicy{},
		custom:       map[string]map[string]any{},
	}
	for _, resource := range objects.Resources() {
		text, err := resource.AsYAML()
		require.NoError(t, err)
		object, err := decode.Decode(text)
		require.NoError(t, err)
		assert.NotEqual(t, "Secret", resource.GetKind(), "a secret in the repository is none")
		if resource.GetKind() == "Namespace" {
			assert.Equal(t, manifests.Namespace, resource.GetName())
		} else {
			assert.Equal(t, manifests.Namespace, resource.GetNamespace(), resource.GetName())
		}
		b.add(t, resource.GetName(), object, text)
	}
	return b
}

func (b built) add(t *testing.T, name string, object runtime.Object, text []byte) {
	t.Helper()
	switch object := object.(type) {
	case *appsv1.Deployment:
		b.deployments[name] = object
	case *appsv1.StatefulSet:
		b.statefulSets[name] = object
	case *batchv1.Job:
		b.jobs[name] = object.Spec
	case *batchv1.CronJob:
		assert.True(t, *object.Spec.Suspend, "%s runs by itself", name)
		b.jobs[name] = object.Spec.JobTemplate.Spec
	case *corev1.Service:
		b.services[name] = object
	case *corev1.ConfigMap:
		b.configMaps[name] = object
	case *corev1.ServiceAccount:
		b.accounts[name] = object
	case *policyv1.PodDisruptionBudget:
		b.budgets[name] = object
	case *networkingv1.NetworkPolicy:
		b.policies[name] = object
	case nil:
		var custom map[string]any
		require.NoError(t, yaml.Unmarshal(text, &custom))
		b.custom[fmt.Sprint(custom["kind"], "/", name)] = custom
	}
}

// pods returns the pod templates by the names of their workloads. Jobs, which end, are none.
func (b built) pods() map[string]corev1.PodTemplateSpec {
	pods := map[string]corev1.PodTemplateSpec{}
	for name, deployment := range b.deployments {
		pods[name] = deployment.Spec.Template
	}
	for name, set := range b.statefulSets {
		pods[name] = set.Spec.Template
	}
	return pods
}

// TestOverlays builds every overlay and every combination of components, and checks that all that is named in them is there.
func TestOverlays(t *testing.T) {
	tree, decode := load(t), decoder(t)
	own, err := tree.Own()
	require.NoError(t, err)
	require.NotEmpty(t, own)
	combinations, err := tree.Combinations()
	require.NoError(t, err)
	for _, folder := range slices.Concat(own, combinations) {
		t.Run(path.Base(folder), func(t *testing.T) {
			t.Parallel()
			b := build(t, tree, decode, folder)
			if *render != "" && slices.Contains(own, folder) {
				write(t, tree, folder)
			}
			require.NotEmpty(t, b.deployments)
			for name, pod := range b.pods() {
				checkReferences(t, b, name, pod)
				checkPodSecurity(t, name, pod)
			}
			for name, job := range b.jobs {
				checkReferences(t, b, name, job.Template)
				checkPodSecurity(t, name, job.Template)
			}
			checkSelectors(t, b)
		})
	}
}

func write(t *testing.T, tree *manifests.Tree, folder string) {
	t.Helper()
	objects, err := tree.Build(folder)
	require.NoError(t, err)
	text, err := objects.AsYaml()
	require.NoError(t, err)
	file := filepath.Join(*render, "deals-kubernetes-"+path.Base(folder)+".yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
}

// TestLocal checks what the overlay local makes.
func TestLocal(t *testing.T) {
	b := build(t, load(t), decoder(t), manifests.Overlays+"/local")
	for name, check := range map[string]func(*testing.T, built){
		"components are those of the table":        checkTable,
		"connections are those of the graph":       checkNetwork,
		"nothing is allowed by default":            checkDefault,
		"configuration is that of compose":         checkConfiguration,
		"Pod Security refuses what is not allowed": checkRefusals,
	} {
		t.Run(name, func(t *testing.T) { check(t, b) })
	}
}

// checkReferences names what a pod asks for and the overlay doesn't make. The one Secret is made by hand.
func checkReferences(t *testing.T, b built, name string, pod corev1.PodTemplateSpec) {
	t.Helper()
	account, made := b.accounts[pod.Spec.ServiceAccountName]
	if assert.True(t, made, "%s: service account %q", name, pod.Spec.ServiceAccountName) {
		assert.False(t, *account.AutomountServiceAccountToken, name)
	}
	assert.False(t, *pod.Spec.AutomountServiceAccountToken, name)
	assert.False(t, *pod.Spec.EnableServiceLinks, name)
	mounts := map[string]bool{}
	for _, volume := range pod.Spec.Volumes {
		mounts[volume.Name] = true
		if volume.ConfigMap == nil {
			continue
		}
		configMap, made := b.configMaps[volume.ConfigMap.Name]
		if assert.True(t, made, "%s: ConfigMap %s", name, volume.ConfigMap.Name) {
			for _, item := range volume.ConfigMap.Items {
				assert.Contains(t, configMap.Data, item.Key, name)
			}
		}
	}
	if set, stateful := b.statefulSets[name]; stateful {
		for _, claim := range set.Spec.VolumeClaimTemplates {
			mounts[claim.Name] = true
		}
	}
	checkContainer(t, b, name, pod.Spec.Containers[0], mounts)
}

func checkContainer(t *testing.T, b built, name string, container corev1.Container, mounts map[string]bool) {
	t.Helper()
	for _, mount := range container.VolumeMounts {
		assert.True(t, mounts[mount.Name], "%s: volume %s", name, mount.Name)
	}
	for _, from := range container.EnvFrom {
		if from.SecretRef != nil {
			assert.Equal(t, "deals", from.SecretRef.Name, name)
			continue
		}
		assert.Contains(t, b.configMaps, from.ConfigMapRef.Name, name)
		assert.Regexp(t, `^settings-\w{10}$`, from.ConfigMapRef.Name, "%s: with a hash of the content", name)
	}
}

// checkSelectors holds services and budgets to the labels of a workload's pods.
func checkSelectors(t *testing.T, b built) {
	t.Helper()
	pods := b.pods()
	for name, service := range b.services {
		pod, made := pods[service.Spec.Selector["app.kubernetes.io/name"]]
		if !assert.True(t, made, "service %s selects no pods: %v", name, service.Spec.Selector) {
			continue
		}
		ports := map[string]int32{}
		for _, port := range pod.Spec.Containers[0].Ports {
			ports[port.Name] = port.ContainerPort
		}
		for _, port := range service.Spec.Ports {
			assert.Equal(t, ports[port.TargetPort.StrVal], port.Port, "service %s", name)
		}
	}
	for name, pod := range pods {
		assert.Equal(t, name, pod.Labels["app.kubernetes.io/name"])
		assert.Equal(t, "deals", pod.Labels["app.kubernetes.io/part-of"], name)
		budget, made := b.budgets[name]
		if assert.True(t, made, "%s has no PodDisruptionBudget", name) {
			assert.Equal(t, map[string]string{"app.kubernetes.io/name": name}, budget.Spec.Selector.MatchLabels, name)
			assert.Equal(t, 1, budget.Spec.MaxUnavailable.IntValue(), "%s: a node can be drained", name)
		}
	}
	assert.Len(t, b.budgets, len(pods))
	for name, deployment := range b.deployments {
		assert.Equal(t, map[string]string{"app.kubernetes.io/name": name}, deployment.Spec.Selector.MatchLabels, name)
	}
	for name, set := range b.statefulSets {
		assert.Equal(t, map[string]string{"app.kubernetes.io/name": name}, set.Spec.Selector.MatchLabels, name)
		assert.Contains(t, b.services, set.Spec.ServiceName, name)
	}
}

// A change of a setting gives the ConfigMap another name, so pods restart.
func TestSettingsAreHashed(t *testing.T) {
	tree, decode := load(t), decoder(t)
	folder := combine(t, tree)
	before := build(t, tree, decode, folder)
	require.NoError(t, tree.Add(folder, "namespace: deals\nresources: [../../base]\n"+
		"configMapGenerator: [{name: settings, behavior: merge, literals: [LOG_LEVEL=debug]}]\n"))
	after := build(t, tree, decode, folder)
	require.Len(t, before.configMaps, 1)
	require.Len(t, after.configMaps, 1)
	for name := range after.configMaps {
		assert.NotContains(t, before.configMaps, name)
	}
}

// TestHighAvailability checks that ha runs two of each component but the dashboard, and leaves the number to an autoscaler if there is one.
func TestHighAvailability(t *testing.T) {
	tree, decode := load(t), decoder(t)
	alone := build(t, tree, decode, path.Join(manifests.Overlays, "ha"))
	for name, deployment := range alone.deployments {
		if name == "slo-dashboard" {
			assert.Nil(t, deployment.Spec.Replicas, "one is the default")
			continue
		}
		if assert.NotNil(t, deployment.Spec.Replicas, name) {
			assert.EqualValues(t, 2, *deployment.Spec.Replicas, name)
		}
		spread := deployment.Spec.Template.Spec.TopologySpreadConstraints
		require.Len(t, spread, 2, name)
		assert.Equal(t, "kubernetes.io/hostname", spread[0].TopologyKey, name)
		assert.Equal(t, corev1.DoNotSchedule, spread[0].WhenUnsatisfiable, name)
	}
	assert.Empty(t, alone.statefulSets, "Redis is outside")

	scaled := build(t, tree, decode, withAutoscaling(t, tree))
	for _, name := range []string{"experience-api", "enrichment-worker"} {
		assert.Nil(t, scaled.deployments[name].Spec.Replicas, "%s: the autoscaler owns it", name)
	}
	assert.EqualValues(t, 2, *scaled.deployments["critical-worker"].Spec.Replicas)
	worker := scaled.custom["ScaledObject/enrichment-worker"]["spec"].(map[string]any)
	assert.EqualValues(t, 2, worker["minReplicaCount"])
	for _, trigger := range worker["triggers"].([]any) {
		address := trigger.(map[string]any)["metadata"].(map[string]any)["serverAddress"]
		assert.Equal(t, "http://prometheus-operated.monitoring:9090", address, "KEDA asks the Prometheus of the cluster")
	}
}

// withAutoscaling turns the line of ha on that is commented out.
func withAutoscaling(t *testing.T, tree *manifests.Tree) string {
	t.Helper()
	folder := path.Join(manifests.Overlays, "ha")
	text, err := tree.Read(path.Join(folder, "kustomization.yaml"))
	require.NoError(t, err)
	const commented = "  # - ../../components/autoscaling "
	require.Contains(t, text, commented)
	require.NoError(t, tree.Add(folder, strings.Replace(text, commented, "  - ../../components/autoscaling ", 1)))
	return folder
}
