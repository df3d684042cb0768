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

// Outcomes of a step. A failed step is pending again when its job is retried.
const (
	OutcomePending   Outcome = "pending"
	OutcomeCompleted Outcome = "completed"
	OutcomeFailed    Outcome = "failed"
)

// Progress of a purchase as a whole.
type Progress string

// Progress of a purchase. The job of a failed purchase is in the DLQ or was purged from it.
const (
	Pending    Progress = "pending"
	Processing Progress = "processing"
	Completed  Progress = "completed"
	Failed     Progress = "failed"
)

// Step is the progress of a step.
type Step struct {
	Name       string     `json:"name"`
	Outcome    Outcome    `json:"outcome"`
	Attempts   int        `json:"attempts"`
	StartedAt  *time.Time `json:"startedAt,omitempty"`  // of the first attempt
	FinishedAt *time.Time `json:"finishedAt,omitempty"` // of the successful attempt
	LastError  string     `json:"lastError,omitempty"`  // kept if a later attempt succeeds
}

// Status is the status of a purchase.
type Status struct {
	PurchaseID string    `json:"purchaseId"`
	Progress   Progress  `json:"status"`
	DealID     string    `json:"dealId"`
	Quantity   int       `json:"quantity"`
	CreatedAt  time.Time `json:"createdAt"`
	Steps      []Step    `json:"steps"`
}

// Status returns the status of a purchase, or ErrNotFound.
func (s *Store) Status(ctx context.Context, id string) (Status, error) {
	// The job is read first, so that the record shows a job that ends between the two reads.
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

// progress returns the progress from the state of the job and of its steps. If all steps are completed the purchase is completed, since a
// worker may die before it acknowledges the job. A job that does not exist was purged or never enqueued, so no worker will run it.
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

// number returns 0 for a text that is not a number. Only this package writes records.
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
