// Command granaio is a loyalty and engagement platform behind one GraphQL API. `granaio --help` tells what it can do.
package main

import (
	"os"

	"granaio/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Stdout, os.Stderr)) }
