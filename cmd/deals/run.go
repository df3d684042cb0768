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
	exitInterrupted = 130 // as a shell says it of Ctrl-C
)

const helpWidth = 80 // characters; less in a narrower terminal

const description = `A platform to break: deals under load.

Exit codes: 0 done, 1 failed, 2 wrong usage (arguments or settings).`

// cli is the grammar of the command line.
type cli struct {
	Help        helpFlag    `short:"h" help:"Show help."`
	ShowVersion versionFlag `name:"version" help:"Show the version."`

	Up          upCmd          `cmd:"" help:"Run the whole platform on this machine."`
	PS          psCmd          `cmd:"" name:"ps" help:"Show the parts of a running platform and their states."`
	Stop        stopCmd        `cmd:"" help:"Stop a part of a running platform and keep it down."`
	Start       startCmd       `cmd:"" help:"Start a part that was stopped."`
	Restart     restartCmd     `cmd:"" help:"Stop a part and start it again."`
	Run         runCmd         `cmd:"" help:"Run one component."`
	DLQ         dlqCmd         `cmd:"" name:"dlq" help:"List, show, replay and purge dead jobs."`
	SLO         sloCmd         `cmd:"" name:"slo" help:"Make and check the rules of the objectives."`
	Load        loadCmd        `cmd:"" help:"Load the platform and print a summary."`
	Flame       flameCmd       `cmd:"" help:"Compare bad hashes with good ones, or any two profiles."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a component on this machine whether it is ready."`
	Version     versionCmd     `cmd:"" help:"Show the version."`

	Completion completionCmd `cmd:"" help:"Print a script that completes commands in bash, zsh or fish."`
	Complete   completeCmd   `cmd:"" hidden:"" passthrough:"all" help:"Print what may follow words of a command line."`

	EmbeddedRedis embeddedRedisCmd `cmd:"" hidden:"" help:"Run the Redis that stands in where there is no redis-server."`
}

// system is what a command may use of the world around it.
type system struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// asMap returns an environment as a map; of an entry that is there twice the last counts.
func asMap(environ []string) map[string]string {
	values := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	return values
}

// usageError is a failure that is the caller's: a wrong argument.
type usageError struct{ error }

// exitError is a failure with an exit code of its own.
type exitError struct {
	error
	code int
}

// errHelp ends parsing once help or the version was asked for and shown.
var errHelp = errors.New("help shown")

// Run runs the command that args, without the program's name, ask for, and returns the exit code.
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
		kong.Vars{"target": defaultTarget(), "maxClients": strconv.Itoa(maxClients), "redisPort": redisPort()}, flameVars(),
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

// helpCommand is the command that helps after a parse error.
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

// helpFlag shows help for the command it stands after, and for the component named with it.
type helpFlag bool

// BeforeReset implements kong's hook: it runs before anything that is missing or wrong is complained of.
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
