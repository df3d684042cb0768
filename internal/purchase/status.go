package purchase

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"deals.example/internal/queue"
)

// Outcome of a step.
type Outcome string

// Outcomes of a step. A failed one is pending again when its job is retried.
const (
	OutcomePending   Outcome = "pending"
	OutcomeCompleted Outcome = "completed"
	OutcomeFailed    Outcome = "failed"
)

// Progress of a purchase as a whole.
type Progress string

// Progress of a purchase. A failed one rests in the DLQ, or its job was purged from there.
const (
	Pending    Progress = "pending"
	Processing Progress = "processing"
	Completed  Progress = "completed"
	Failed     Progress = "failed"
)

// Step is how far a step has come.
type Step struct {
	Name       string     `json:"name"`
	Outcome    Outcome    `json:"outcome"`
	Attempts   int        `json:"attempts"`
	StartedAt  *time.Time `json:"startedAt,omitempty"`  // of the first attempt
	FinishedAt *time.Time `json:"finishedAt,omitempty"` // of the one that succeeded
	LastError  string     `json:"lastError,omitempty"`  // kept when a later attempt succeeds
}

// Status is how far a purchase has come.
type Status struct {
	PurchaseID string    `json:"purchaseId"`
	Progress   Progress  `json:"status"`
	DealID     string    `json:"dealId"`
	Quantity   int       `json:"quantity"`
	CreatedAt  time.Time `json:"createdAt"`
	Steps      []Step    `json:"steps"`
}

// Status tells how far a purchase has come; ErrNotFound when there is no record of it.
func (s *Store) Status(ctx context.Context, id string) (Status, error) {
	// The job first: when it ends between the two reads, the record says so.
	job, err := queue.JobState(ctx, s.rdb, queue.Critical, id)
	if err != nil {
		return Status{}, err
	}
	record, err := s.rdb.HGetAll(ctx, recordKey(id)).Result()
	if err != nil {
		return Status{}, fmt.Errorf("%w: read record %s: %w", queue.ErrUnavailable, id, err)
	}
	if len(record) == 0 {
		return Status{}, ErrNotFound
	}
	status := Status{PurchaseID: id, DealID: record["deal"], Quantity: number(record["quantity"])}
	if created := timeOf(record["created"]); created != nil {
		status.CreatedAt = *created
	}
	for _, name := range Steps() {
		status.Steps = append(status.Steps, stepOf(record, name))
	}
	status.Progress = progress(job, status.Steps)
	return status, nil
}

// progress is what the state of the job and its steps come to. The steps have the last word: a worker may die between the last one
// and telling asynq. A job that is not there was purged, or never enqueued after its record was made: nobody will do it.
func progress(job queue.State, steps []Step) Progress {
	completed, begun := 0, false
	for _, step := range steps {
		begun = begun || step.Attempts > 0
		if step.Outcome == OutcomeCompleted {
			completed++
		}
	}
	switch {
	case completed == len(steps) || job == queue.StateCompleted:
		return Completed
	case job == queue.StateArchived || job == queue.StateNone:
		return Failed
	case begun || job == queue.StateActive:
		return Processing
	default:
		return Pending
	}
}

func stepOf(record map[string]string, name string) Step {
	outcome := Outcome(record[name+".outcome"])
	if outcome == "" {
		outcome = OutcomePending
	}
	return Step{
		Name:       name,
		Outcome:    outcome,
		Attempts:   number(record[name+".attempts"]),
		StartedAt:  timeOf(record[name+".started"]),
		FinishedAt: timeOf(record[name+".finished"]),
		LastError:  record[name+".error"],
	}
}

// number returns 0 for what is none: only this package writes records.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

func timeOf(text string) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil
	}
	return &t
}
