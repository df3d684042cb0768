package manifests_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"deals.example/internal/platform"
	"deals.example/tools/kubernetes/manifests"
)

// closing is how long a component may take after its drain: 3 s to close clients, and 3 s to flush telemetry.
const closing = 6 * time.Second

// checkTable compares the workloads with the platform's table.
func checkTable(t *testing.T, b built) {
	t.Helper()
	settings := settingsOf(t, b)
	for variable, value := range platform.URLs(func(p platform.Part) string { return p.At(p.Name) }) {
		assert.Equal(t, value, settings[variable], variable)
	}
	for _, p := range platform.Parts() {
		service, made := b.services[p.Name]
		if assert.True(t, made, "no service %s", p.Name) {
			assert.EqualValues(t, p.Port, service.Spec.Ports[0].Port, p.Name)
		}
		if !p.IsComponent() {
			assert.Contains(t, b.statefulSets, p.Name)
			continue
		}
		deployment, made := b.deployments[p.Name]
		if !assert.True(t, made, "no deployment %s", p.Name) {
			continue
		}
		checkComponent(t, p, deployment, settings)
		pods, made := b.services[p.Name+"-pods"]
		if assert.True(t, made, p.Name) {
			assert.Equal(t, corev1.ClusterIPNone, pods.Spec.ClusterIP, p.Name)
			assert.True(t, pods.Spec.PublishNotReadyAddresses, p.Name)
		}
	}
	assert.Len(t, b.deployments, len(platform.Components()))
	assert.Len(t, b.pods(), len(platform.Parts()))
}

func settingsOf(t *testing.T, b built) map[string]string {
	t.Helper()
	for name, configMap := range b.configMaps {
		if strings.HasPrefix(name, "settings-") {
			return configMap.Data
		}
	}
	require.Fail(t, "no ConfigMap of settings")
	return nil
}

func checkComponent(t *testing.T, p platform.Part, deployment *appsv1.Deployment, settings map[string]string) {
	t.Helper()
	pod := deployment.Spec.Template.Spec
	require.Len(t, pod.Containers, 1)
	container := pod.Containers[0]
	assert.Equal(t, []string{"run", p.Name}, container.Args, p.Name)
	assert.EqualValues(t, p.Port, container.Ports[0].ContainerPort, p.Name)
	environment := map[string]string{}
	for _, variable := range container.Env {
		environment[variable.Name] = variable.Value
	}
	assert.Equal(t, strconv.Itoa(p.Port), environment["PORT"], p.Name)
	for probe, want := range map[*corev1.Probe]string{container.StartupProbe: "/healthz", container.LivenessProbe: "/healthz", container.ReadinessProbe: "/readyz"} {
		if assert.NotNil(t, probe, "%s has no probe of %s", p.Name, want) {
			assert.Equal(t, want, probe.HTTPGet.Path, p.Name)
			assert.Equal(t, intstr.FromString("http"), probe.HTTPGet.Port, p.Name)
		}
	}
	assert.Positive(t, container.Resources.Limits.Memory().Cmp(*container.Resources.Requests.Memory()), "%s: memory", p.Name)
	assert.False(t, container.Resources.Requests.Cpu().IsZero(), p.Name)
	assert.True(t, container.Resources.Limits.Cpu().IsZero(), "%s: a limit of CPU throttles what a limit of load should bound", p.Name)

	var drain time.Duration
	for _, name := range []string{"DRAIN_GRACE", "DRAIN_TIMEOUT"} {
		part, err := time.ParseDuration(settings[name])
		require.NoError(t, err)
		drain += part
	}
	assert.Greater(t, time.Duration(*pod.TerminationGracePeriodSeconds)*time.Second, drain+closing, p.Name)
	if p.Name == platform.Dashboard {
		assert.Equal(t, appsv1.RecreateDeploymentStrategyType, deployment.Spec.Strategy.Type)
		return
	}
	assert.Zero(t, deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue(), p.Name)
	require.Len(t, pod.TopologySpreadConstraints, 2, p.Name)
	for _, spread := range pod.TopologySpreadConstraints {
		assert.Equal(t, deployment.Spec.Selector, spread.LabelSelector, p.Name)
	}
}

