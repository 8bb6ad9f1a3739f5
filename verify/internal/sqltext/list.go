package sqltext

// Written is a token as it is told from a word of the same text.
func (l Token) Written() string {
	if l.Kind == Name {
		return `"` + l.Text + `"`
	}
	return l.Text
}

// SplitAtCommas splits a list at the commas that stand in no brackets.
func SplitAtCommas(tokens []Token) (items [][]Token) {
	from, depth := 0, 0
	for i, t := range tokens {
		switch {
		case t.Kind != Symbol:
		case t.Text == "(" || t.Text == "[":
			depth++
		case t.Text == ")" || t.Text == "]":
			depth--
		case t.Text == "," && depth == 0:
			items = append(items, tokens[from:i])
			from = i + 1
		}
	}
	return append(items, tokens[from:])
}
