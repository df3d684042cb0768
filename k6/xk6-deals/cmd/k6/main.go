// Command k6 is k6 with the extension k6/x/deals in it.
package main

import (
	"github.com/redis/go-redis/v9/logging"
	"go.k6.io/k6/cmd"

	_ "deals.example/k6/xk6-deals" // registers itself
)

func main() {
	logging.Disable() // what the Redis client has to say comes back as errors
	cmd.Execute()
}
