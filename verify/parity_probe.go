package verify

import (
	"context"
	"fmt"

	"github.com/handrail-db/handrail/verify/schema"
)

// A question is whether a check of one dialect has its effect on the other too.
type question struct {
	step   int
	judged bool
	table  string
	on     Dialect // that has the check
	check  schema.Object
}

// An unanswered question is one about which nobody knows.
type unanswered struct {
	question
	object ObjectRef
	only   Dialect
	why    string
}

func (u unanswered) promise() string {
	return fmt.Sprintf("%s refuses on %s what it refuses on %s", u.check, dialectName(otherDialect(u.on)), dialectName(u.on))
}

// answers are what came of all questions.
type answers struct {
	found      []disparity
	unanswered []unanswered
	complete   bool
}

func (c *comparison) question(step int, table string, judged bool) {}

func (c *comparison) answers(ctx context.Context) answers { return answers{complete: true} }
