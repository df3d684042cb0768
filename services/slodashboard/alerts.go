package slodashboard

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
	"deals.example/services/slodashboard/api"
)

const (
	alertsKept  = 200
	alertsTaken = 100 // per notification: max_alerts in alertmanager.yml
	textKept    = 300 // characters per field
)

// alertLog holds the latest alerts received from Alertmanager. The zero value is empty. It may be used concurrently.
type alertLog struct {
	mu     sync.Mutex
	alerts []api.Notified // newest first
}

func (l *alertLog) add(taken []api.Notified) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alerts = slices.Concat(taken, l.alerts)
	l.alerts = slices.Clip(l.alerts[:min(len(l.alerts), alertsKept)])
}

func (l *alertLog) list() []api.Notified {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]api.Notified{}, l.alerts...)
}

func (s *server) handleAlerts(c *gin.Context) {
	c.JSON(http.StatusOK, api.Alerts{Limit: alertsKept, Alerts: s.alerts.list()})
}

// handleNotify receives Alertmanager's webhook. Unknown JSON fields are ignored.
func (s *server) handleNotify(c *gin.Context) {
	var notification api.Notification
	if err := decodeLoosely(c, &notification); err != nil {
		fail(c, err)
		return
	}
	if notification.Version != "4" {
		fail(c, problem.InvalidArgument("version", notification.Version, "4"))
		return
	}
	now := time.Now()
	var taken []api.Notified
	for _, alert := range notification.Alerts[:min(len(notification.Alerts), alertsTaken)] {
		taken = append(taken, notified(alert, now))
	}
	s.alerts.add(taken)
	c.JSON(http.StatusOK, api.Taken{Taken: len(taken)})
}

// decodeLoosely decodes a JSON object and ignores unknown fields.
func decodeLoosely(c *gin.Context, dst any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, problem.MaxBody))
	if err := decoder.Decode(dst); err != nil {
		return problem.InvalidArgument("body", err.Error(), "one JSON object, up to 1 MiB")
	}
	return nil
}

func notified(alert api.NotificationAlert, now time.Time) api.Notified {
	kept := api.Notified{
		ReceivedAt: now, Status: "firing", StartsAt: alert.StartsAt, Fingerprint: short(alert.Fingerprint),
		Name: short(alert.Labels["alertname"]), Severity: short(alert.Labels["severity"]), Component: short(alert.Labels["job"]),
		Set: short(alert.Labels["sloth_service"]), Objective: short(alert.Labels["sloth_slo"]), Summary: short(alert.Annotations["summary"]),
	}
	if alert.Status == "resolved" {
		kept.Status, kept.EndsAt = "resolved", &alert.EndsAt
	}
	return kept
}

// short truncates text from an untrusted sender.
func short(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), textKept)])
}
