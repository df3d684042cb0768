package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"deals.example/internal/app"
	"deals.example/internal/queue"
	"deals.example/internal/redisclient"
	"deals.example/internal/settings"
)

const allQueues = "all"

// dlqCmd is `deals dlq`.
type dlqCmd struct {
	List   dlqListCmd   `cmd:"" help:"List dead jobs, the most recent first."`
	Show   dlqShowCmd   `cmd:"" help:"Show one dead job."`
	Replay dlqReplayCmd `cmd:"" help:"Enqueue dead jobs again with a full number of attempts."`
	Purge  dlqPurgeCmd  `cmd:"" help:"Delete dead jobs permanently."`
}

// Help is shown after the flags.
func (dlqCmd) Help() string {
	return `A job that failed its last attempt is moved to the dead letter queue (DLQ) of its queue.
The DLQ is asynq's archive in the Redis at REDIS_URL.`
}

// dlqListCmd is `deals dlq list`.
type dlqListCmd struct {
	Queue string `enum:"all,${queues}" default:"all" help:"Queue to list: ${enum}."`
	Page  int    `default:"1" help:"Page number; the first is 1."`
	Size  int    `default:"20" help:"Jobs of each queue on a page."`
	JSON  bool   `name:"json" help:"Print JSON: an array with one page per queue."`
}

// Run prints a page of each queue's DLQ.
func (c *dlqListCmd) Run(ctx context.Context, sys *system) error {
	if c.Page < 1 || c.Size < 1 {
		return usageError{errors.New("--page and --size must be at least 1")}
	}
	return withDLQ(ctx, sys, func(dlq *queue.DLQ) error {
		var pages []queue.DeadPage
		for _, name := range queuesOf(c.Queue) {
			page, err := dlq.List(ctx, name, queue.Page{Number: c.Page, Size: c.Size})
			if err != nil {
				return err
			}
			pages = append(pages, page)
		}
		if c.JSON {
			return printJSON(sys.stdout, pages)
		}
		return printPages(sys.stdout, pages)
	})
}

// dlqShowCmd is `deals dlq show`.
type dlqShowCmd struct {
	ID   string `arg:"" help:"Id of the job."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run prints one dead job.
func (c *dlqShowCmd) Run(ctx context.Context, sys *system) error {
	return withDLQ(ctx, sys, func(dlq *queue.DLQ) error {
		job, err := dlq.Show(ctx, c.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(sys.stdout, job)
		}
		return printJob(sys.stdout, job)
	})
}

// chosenJobs selects jobs: some by id, or all of a queue.
type chosenJobs struct {
	IDs   []string `arg:"" optional:"" name:"id" help:"Ids of the jobs."`
	All   bool     `help:"Select all dead jobs of the queue."`
	Queue string   `enum:"all,${queues}" default:"all" help:"Queue of --all: ${enum}."`
	JSON  bool     `name:"json" help:"Print JSON."`
}

func (c chosenJobs) check() error {
	if c.All == (len(c.IDs) > 0) {
		return usageError{errors.New("pass either ids or --all")}
	}
	return nil
}

// do calls one for each id, or all for each queue, and prints the number of jobs that succeeded. It continues after an error.
func (c chosenJobs) do(sys *system, done string, one func(id string) error, all func(queue string) (int, error)) error {
	count := 0
	var faults []error
	for _, id := range c.IDs {
		if err := one(id); err != nil {
			faults = append(faults, err)
			continue
		}
		count++
	}
	if c.All {
		for _, name := range queuesOf(c.Queue) {
			jobs, err := all(name)
			count += jobs
			faults = append(faults, err)
		}
	}
	if c.JSON {
		faults = append(faults, printJSON(sys.stdout, map[string]int{done: count}))
	} else {
		fmt.Fprintf(sys.stdout, "%s: %d\n", done, count)
	}
	return errors.Join(faults...)
}

// dlqReplayCmd is `deals dlq replay`.
type dlqReplayCmd struct {
	chosenJobs `embed:""`
}

// Run enqueues the selected jobs again.
func (c *dlqReplayCmd) Run(ctx context.Context, sys *system) error {
	if err := c.check(); err != nil {
		return err
	}
	return withDLQ(ctx, sys, func(dlq *queue.DLQ) error {
		return c.do(sys, "replayed",
			func(id string) error { return dlq.Replay(ctx, id) },
			func(name string) (int, error) { return dlq.ReplayAll(ctx, name) })
	})
}

// dlqPurgeCmd is `deals dlq purge`.
type dlqPurgeCmd struct {
	chosenJobs `embed:""`

	Yes bool `short:"y" help:"Do not ask for confirmation of --all."`
}

// Run deletes the selected jobs. With --all it asks for confirmation unless --yes is set.
func (c *dlqPurgeCmd) Run(ctx context.Context, sys *system) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.All && !c.Yes && !confirmed(sys, "permanently delete all dead jobs of "+strings.Join(queuesOf(c.Queue), " and ")+"?") {
		return usageError{errors.New("no jobs deleted: answer yes, or use --yes")}
	}
	return withDLQ(ctx, sys, func(dlq *queue.DLQ) error {
		return c.do(sys, "purged",
			func(id string) error { return dlq.Purge(ctx, id) },
			func(name string) (int, error) { return dlq.PurgeAll(ctx, name) })
	})
}

func confirmed(sys *system, question string) bool {
	fmt.Fprintf(sys.stderr, "%s [yes/no] ", question)
	answer := bufio.NewScanner(sys.stdin)
	if !answer.Scan() {
		fmt.Fprintln(sys.stderr)
		return false
	}
	return strings.EqualFold(strings.TrimSpace(answer.Text()), "yes")
}

func queuesOf(name string) []string {
	if name == allQueues {
		return queue.Names()
	}
	return []string{name}
}

// withDLQ calls do with the DLQs in the Redis at REDIS_URL.
func withDLQ(ctx context.Context, sys *system, do func(*queue.DLQ) error) error {
	var cfg app.RedisConfig
	if err := settings.Load(asMap(sys.environ), &cfg); err != nil {
		return err
	}
	options, err := redisOptions(cfg.URL)
	if err != nil {
		return err
	}
	client := redisclient.New(options)
	defer func() { _ = client.Close() }()
	if err := client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("connect to Redis at %s (%s): %w", withoutPassword(cfg.URL), redisVariable, err)
	}
	dlq, err := queue.NewDLQ(client)
	if err != nil {
		return err
	}
	return do(dlq)
}
