// Command k6 is k6 with the extension k6/x/deals in it.
package main

import "go.k6.io/k6/cmd"

func main() { cmd.Execute() }