// checkNetwork compares the calls that the policies allow with those of the graph, and with who watches whom.
func checkNetwork(t *testing.T, b built) {
	t.Helper()
	pods := b.pods()
	ports := map[int32]bool{}
	for _, pod := range pods {
		for _, port := range pod.Spec.Containers[0].Ports {
			ports[port.ContainerPort] = true
		}
	}
	var allowed []string
	for from, caller := range pods {
		for to, callee := range pods {
			for port := range ports {
				if from != to && b.allows(t, networkingv1.PolicyTypeEgress, caller, callee, port) &&
					b.allows(t, networkingv1.PolicyTypeIngress, callee, caller, port) {
					allowed = append(allowed, fmt.Sprintf("%s > %s:%d", from, to, port))
				}
			}
		}
	}
	assert.ElementsMatch(t, graph(), allowed)
}

// graph returns the edges of the graph, and those of telemetry and of the dashboard.
func graph() []string {
	var all []string
	add := func(from string, to ...string) {
		for _, name := range to {
			part, _ := platform.Named(name)
			all = append(all, fmt.Sprintf("%s > %s:%d", from, name, part.Port))
		}
	}
	add(platform.RatingServiceA, platform.Redis) // at /readyz/deep
	add(platform.RatingServiceB, platform.Redis)
	add(platform.Dashboard, platform.Redis, platform.Prometheus, platform.Alertmanager, platform.Tempo, platform.Pyroscope, platform.Grafana)
	add(platform.Alertmanager, platform.Dashboard)
	add(platform.Tempo, platform.Prometheus)
	add(platform.Grafana, platform.Prometheus, platform.Alertmanager, platform.Tempo, platform.Loki, platform.Pyroscope)
	for _, p := range platform.Parts() {
		if p.Kind != platform.Store && p.Name != platform.Prometheus {
			add(platform.Prometheus, p.Name)
		}
		if !p.IsComponent() {
			continue
		}
		add(p.Name, p.Upstreams...)
		add(p.Name, platform.Loki)
		all = append(all, fmt.Sprintf("%s > %s:%d", p.Name, platform.Tempo, platform.OTLPPort))
		if p.Name != platform.Dashboard {
			add(p.Name, platform.Pyroscope)
		}
		if p.URLVar != "" {
			add(platform.Dashboard, p.Name)
		}
	}
	return all
}

// allows reports whether the policies let a pod have a connection in that direction with a peer, at a port of the one that is called.
func (b built) allows(t *testing.T, direction networkingv1.PolicyType, pod, peer corev1.PodTemplateSpec, port int32) bool {
	t.Helper()
	for _, policy := range b.policies {
		if !selects(t, &policy.Spec.PodSelector, pod.Labels) {
			continue
		}
		if direction == networkingv1.PolicyTypeIngress {
			for _, rule := range policy.Spec.Ingress {
				if amongPeers(t, rule.From, peer) && amongPorts(rule.Ports, pod, port) {
					return true
				}
			}
			continue
		}
		for _, rule := range policy.Spec.Egress {
			if amongPeers(t, rule.To, peer) && amongPorts(rule.Ports, peer, port) {
				return true
			}
		}
	}
	return false
}

func amongPeers(t *testing.T, peers []networkingv1.NetworkPolicyPeer, pod corev1.PodTemplateSpec) bool {
	t.Helper()
	for _, peer := range peers {
		ours := peer.NamespaceSelector == nil || selects(t, peer.NamespaceSelector, map[string]string{corev1.LabelMetadataName: manifests.Namespace})
		if ours && peer.IPBlock == nil && (peer.PodSelector == nil || selects(t, peer.PodSelector, pod.Labels)) {
			return true
		}
	}
	return len(peers) == 0
}

func amongPorts(ports []networkingv1.NetworkPolicyPort, called corev1.PodTemplateSpec, port int32) bool {
	for _, allowed := range ports {
		if allowed.Port.IntVal == port {
			return true
		}
		for _, named := range called.Spec.Containers[0].Ports {
			if named.Name == allowed.Port.StrVal && named.ContainerPort == port {
				return true
			}
		}
	}
	return len(ports) == 0
}

func selects(t *testing.T, selector *metav1.LabelSelector, of map[string]string) bool {
	t.Helper()
	s, err := metav1.LabelSelectorAsSelector(selector)
	require.NoError(t, err)
	return s.Matches(labels.Set(of))
}

// checkDefault checks that a pod without a policy of its own can neither call nor be called.
func checkDefault(t *testing.T, b built) {
	t.Helper()
	policy := b.policies["default-deny"]
	require.NotNil(t, policy)
	assert.Empty(t, policy.Spec.PodSelector)
	assert.ElementsMatch(t, []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}, policy.Spec.PolicyTypes)
	assert.Empty(t, policy.Spec.Ingress)
	assert.Empty(t, policy.Spec.Egress)
}
