package manifests_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"deals.example/tools/kubernetes/manifests"
)

// TestWrongManifestsAreRefused changes one thing of manifests that are right.
func TestWrongManifestsAreRefused(t *testing.T) {
	decode := decoder(t)
	tree := load(t)
	for name, test := range map[string]struct{ file, old, wrong, want string }{
		"unknown field": {"base/price-service.yaml", "imagePullPolicy:", "imagePulPolicy:", `unknown field "spec.template.spec.containers[0].imagePulPolicy"`},
		"wrong type":    {"base/price-service.yaml", "terminationGracePeriodSeconds: 25", "terminationGracePeriodSeconds: long", "cannot unmarshal"},
		"field twice":   {"base/price-service.yaml", "enableServiceLinks: false", "enableServiceLinks: false\n      enableServiceLinks: true", "already set"},
		"unknown kind":  {"base/price-service.yaml", "kind: Deployment", "kind: Deploiment", `no kind "Deploiment"`},
		"unknown field of a custom resource": {
			"components/observability/servicemonitor.yaml", "scrapeTimeout:", "scrapeTimeOut:", "'scrapeTimeOut' not allowed",
		},
		"unknown field of metadata": {"components/observability/servicemonitor.yaml", "  labels:", "  label:", `unknown field "label"`},
		"missing field":             {"components/autoscaling/enrichment-worker.yaml", "scaleTargetRef:", "scaleTarget:", "missing property 'scaleTargetRef'"},
		"value out of the list":     {"components/gateway/routes.yaml", "type: PathPrefix", "type: Prefix", "value must be one of"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := tree.Read("/deploy/kubernetes/" + test.file)
			require.NoError(t, err)
			require.Contains(t, text, test.old)
			require.NoError(t, decodeAll(decode, text))
			require.ErrorContains(t, decodeAll(decode, strings.Replace(text, test.old, test.wrong, 1)), test.want)
		})
	}
}

func decodeAll(decode *manifests.Decoder, text string) error {
	for document := range strings.SplitSeq(text, "\n---\n") {
		if _, err := decode.Decode([]byte(document)); err != nil {
			return err
		}
	}
	return nil
}

// checkPodSecurity holds a pod to the standard `restricted`, as the namespace does.
func checkPodSecurity(t *testing.T, name string, pod corev1.PodTemplateSpec) {
	t.Helper()
	verdict := podSecurity(t, pod)
	assert.True(t, verdict.Allowed, "%s: %s: %s", name, verdict.ForbiddenReason(), verdict.ForbiddenDetail())
}

func podSecurity(t *testing.T, pod corev1.PodTemplateSpec) policy.AggregateCheckResult {
	t.Helper()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	require.NoError(t, err)
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	return policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec))
}

// checkRefusals breaks the standard in ways of which each is refused.
func checkRefusals(t *testing.T, b built) {
	t.Helper()
	for want, change := range map[string]func(*corev1.PodSpec){
		"runAsNonRoot != true":              func(s *corev1.PodSpec) { s.SecurityContext.RunAsNonRoot = nil },
		"seccompProfile":                    func(s *corev1.PodSpec) { s.SecurityContext.SeccompProfile = nil },
		"host namespaces":                   func(s *corev1.PodSpec) { s.HostNetwork = true },
		"unrestricted capabilities":         func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.Capabilities = nil },
		"allowPrivilegeEscalation != false": func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.AllowPrivilegeEscalation = nil },
	} {
		pod := *b.deployments["price-service"].Spec.Template.DeepCopy()
		require.True(t, podSecurity(t, pod).Allowed)
		change(&pod.Spec)
		verdict := podSecurity(t, pod)
		assert.False(t, verdict.Allowed, want)
		assert.Contains(t, verdict.ForbiddenReason(), want)
	}
}
