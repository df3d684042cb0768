// Command k6 is k6 with the extension k6/x/deals in it.
package main

import (
	"go.k6.io/k6/cmd"

	_ "deals.example/k6/xk6-deals" // registers itself
)

func main() { cmd.Execute() }
