package sqltext

import (
	"slices"
	"strings"
)

// transactionWords are the beginnings of statements that open or end a transaction.
var transactionWords = [][]string{{"begin"}, {"start", "transaction"}, {"commit"}, {"end"}, {"rollback"}, {"abort"}, {"prepare", "transaction"}}

// Transaction is how a statement begins that opens or ends a transaction, in capitals;
// "" for all others. ROLLBACK TO a savepoint ends none.
func (s Statement) Transaction() string {
	for _, words := range transactionWords {
		back := s.Begins("rollback") && slices.ContainsFunc(s.Tokens, func(l Token) bool { return l.Is("to") })
		if s.Begins(words...) && !back {
			return strings.ToUpper(strings.Join(words, " "))
		}
	}
	return ""
}

// OpensTransaction reports whether a statement begins a transaction.
func (s Statement) OpensTransaction() bool {
	return s.Begins("begin") || s.Begins("start", "transaction")
}
