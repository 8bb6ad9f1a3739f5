package sqltext

import "strings"

// A Cursor goes through the tokens of a definition of SQLite's, which the server has
// accepted.
type Cursor struct {
	Tokens []Canon
	Pos    int
}

// End reports whether no token is left.
func (c *Cursor) End() bool { return c.Pos >= len(c.Tokens) }

// Symbol reports whether the symbol comes next.
func (c *Cursor) Symbol(text string) bool { return !c.End() && c.Tokens[c.Pos].IsSymbol(text) }

// At reports whether the next tokens are these words.
func (c *Cursor) At(words ...string) bool {
	for i, w := range words {
		if c.Pos+i >= len(c.Tokens) || !c.Tokens[c.Pos+i].Is(w) {
			return false
		}
	}
	return true
}

// Accept steps over the words if they come next.
func (c *Cursor) Accept(words ...string) bool {
	if !c.At(words...) {
		return false
	}
	c.Pos += len(words)
	return true
}

// Next steps over a token, the zero value at the end.
func (c *Cursor) Next() Canon {
	if c.End() {
		return Canon{}
	}
	c.Pos++
	return c.Tokens[c.Pos-1]
}

// Parenthesized is what stands inside the brackets that come next, nil if
// none do; the position is behind them.
func (c *Cursor) Parenthesized() []Canon {
	if !c.Symbol("(") {
		return nil
	}
	start, depth := c.Pos+1, 0
	for ; !c.End(); c.Pos++ {
		if c.Symbol("(") {
			depth++
		} else if c.Symbol(")") {
			depth--
		}
		if depth == 0 {
			c.Pos++
			return c.Tokens[start : c.Pos-1 : c.Pos-1]
		}
	}
	return c.Tokens[start:]
}

// Conflict is " ON CONFLICT …", "" where that is not said or says the default.
func (c *Cursor) Conflict() string {
	if !c.Accept("on", "conflict") {
		return ""
	}
	if how := strings.ToUpper(c.Next().Text); how != "ABORT" {
		return " ON CONFLICT " + how
	}
	return ""
}

// Actions reads what a foreign key does, by event; "" is no action. ON INSERT and MATCH
// are read and ignored, as SQLite does.
func (c *Cursor) Actions() map[string]string {
	actions := map[string]string{}
	for {
		switch {
		case c.At("on", "delete"), c.At("on", "update"), c.At("on", "insert"):
			event := c.Tokens[c.Pos+1].Text
			c.Pos += 2
			actions[event] = c.action()
		case c.Accept("match"):
			c.Pos++
		default:
			return actions
		}
	}
}

func (c *Cursor) action() string {
	switch first := strings.ToUpper(c.Next().Text); first {
	case "NO":
		c.Next()
		return ""
	case "SET":
		return first + " " + strings.ToUpper(c.Next().Text)
	default:
		return first
	}
}

// IndexedColumns are the names in a list of columns, and the list as canonical
// text with what it says about collation and order.
func IndexedColumns(list []Canon) (columns []string, text string) {
	var items []string
	for _, item := range CommaSeparated(list) {
		name := Identifier(item[0])
		columns = append(columns, name)
		rest := item[1:]
		if n := len(rest); n > 0 && rest[n-1].Is("asc") { // the default
			rest = rest[:n-1]
		}
		items = append(items, strings.TrimSpace(CanonName(Fold(name))+" "+Render(rest)))
	}
	return columns, strings.Join(items, ", ")
}

// CommaSeparated splits a list at the commas that no brackets enclose. None of
// its items is empty.
func CommaSeparated(list []Canon) (items [][]Canon) {
	depth, start := 0, 0
	for i, t := range list {
		switch {
		case t.IsSymbol("("):
			depth++
		case t.IsSymbol(")"):
			depth--
		case t.IsSymbol(",") && depth == 0:
			if i > start {
				items = append(items, list[start:i:i])
			}
			start = i + 1
		}
	}
	if start < len(list) {
		items = append(items, list[start:])
	}
	return items
}

// Identifier is the name that a token stands for, as it was spelled. 'name' is
// accepted as one, too.
func Identifier(t Canon) string {
	if t.Kind == Literal && t.Text[0] != '\'' || t.Kind == Symbol {
		return t.Text
	}
	return t.Name
}
