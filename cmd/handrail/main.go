// Command handrail verifies database migrations by running them.
//
//	handrail init [DIR]     look at a project and write what it takes to begin
//	handrail check [DIR]    walk a history on every engine and print a checklist
//	handrail schema [DIR]   print the schema that a history makes
//	handrail rules [RULE]   print what each rule means
//	handrail engines        list the engines that this machine has
//	handrail new NAME [DIR] write the files of a new revision
//	handrail lock [DIR]     publish revisions, so that an edit is seen
//	handrail squash OLD NEW prove that a new baseline replaces a history
//	handrail up [DIR]       migrate one database to head
//	handrail down [DIR]     migrate one database down to a version
//	handrail goto V [DIR]   migrate one database to a version, up or down
//	handrail status [DIR]   say where one database stands
//	handrail history [DIR]  list the attempts to move it
//	handrail force V [DIR]  write down where one database stands
//
// DIR is ./migrations where it is not given. The exit status is 0 when all is
// well, 1 when a check found something, 2 when something could not be run. The
// file README.md beside this one is the whole reference.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first Ctrl-C drops what was made; a second one does not wait for that.
	context.AfterFunc(ctx, stop)
	// A pipe that nobody reads any more is an error like a full disk, and no sudden
	// end: what was made must be dropped, and the exit status says what was lost.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
