package deals_test

import (
	"fmt"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/card"
	"deals.example/internal/platform"
	"deals.example/internal/purchase"
	"deals.example/internal/queue"
	"deals.example/internal/testkit"
	deals "deals.example/k6/xk6-deals"
)

func jobsIn(t *testing.T, server *testkit.RedisServer) *queue.Client {
	t.Helper()
	client, err := queue.NewClient(server.Client(t), queue.Deps{})
	require.NoError(t, err)
	return client
}

func TestQueuesAreSeen(t *testing.T) {
	server := testkit.Redis(t)
	u := startedUser(t, nil)
	depths := fmt.Sprintf(`
		const redis = new Redis(%q);
		return [await redis.queueDepth('enrichment-jobs'), await redis.dlqDepth('enrichment-jobs')].join()`, server.URL)
	assert.Equal(t, "0,0", u.mustRun(t, depths), "queues that were never used")

	jobs := make([]queue.EnrichJob, 3)
	for i := range jobs {
		jobs[i] = queue.EnrichJob{DealID: "d-00001", Reason: queue.ReasonBatch}
	}
	_, err := jobsIn(t, server).EnqueueEnrichment(t.Context(), jobs)
	require.NoError(t, err)
	assert.Equal(t, "3,0", u.mustRun(t, depths))
}

func TestWaitUntilDrained(t *testing.T) {
	server := testkit.Redis(t)
	u := startedUser(t, nil)
	wait := fmt.Sprintf(`return await new Redis(%q).waitUntilDrained('enrichment-jobs', '200ms')`, server.URL)
	assert.InDelta(t, 0, u.mustRun(t, wait), 0.15)

	_, err := jobsIn(t, server).EnqueueEnrichment(t.Context(), []queue.EnrichJob{{DealID: "d-00001", Reason: queue.ReasonBatch}})
	require.NoError(t, err)
	_, err = u.run(wait)
	require.ErrorContains(t, err, "queue enrichment-jobs has 1 unfinished jobs after 200ms")
}

func TestRedisThatCannotBeReached(t *testing.T) {
	u := startedUser(t, nil)
	for _, call := range []string{
		`queueDepth('enrichment-jobs')`, `dlqDepth('critical-jobs')`, `waitUntilDrained('critical-jobs', '1s')`, `auditPurchases('1s')`, `expireCards()`,
	} {
		_, err := u.run(`await new Redis('redis://:secret@127.0.0.1:1/0').` + call)
		require.ErrorContains(t, err, "redis://:xxxxx@127.0.0.1:1/0: ", call)
		require.ErrorContains(t, err, "connection refused", call)
	}
}

func TestUnknownQueue(t *testing.T) {
	server := testkit.Redis(t)
	for _, call := range []string{`queueDepth('other')`, `dlqDepth('other')`, `waitUntilDrained('other', '1s')`} {
		_, err := startedUser(t, nil).run(fmt.Sprintf(`await new Redis(%q).%s`, server.URL, call))
		require.ErrorContains(t, err, "unknown queue", call)
	}
}

func TestExpireCards(t *testing.T) {
	server := testkit.Redis(t)
	store := card.NewStore(server.Client(t), card.Config{TTL: 1e9})
	require.NoError(t, store.Put(t.Context(), card.Card{Deal: card.Deal{ID: "d-00001"}}))
	assert.EqualValues(t, 1, startedUser(t, nil).mustRun(t, fmt.Sprintf(`return await new Redis(%q).expireCards()`, server.URL)))
}

func TestWarningsNameTheUpstreamsThatThereAre(t *testing.T) {
	for _, upstream := range []string{platform.PriceService, platform.InventoryService, platform.RatingLB, platform.MerchantService, "redis", "other"} {
		u := startedUser(t, nil)
		server := newAPI(t, 200, fmt.Sprintf(`{"warnings":["%s timeout"]}`, upstream))
		u.mustRun(t, fmt.Sprintf(`await new Platform({target: %q}).list()`, server.URL))
		assert.Equal(t, map[string]float64{upstream: 1}, u.counted("deals_warnings", "upstream"))
	}
}

