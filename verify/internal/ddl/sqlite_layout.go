package ddl

import (
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// A tableItem is a column or constraint in the text of a CREATE TABLE.
type tableItem struct {
	before string // lines of comments above it
	code   string
	after  string // the comment at the end of its line
}

// tableItems splits the text of a CREATE TABLE into what stands in its list and
// the options behind. Without a list, as behind AS, there are no items.
func tableItems(text string) (head string, items []tableItem, tail string) {
	open := -1
	depth, start := 0, 0
	for at := 0; at < len(text); {
		if n := sqltext.CanonBlank(text[at:]); n > 0 {
			at += n
			continue
		}
		t, n, err := sqltext.ScanCanon(text[at:])
		if err != nil {
			return text, nil, ""
		}
		switch {
		case t.IsSymbol("("):
			if depth++; depth == 1 && open < 0 {
				open, start = at, at+n
			}
		case t.IsSymbol(")"):
			if depth--; depth == 0 && open >= 0 {
				items = append(items, tableItem{code: text[start:at]})
				return text[:open], tidy(items), strings.TrimSpace(text[at+n:])
			}
		case t.IsSymbol(",") && depth == 1:
			items = append(items, tableItem{code: text[start:at]})
			start = at + n
		}
		at += n
	}
	return text, nil, ""
}

// tidy tells the comments of items from their code. One at the end of the line on
// which an item ends is about that item, though its comma stands before it.
func tidy(items []tableItem) []tableItem {
	for i := range items {
		item := &items[i]
		if line, rest, ok := strings.Cut(item.code, "\n"); ok && i > 0 && strings.HasPrefix(strings.TrimSpace(line), "--") {
			items[i-1].after = strings.TrimSpace(items[i-1].after + " " + strings.TrimSpace(line))
			item.code = rest
		}
		item.code = strings.TrimSpace(item.code)
		for strings.HasPrefix(item.code, "--") || strings.HasPrefix(item.code, "/*") {
			n := sqltext.CanonBlank(item.code)
			item.before += strings.TrimSpace(item.code[:n]) + "\n"
			item.code = strings.TrimSpace(item.code[n:])
		}
		item.code, item.after = trailing(item.code)
	}
	return items
}

// trailing cuts the comments off the end of an item.
func trailing(code string) (rest, comment string) {
	end := 0
	for at := 0; at < len(code); {
		if n := sqltext.CanonBlank(code[at:]); n > 0 {
			at += n
			continue
		}
		_, n, err := sqltext.ScanCanon(code[at:])
		if err != nil {
			return code, ""
		}
		at += n
		end = at
	}
	return code[:end], strings.TrimSpace(code[end:])
}

// layTable is the text of a table as a person would have written it: each item
// on a line, in its own words. A text in which each has one already stays as it
// is, but for the quotes that a RENAME has put around the name.
func layTable(text, name string) string {
	head, items, tail := tableItems(text)
	if items == nil {
		return strings.TrimSpace(text)
	}
	if laid(text[len(head):], items) && !strings.Contains(head, `"`) {
		return strings.TrimSpace(text)
	}
	var b strings.Builder
	b.WriteString("CREATE TABLE " + sqltext.CanonName(name) + " (\n")
	for i, item := range items {
		for line := range strings.Lines(item.before) {
			b.WriteString("    " + line)
		}
		b.WriteString("    " + item.code)
		if i < len(items)-1 {
			b.WriteByte(',')
		}
		if item.after != "" {
			b.WriteString(" " + item.after)
		}
		b.WriteByte('\n')
	}
	b.WriteByte(')')
	if tail != "" {
		b.WriteString(" " + tail)
	}
	return b.String()
}

// laid reports whether each item of a list begins on a line of its own.
func laid(list string, items []tableItem) bool {
	for _, item := range items {
		i := strings.Index(list, item.code)
		if i < 0 {
			return false
		}
		line := list[strings.LastIndexByte(list[:i], '\n')+1 : i]
		if strings.TrimSpace(line) != "" || i == len(line) {
			return false
		}
		list = list[i+len(item.code):]
	}
	return true
}

// collapse writes code on one line, where no comment keeps it from that.
func collapse(code string) string {
	if strings.Contains(code, "--") {
		return code
	}
	var b strings.Builder
	gap := false
	for at := 0; at < len(code); {
		if n := sqltext.CanonBlank(code[at:]); n > 0 {
			at, gap = at+n, true
			continue
		}
		_, n, err := sqltext.ScanCanon(code[at:])
		if err != nil {
			return code
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(code[at : at+n])
		at, gap = at+n, false
	}
	return b.String()
}
