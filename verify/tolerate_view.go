package verify

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// foldViews makes one of the change of a table whose columns are in another order
// and those of the views that show all of them, as SELECT * does: the cause is the
// table. The columns of a view whose definition says itself in which order they
// are come in another one by a defect.
func foldViews(changes []tolerated) []tolerated {
	cause := map[int]int{} // of a view: the relation whose order it shows
	root := func(i int) int {
		for {
			j, follows := cause[i]
			if !follows {
				return i
			}
			i = j
		}
	}
	for i, view := range changes {
		if !reorderedView(view) {
			continue
		}
		j := slices.IndexFunc(changes, func(c tolerated) bool { return shows(view, c) })
		if j >= 0 && root(j) != i {
			cause[i] = j
		}
	}
	for i, c := range changes {
		if r := root(i); r != i {
			changes[r].why += "; " + c.Object().String() + " shows that order"
		}
	}
	var kept []tolerated
	for i, c := range changes {
		if root(i) != i {
			continue
		}
		if reorderedView(c) && slices.Contains(c.Props(), "definition") {
			c.why, c.severity = "", finding.Error
		}
		kept = append(kept, c)
	}
	return kept
}

// reorderedView reports whether nothing of a view differs but the order of columns.
func reorderedView(c tolerated) bool {
	return c.Want != nil && c.Got != nil && (c.Got.Kind == "view" || c.Got.Kind == "materialized view") && strings.HasPrefix(c.why, whyColumnOrder) && c.severity == finding.Note
}

// shows reports whether a view has all columns of a relation that has them in
// another order now, each time in the order of the relation.
func shows(view, relation tolerated) bool {
	if relation.Want == nil || relation.Got == nil || relation.Got.Name == view.Got.Name || !strings.Contains(relation.why, whyColumnOrder) ||
		!strings.Contains(view.Got.Prop("definition"), relation.Got.Local()) {
		return false
	}
	follows := func(view, relation schema.Object) bool {
		columns := relation.Columns
		shown := slices.DeleteFunc(slices.Clone(view.Columns), func(name string) bool { return !slices.Contains(columns, name) })
		return slices.Equal(shown, columns)
	}
	return follows(*view.Want, *relation.Want) && follows(*view.Got, *relation.Got)
}

// sameSelection reports whether two queries differ only in the order in which they
// select their columns. Where two selections are joined by UNION and the like the
// order means something.
func sameSelection(a, b string) bool {
	joined := func(l sqltext.Token) bool { return l.Is("union") || l.Is("intersect") || l.Is("except") }
	var texts []string
	for _, sql := range []string{a, b} {
		statements := sqltext.Parse(dialect.Postgres, sql).Statements
		if len(statements) != 1 || slices.ContainsFunc(statements[0].Tokens, joined) {
			return false
		}
		texts = append(texts, sortSelections(statements[0].Tokens))
	}
	return texts[0] == texts[1]
}

// sortSelections is the text of a query with each list of columns sorted.
func sortSelections(tokens []sqltext.Token) string {
	var b strings.Builder
	for i := 0; i < len(tokens); i++ {
		b.WriteString(tokens[i].Written() + " ")
		if tokens[i].Is("select") {
			if i+1 < len(tokens) && tokens[i+1].Is("distinct") {
				i++
				b.WriteString("distinct ")
			}
			end := selectionEnd(tokens, i+1)
			var items []string
			for _, item := range sqltext.SplitAtCommas(tokens[i+1 : end]) {
				items = append(items, sortSelections(item))
			}
			slices.Sort(items)
			b.WriteString(strings.Join(items, ", "))
			i = end - 1
		}
	}
	return b.String()
}

// selectionEnd is where the list of columns ends that begins at a token.
func selectionEnd(tokens []sqltext.Token, i int) int {
	for depth := 0; i < len(tokens); i++ {
		switch t := tokens[i]; {
		case t.Kind == sqltext.Symbol && t.Text == "(":
			depth++
		case t.Kind == sqltext.Symbol && t.Text == ")":
			if depth--; depth < 0 {
				return i
			}
		case depth == 0 && (t.Is("from") || t.Is("where") || t.Is("group") || t.Is("having") || t.Is("order") || t.Is("limit") || t.Is("window")):
			return i
		}
	}
	return i
}