// ordered has the platform's store and queue take a purchase, and a user be told so.
func ordered(t *testing.T, u *user, server *testkit.RedisServer, id string) {
	t.Helper()
	rdb := server.Client(t)
	store, err := purchase.NewStore(rdb)
	require.NoError(t, err)
	_, err = store.Open(t.Context(), purchase.Order{ID: id, DealID: "d-00001", UserID: "u", Quantity: 1}, purchase.Idempotency{})
	require.NoError(t, err)
	accepted(t, u, id)
}

func accepted(t *testing.T, u *user, id string) {
	t.Helper()
	platform := newAPI(t, 202, fmt.Sprintf(`{"purchaseId":%q,"warnings":[]}`, id))
	u.mustRun(t, fmt.Sprintf(`await new Platform({target: %q}).purchase({dealId: 'd-00001'})`, platform.URL))
}

func finish(t *testing.T, server *testkit.RedisServer, id string) {
	t.Helper()
	store, err := purchase.NewStore(server.Client(t))
	require.NoError(t, err)
	for _, step := range purchase.Steps() {
		require.NoError(t, store.Finish(t.Context(), id, step))
	}
}

func TestAuditOfPurchases(t *testing.T) {
	server := testkit.Redis(t)
	root := deals.New()
	u := startedUser(t, root)
	ids := map[string]string{}
	for _, fate := range []string{"completed", "doubled", "dead", "open", "gone", "unknown"} {
		ids[fate] = purchase.NewID()
	}
	for _, fate := range []string{"completed", "doubled", "dead", "open", "gone"} {
		ordered(t, u, server, ids[fate])
	}
	accepted(t, u, ids["unknown"])
	finish(t, server, ids["completed"])
	finish(t, server, ids["doubled"])
	sendAgain(t, server, ids["doubled"])
	require.NoError(t, jobsIn(t, server).EnqueuePurchase(t.Context(), purchase.Order{ID: ids["open"], DealID: "d-00001"}.Job()))
	die(t, server, ids["dead"])

	// Another user than the one who bought looks: what was accepted is known to all.
	auditor := startedUser(t, root)
	got := auditor.mustRun(t, fmt.Sprintf(`
		const { accepted, completed, dead, open, lost, doubled } = await new Redis(%q).auditPurchases('300ms');
		return [accepted, completed, dead, open.join(), lost.length, doubled.join()].join(' ')`, server.URL))
	assert.Equal(t, fmt.Sprintf("6 2 1 %s 2 %s", ids["open"], ids["doubled"]), got)
	assert.Equal(t, map[string]float64{"completed": 2, "dead": 1, "open": 1, "lost": 2, "doubled": 1}, auditor.counted("deals_purchases", "outcome"))
}

// sendAgain adds a second receipt to the ledger, by copying the entry that is there.
func sendAgain(t *testing.T, server *testkit.RedisServer, id string) {
	t.Helper()
	rdb := server.Client(t)
	ledger := rdb.Keys(t.Context(), "*receipts*").Val()
	require.Len(t, ledger, 1)
	for _, entry := range rdb.XRange(t.Context(), ledger[0], "-", "+").Val() {
		if entry.Values["purchase"] == id {
			require.NoError(t, rdb.Do(t.Context(), "XADD", ledger[0], "*", "purchase", id).Err())
		}
	}
}

// die puts the job of a purchase into the DLQ.
func die(t *testing.T, server *testkit.RedisServer, id string) {
	t.Helper()
	require.NoError(t, jobsIn(t, server).EnqueuePurchase(t.Context(), purchase.Order{ID: id, DealID: "d-00001"}.Job()))
	require.NoError(t, asynq.NewInspectorFromRedisClient(server.Client(t)).ArchiveTask(queue.Critical, id))
}
