package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"deals.example/internal/queue"
	"deals.example/internal/settings"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2

	exitThresholds  = 3
	exitInterrupted = 130 // as shells report Ctrl-C
)

const helpWidth = 80 // columns; fewer in a narrower terminal

const description = `Deals Under Load: a platform for learning how services behave under load.

Exit codes: 0 done, 1 failed, 2 wrong usage (arguments or settings).`

// cli is the grammar of the command line.
type cli struct {
	Help        helpFlag    `short:"h" help:"Show help."`
	ShowVersion versionFlag `name:"version" help:"Show the version."`

	Up          upCmd          `cmd:"" help:"Run the whole platform on this machine."`
	PS          psCmd          `cmd:"" name:"ps" help:"Show the parts of a running platform and their states."`
	Stop        stopCmd        `cmd:"" help:"Stop parts of a running platform until 'deals start'."`
	Start       startCmd       `cmd:"" help:"Start stopped parts."`
	Restart     restartCmd     `cmd:"" help:"Stop parts and start them again."`
	Run         runCmd         `cmd:"" help:"Run one component."`
	DLQ         dlqCmd         `cmd:"" name:"dlq" help:"List, show, replay and purge dead jobs."`
	SLO         sloCmd         `cmd:"" name:"slo" help:"Generate and check the files made from the SLOs."`
	Control     controlCmd     `cmd:"" help:"Switch policies of running components."`
	Experiment  experimentCmd  `cmd:"" help:"Compare settings under the same load."`
	Load        loadCmd        `cmd:"" help:"Send load to the platform and print a summary."`
	Flame       flameCmd       `cmd:"" help:"Compare profiles of hash-bad and hash-good, or any two profiles."`
	Capacity    capacityCmd    `cmd:"" help:"Compute what the platform needs for a demand, and what breaks first."`
	Healthcheck healthcheckCmd `cmd:"" help:"Check whether a component on this machine is ready."`
	Version     versionCmd     `cmd:"" help:"Show the version."`

	Completion completionCmd `cmd:"" help:"Print a script that completes commands in bash, zsh or fish."`
	Complete   completeCmd   `cmd:"" hidden:"" passthrough:"all" help:"Print the completions of a command line."`

	EmbeddedRedis embeddedRedisCmd `cmd:"" hidden:"" help:"Run the embedded Redis that replaces a missing redis-server."`
}

// system holds the environment and the standard streams of a command.
type system struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// asMap returns an environment as a map. The last of several entries with the same name wins.
func asMap(environ []string) map[string]string {
	values := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	return values
}

// usageError reports wrong usage: arguments or settings. The exit code is exitUsage.
type usageError struct{ error }

// exitError is an error with its own exit code.
type exitError struct {
	error
	code int
}

// errHelp ends parsing after help or the version is printed.
var errHelp = errors.New("help shown")

// Run runs the command in args, which excludes the program's name, and returns the exit code.
func Run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	sys := &system{environ: environ, stdin: stdin, stdout: stdout, stderr: stderr}
	err := execute(ctx, args, sys)
	switch {
	case err == nil, errors.Is(err, errHelp):
		return exitOK
	default:
		fmt.Fprintf(stderr, "deals: %v\n", err)
		return exitCode(err)
	}
}

func execute(ctx context.Context, args []string, sys *system) error {
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parser, err := kong.New(&cli{},
		kong.Name("deals"), kong.Description(description), kong.NoDefaultHelp(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: helpWidth}),
		kong.Writers(sys.stdout, sys.stderr),
		kong.Vars{"queues": strings.Join(queue.Names(), ","), "redisMaxMemory": strconv.Itoa(redisMaxMemory)},
		kong.Vars{"target": defaultTarget(), "redisPort": redisPort()},
		kong.Vars{"maxClients": strconv.Itoa(maxClients), "loadRate": strconv.Itoa(defaultLoadRate)},
		flameVars(), experimentVars(), capacityVars(),
		kong.Bind(sys), kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		return fmt.Errorf("build the command line: %w", err)
	}
	parsed, err := parser.Parse(args)
	if errors.Is(err, errHelp) {
		return err
	}
	if err != nil {
		return usageError{fmt.Errorf("%w (see %s)", err, helpCommand(err))}
	}
	return parsed.Run()
}

// helpCommand returns the command that prints the help relevant to a parse error.
func helpCommand(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if selected := parse.Context.Selected(); selected != nil {
			return selected.FullPath() + " --help"
		}
	}
	return "deals --help"
}

func exitCode(err error) int {
	var usage usageError
	var fault settings.Fault
	if own, ok := errors.AsType[exitError](err); ok {
		return own.code
	}
	if errors.As(err, &usage) || errors.As(err, &fault) {
		return exitUsage
	}
	return exitFailure
}

// helpFlag prints the help of the selected command, and the settings of a named component.
type helpFlag bool

// BeforeReset implements kong's hook. It runs before arguments are validated.
func (helpFlag) BeforeReset(ctx *kong.Context, sys *system) error {
	if err := ctx.PrintUsage(false); err != nil {
		return fmt.Errorf("print help: %w", err)
	}
	if name := namedComponent(ctx); name != "" {
		if err := printSettings(sys.stdout, name); err != nil {
			return err
		}
	}
	return errHelp
}
