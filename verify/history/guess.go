package history

import (
	"fmt"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// A Guess is the dialect that Load takes the revisions of a flat folder for, and
// why.
type Guess struct {
	Dialect dialect.Dialect // "": nothing had to be guessed
	What    string          // the evidence, as it stands in the file; "" where there is none
	File    string
	Line    int
}

// String says what was guessed and from what.
func (g Guess) String() string {
	if g.What == "" {
		return fmt.Sprintf("%s, for no better reason: there is no evidence of another dialect in the files", g.Dialect)
	}
	return fmt.Sprintf("%s, by %s in %s", g.Dialect, g.What, finding.Place(g.File, g.Line))
}

// guessDialect tells the dialect of files by the words that only one dialect
// has. The dialect with most of them wins. Backticks, which SQLite takes too,
// and types that both SQLite and MySQL have, tell only where nothing else does.
func guessDialect(files []*File) (Guess, error) {
	first, weak, count := map[dialect.Dialect]Guess{}, map[dialect.Dialect]Guess{}, map[dialect.Dialect]int{}
	for _, f := range files {
		for _, s := range sqltext.Parse(dialect.Postgres, f.SQL).Statements {
			for i, token := range s.Tokens {
				sign, what := sqltext.SignAt(s, i, dialect.Postgres, dialect.SQLite, sqltext.MySQL)
				if what == "" {
					continue
				}
				d := sign.Dialect
				name, line := f.At(token.Line)
				found, g := first, Guess{d, what, name, line}
				if sign.Weak {
					found = weak
				} else {
					count[d]++
				}
				if _, ok := found[d]; !ok {
					found[d] = g
				}
			}
		}
	}
	best := Guess{Dialect: dialect.Postgres}
	for _, d := range []dialect.Dialect{dialect.Postgres, dialect.SQLite, sqltext.MySQL} {
		if count[d] > count[best.Dialect] || d == dialect.Postgres && count[d] > 0 {
			best = first[d]
		}
	}
	for _, d := range []dialect.Dialect{sqltext.MySQL, dialect.SQLite} {
		if g, ok := weak[d]; ok && best.What == "" {
			best = g
		}
	}
	if best.Dialect == sqltext.MySQL {
		return Guess{}, fmt.Errorf("%s: %s is MySQL, which handrail does not verify: it runs Postgres and SQLite; where this is one of them, say --dialect postgres or --dialect sqlite", finding.Place(best.File, best.Line), best.What)
	}
	return best, nil
}
