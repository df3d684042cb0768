package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"deals.example/internal/platform"
)

// completionCmd is `deals completion`.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is shown after the flags.
func (completionCmd) Help() string {
	return `bash: source <(deals completion bash)
zsh:  source <(deals completion zsh)
fish: deals completion fish | source`
}

// Run prints the script. In each shell it gets the completions from `deals complete`.
func (c *completionCmd) Run(sys *system) error {
	scripts := map[string]string{
		"bash": `_deals() { COMPREPLY=($(compgen -W "$("$1" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}")" -- "${COMP_WORDS[COMP_CWORD]#=}")); }
complete -o default -F _deals deals
`,
		"zsh": `_deals() { local all=($("${words[1]}" complete -- "${(@)words[2,CURRENT]}")); (( $#all )) && compadd -- $all || _files; }
compdef _deals deals
`,
		"fish": `function _deals
    set -l all (deals complete -- (commandline -opc)[2..] (commandline -ct))
    string length -q -- $all; and printf '%s\n' $all; or __fish_complete_path (commandline -ct)
end
complete -c deals -f -a '(_deals)'
`,
	}
	_, err := fmt.Fprint(sys.stdout, scripts[c.Shell])
	return err
}

// completeCmd is `deals complete`. The last word is the one to complete, possibly empty.
type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints the completions, one per line.
func (c *completeCmd) Run(ctx *kong.Context, sys *system) error {
	_, err := fmt.Fprintln(sys.stdout, strings.Join(candidates(ctx.Model.Node, c.Words), "\n"))
	return err
}

// candidates returns the commands, flags and values that the last word may become; nil for the value of a flag that can be anything, such
// as a file. bash splits --flag=value into three words, zsh and fish do not.
func candidates(node *kong.Node, words []string) []string {
	current := ""
	if len(words) > 0 {
		current, words = words[len(words)-1], words[:len(words)-1]
	}
	words = slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "=" })
	node = commandOf(node, words)
	if name, _, split := strings.Cut(current, "="); split && name != "" {
		return assignments(name, flagNamed(node, name))
	}
	if len(words) > 0 {
		if flag := flagNamed(node, words[len(words)-1]); flag != nil && !flag.IsBool() {
			return valuesOf(flag.Value)
		}
	}
	var found []string
	for _, child := range node.Children {
		if !child.Hidden {
			found = append(found, child.Name)
		}
	}
	for _, positional := range node.Positional {
		found = append(found, valuesOf(positional)...)
	}
	for _, flags := range node.AllFlags(true) {
		for _, flag := range flags {
			found = append(found, "--"+flag.Name)
		}
	}
	return found
}

// commandOf returns the command that words select.
func commandOf(node *kong.Node, words []string) *kong.Node {
	for _, word := range words {
		if i := slices.IndexFunc(node.Children, func(child *kong.Node) bool { return child.Name == word }); i >= 0 {
			node = node.Children[i]
		}
	}
	return node
}

// assignments returns the words --name=value for all values of a flag, which may be nil.
func assignments(name string, flag *kong.Flag) []string {
	if flag == nil {
		return nil
	}
	var found []string
	for _, value := range valuesOf(flag.Value) {
		found = append(found, name+"="+value)
	}
	return found
}

// flagNamed returns the flag that is written as word, "--name"; nil if there is none.
func flagNamed(node *kong.Node, word string) *kong.Flag {
	for _, flags := range node.AllFlags(true) {
		for _, flag := range flags {
			if word == "--"+flag.Name {
				return flag
			}
		}
	}
	return nil
}

// valuesOf returns the allowed values of a flag or an argument; nil if any value is allowed.
func valuesOf(value *kong.Value) []string {
	switch {
	case value.Enum != "":
		return strings.Split(value.Enum, ",")
	case value.Name == "component":
		var names []string
		for _, component := range components() {
			names = append(names, component.Name)
		}
		return names
	case slices.Contains([]string{"name", "only", "without"}, value.Name):
		var names []string
		for _, part := range platform.Parts() {
			names = append(names, part.Name)
		}
		return names
	}
	return nil
}
