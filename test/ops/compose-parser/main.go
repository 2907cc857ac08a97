// Reads a Compose file as `docker compose` does, and prints what it comes to as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: compose-parser COMPOSE_FILE [NAME=VALUE]...")
		os.Exit(2)
	}
	project, err := load(os.Args[1], os.Args[2:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(project)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// load takes values for the file's variables from settings alone: neither from the environment nor from a .env file.
func load(file string, settings []string) (any, error) {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithEnv(settings), cli.WithConsistency(true))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}
