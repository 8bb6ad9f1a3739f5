package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A node is a value in a file of TOML or JSON, with the line that it stands on.
type node struct {
	kind   nodeKind
	line   int
	text   string // of a string
	spread bool   // each line of the text stands on a line of its own, the first on line
	items  []*node
	keys   []string // of a table, in the order of the file
	fields map[string]*node
	at     map[string]int // the line of each key
}

type nodeKind int

const (
	otherNode nodeKind = iota // a number, a time, a truth value, null
	stringNode
	listNode
	tableNode
)

func newTable(line int) *node {
	return &node{kind: tableNode, line: line, fields: map[string]*node{}, at: map[string]int{}}
}

// set gives a table a key that it does not have.
func (n *node) set(key string, line int, value *node) {
	n.keys = append(n.keys, key)
	n.fields[key], n.at[key] = value, line
}

// A syntaxError is what a file of TOML or JSON has wrong, and where.
type syntaxError struct {
	line int
	err  error
}

func (e *syntaxError) Error() string { return e.err.Error() }

func (e *syntaxError) Unwrap() error { return e.err }

// parseDocument reads a file of TOML or, where its name says so, of JSON.
func parseDocument(name string, text []byte) (*node, error) {
	if !utf8.Valid(text) {
		return nil, notUTF8(text)
	}
	if strings.EqualFold(path.Ext(name), ".json") {
		return parseJSON(text)
	}
	return parseTOML(text)
}

// parseTOML lets the library judge the text, and then asks its parser where
// each value stands.
func parseTOML(text []byte) (*node, error) {
	if err := toml.Unmarshal(text, new(map[string]any)); err != nil {
		var syntax *toml.DecodeError
		if errors.As(err, &syntax) {
			line, _ := syntax.Position()
			return nil, &syntaxError{line, err}
		}
		return nil, err
	}
	var p unstable.Parser
	p.Reset(text)
	root := newTable(1)
	current := root
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table:
			current = tomlTable(&p, root, e.Key(), false)
		case unstable.ArrayTable:
			current = tomlTable(&p, root, e.Key(), true)
		case unstable.KeyValue:
			tomlKeyValue(&p, current, e)
		}
	}
	return root, p.Error()
}

// tomlTable is the table that a key leads to from another. Of a list it is the
// last table; with more it is a new one there.
func tomlTable(p *unstable.Parser, n *node, key unstable.Iterator, more bool) *node {
	for key.Next() {
		k := key.Node()
		name, line := string(k.Data), tomlLine(p, k)
		next := n.fields[name]
		last := k.Next() == nil
		if next == nil {
			next = newTable(line)
			if more && last {
				next = &node{kind: listNode, line: line}
			}
			n.set(name, line, next)
		}
		if next.kind == listNode {
			if more && last {
				next.items = append(next.items, newTable(line))
			}
			next = next.items[len(next.items)-1]
		}
		n = next
	}
	return n
}

func tomlKeyValue(p *unstable.Parser, n *node, e *unstable.Node) {
	key := e.Key()
	for key.Next() {
		k := key.Node()
		name, line := string(k.Data), tomlLine(p, k)
		if k.Next() == nil {
			n.set(name, line, tomlValue(p, e.Value(), line))
			return
		}
		if n.fields[name] == nil {
			n.set(name, line, newTable(line))
		}
		n = n.fields[name]
	}
}

// tomlValue reads a value. A list has no place of its own: it gets the line of
// its key.
func tomlValue(p *unstable.Parser, v *unstable.Node, line int) *node {
	switch v.Kind {
	case unstable.String:
		return tomlString(tomlLine(p, v), string(p.Raw(v.Raw)), string(v.Data))
	case unstable.Array:
		list := &node{kind: listNode, line: line}
		for it := v.Children(); it.Next(); {
			list.items = append(list.items, tomlValue(p, it.Node(), line))
		}
		return list
	case unstable.InlineTable:
		table := newTable(tomlLine(p, v))
		for it := v.Children(); it.Next(); {
			tomlKeyValue(p, table, it.Node())
		}
		return table
	}
	return &node{line: line}
}

// tomlString is a string, of which the lines can be found in the file unless
// escapes make or hide some.
func tomlString(line int, raw, text string) *node {
	n := &node{kind: stringNode, line: line, text: text}
	body := raw
	if strings.HasPrefix(raw, `"""`) || strings.HasPrefix(raw, `'''`) {
		body = raw[3 : len(raw)-3]
		if rest, ok := strings.CutPrefix(strings.TrimPrefix(body, "\r"), "\n"); ok {
			body = rest
			n.line++
		}
	}
	n.spread = strings.Count(body, "\n") == strings.Count(text, "\n") && !(raw[0] == '"' && strings.ContainsRune(body, '\\') && strings.Contains(text, "\n"))
	if !n.spread {
		n.line = line
	}
	return n
}

func tomlLine(p *unstable.Parser, n *unstable.Node) int { return p.Shape(n.Raw).Start.Line }

// deepest is how deep values of JSON may be nested.
const deepest = 100

// parseJSON reads token by token, so that each value has its line and no key is
// there twice.
func parseJSON(text []byte) (*node, error) {
	j := &jsonReader{text: text, decoder: json.NewDecoder(bytes.NewReader(text))}
	n, err := j.value(0)
	if err == nil {
		if _, e := j.decoder.Token(); !errors.Is(e, io.EOF) {
			err = errors.New("want one value, and there is more")
		}
	}
	if err != nil {
		return nil, &syntaxError{j.line(err), err}
	}
	return n, nil
}

type jsonReader struct {
	text    []byte
	decoder *json.Decoder
	counted int // bytes of the text
	lines   int // that end in them
}

// line is where the reader is, or where an error says that it was.
func (j *jsonReader) line(err error) int {
	offset := j.decoder.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	if to := min(int(offset), len(j.text)); to > j.counted {
		j.lines += bytes.Count(j.text[j.counted:to], []byte("\n"))
		j.counted = to
	}
	return 1 + j.lines
}

func (j *jsonReader) value(depth int) (*node, error) {
	token, err := j.decoder.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, err
	case depth > deepest:
		return nil, fmt.Errorf("values are nested more than %d deep", deepest)
	}
	n := &node{line: j.line(nil)}
	switch t := token.(type) {
	case string:
		n.kind, n.text = stringNode, t
	case json.Delim:
		if t == '[' {
			n.kind = listNode
			for j.decoder.More() {
				item, err := j.value(depth + 1)
				if err != nil {
					return nil, err
				}
				n.items = append(n.items, item)
			}
		} else {
			n = newTable(n.line)
			if err := j.fields(n, depth); err != nil {
				return nil, err
			}
		}
		if _, err = j.decoder.Token(); errors.Is(err, io.EOF) { // in place of the closing bracket
			err = io.ErrUnexpectedEOF
		}
	}
	return n, err
}

func (j *jsonReader) fields(n *node, depth int) error {
	for j.decoder.More() {
		key, err := j.value(depth + 1)
		if err != nil {
			return err
		}
		if n.fields[key.text] != nil {
			return fmt.Errorf("key %q is there twice", key.text)
		}
		value, err := j.value(depth + 1)
		if err != nil {
			return err
		}
		n.set(key.text, key.line, value)
	}
	return nil
}
