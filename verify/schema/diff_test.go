package schema

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

func snapshot(objects ...Object) Snapshot { return NewSnapshot(objects) }

func table(name, columns string) Object {
	return Object{Kind: "table", Name: name, Columns: sqltext.SplitNames(columns)}.With(ColumnOrder, columns)
}

func column(table, name string) Object {
	return Object{Kind: "column", Parent: table, Name: name}.With("type", "text")
}

// TestDiffIsEmptyExactlyWhenEqual compares many small snapshots, most of them
// nearly alike.
func TestDiffIsEmptyExactlyWhenEqual(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	arbitrary := func() Snapshot {
		var objects []Object
		for range random.IntN(4) {
			o := Object{Kind: pick("table", "column", "check"), Parent: pick("", "t", "public.t"), Name: pick("a", "b", "a b")}
			objects = append(objects, o.With(ColumnOrder, pick("", "a, b", "b, a")).With("definition", pick("", "x", "x\ny", "x\nz")))
		}
		return NewSnapshot(objects)
	}
	equal := 0
	for range 20000 {
		a, b := arbitrary(), arbitrary()
		require.Empty(t, Diff(a, a), "of a snapshot and itself:\n%s", a)
		require.Equal(t, a.Equal(b), Diff(a, b) == "", "of\n%s\nand\n%s", a, b)
		require.Equal(t, a.Equal(b), a.String() == b.String(), "the text of\n%s\nand\n%s", a, b)
		require.Equal(t, a.Equal(b), b.Equal(a))
		if a.Equal(b) {
			equal++
		}
	}
	require.Greater(t, equal, 100, "the case that they are equal must come up too")
}

func TestDiffForm(t *testing.T) {
	t.Parallel()
	function := func(body string) Object {
		return Object{Kind: "function", Name: "f()"}.With("definition", body)
	}
	for _, c := range []struct {
		name, reason string
		want, got    Snapshot
		text         string
	}{
		{"equal", "nothing to say", snapshot(table("t", "a")), snapshot(table("t", "a")), ""},
		{"empty", "two empty databases are equal", Snapshot{}, snapshot(), ""},
		{"only in want", "every line is marked -", snapshot(table("t", "a")), Snapshot{}, "- table t\n-     column order: a\n"},
		{"only in got", "every line is marked +", Snapshot{}, snapshot(table("t", "a")), "+ table t\n+     column order: a\n"},
		{
			"changed property", "the object is named, and only what differs is shown",
			snapshot(column("t", "a").With("null", "no")), snapshot(column("t", "a").With("null", "yes")),
			"  column t.a\n-     null: no\n+     null: yes\n",
		},
		{
			"property that came or went", "one line",
			snapshot(column("t", "a").With("default", "1")), snapshot(column("t", "a").With("comment", "c")),
			"  column t.a\n+     comment: c\n-     default: 1\n",
		},
		{
			"long value", "lines that are the same at both ends are left out",
			snapshot(function("BEGIN\n  one;\n  two;\nEND")), snapshot(function("BEGIN\n  one;\n  2;\n  3;\nEND")),
			"  function f()\n      definition:\n-       |   two;\n+       |   2;\n+       |   3;\n",
		},
		{
			"sorted", "by table, then kind, then name; a table stands before what belongs to it",
			snapshot(table("b", "x"), column("b", "x"), table("a", "x")), snapshot(Object{Kind: "index", Parent: "b", Name: "i"}, Object{Kind: "view", Name: "c"}),
			"- table a\n-     column order: x\n- table b\n-     column order: x\n- column b.x\n-     type: text\n+ index i on b\n+ view c\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.text, Diff(c.want, c.got), c.reason)
		})
	}
}

func TestChangeSides(t *testing.T) {
	t.Parallel()
	changes := Compare(
		snapshot(table("a", "x"), column("b", "x").With("default", "1").With("comment", "same")),
		snapshot(table("c", "x"), column("b", "x").With("default", "2").With("comment", "same")))
	require.Len(t, changes, 3)
	sides := func(i int) [2]string {
		want, got := changes[i].Sides()
		return [2]string{want, got}
	}
	require.Equal(t, [2]string{"table a\n    column order: x", ""}, sides(0), "what is gone, with all its properties")
	require.Equal(t, [2]string{"    default: 1", "    default: 2"}, sides(1), "what changed, and nothing else")
	require.Equal(t, [2]string{"", "table c\n    column order: x"}, sides(2), "what is new, with all its properties")
	require.Equal(t, []string{"default"}, changes[1].Props())
	require.Nil(t, changes[0].Props(), "of an object on one side only there is nothing to compare")
}

// TestColumnOrder: a column that came or went changes the order of columns, and
// is a change by itself already.
func TestColumnOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, reason string
		want, got    Snapshot
		changed      []string
	}{
		{
			"added", "the order follows",
			snapshot(table("t", "a"), column("t", "a")), snapshot(table("t", "a, b"), column("t", "a"), column("t", "b")),
			[]string{"column t.b"},
		},
		{
			"dropped, in quotes", "the list quotes the name, the column does not",
			snapshot(table("t", `a, "b, c", "d""e"`), column("t", "a"), column("t", "b, c"), column("t", `d"e`)), snapshot(table("t", "a"), column("t", "a")),
			[]string{"column t.b, c", `column t.d"e`},
		},
		{
			"added, and others swapped", "the swap does not follow",
			snapshot(table("t", "a, b"), column("t", "a"), column("t", "b")), snapshot(table("t", "b, a, c"), column("t", "a"), column("t", "b"), column("t", "c")),
			[]string{"table t", "column t.c"},
		},
		{
			"added, and another property", "the other property does not follow",
			snapshot(table("t", "a"), column("t", "a")), snapshot(table("t", "a, b").With("comment", "c"), column("t", "a"), column("t", "b")),
			[]string{"table t", "column t.b"},
		},
		{
			"another table's column", "each table for itself",
			snapshot(table("t", "a, b"), table("u", "a"), column("u", "a")), snapshot(table("t", "b, a"), table("u", "a, b"), column("u", "a"), column("u", "b")),
			[]string{"table t", "column u.b"},
		},
		{"swapped", "that is a change", snapshot(table("t", "a, b")), snapshot(table("t", "b, a")), []string{"table t"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.changed, changed(Compare(c.want, c.got)), c.reason)
		})
	}
}

func changed(changes []Change) []string {
	var names []string
	for _, c := range changes {
		names = append(names, c.Object().String())
	}
	return names
}

func TestRoots(t *testing.T) {
	t.Parallel()
	sequence := func(owner string) Object {
		return Object{Kind: "sequence", Name: "public.s"}.With(OwnedBy, owner)
	}
	index := Object{Kind: "index", Parent: "public.t", Name: "public.i"}
	whole := snapshot(table("public.t", "a"), column("public.t", "a"), index, sequence("public.t.a"))
	for _, c := range []struct {
		name, reason string
		want, got    Snapshot
		roots        []string
	}{
		{"table that went", "all that is its own goes with it", whole, Snapshot{}, []string{"table public.t"}},
		{"table that came", "and comes with it", Snapshot{}, whole, []string{"table public.t"}},
		{
			"identity column", "its sequence comes with it",
			snapshot(table("public.t", "a")), snapshot(table("public.t", `a, "B"`), column("public.t", "B"), sequence(`public.t."B"`)),
			[]string{"column public.t.B"},
		},
		{"sequence of its own", "nothing else explains it", Snapshot{}, snapshot(sequence("")), []string{"sequence public.s"}},
		{
			"sequence that was there", "to be owned is a change of its own",
			snapshot(table("public.t", "b"), sequence("")), snapshot(table("public.t", "b, a"), column("public.t", "a"), sequence("public.t.a")),
			[]string{"sequence public.s", "column public.t.a"},
		},
		{"changed table", "nothing follows from that", snapshot(table("public.t", "a"), index), snapshot(table("public.t", "b")), []string{"table public.t", "index public.i on public.t"}},
		{"similar name", "public.t is not public.tt", whole, snapshot(table("public.tt", "a"), column("public.tt", "a")), []string{"table public.t", "table public.tt"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.ElementsMatch(t, c.roots, changed(Roots(Compare(c.want, c.got))), c.reason)
		})
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	s := snapshot(
		table("public.users", "id"), column("public.users", "id"), column("public.users", "email"),
		table("app.orders", "id"), table("archive.orders", "id"), column("app.orders", "id"),
		Object{Kind: "function", Name: "public.f()"}, Object{Kind: "trigger", Parent: "public.users", Name: "tr"},
	)
	require.Len(t, s.Kind("table"), 3)
	require.Equal(t, []Object{column("public.users", "email"), column("public.users", "id")}, s.Of("public.users", "column"))

	for _, c := range []struct{ name, reason, full string }{
		{"public.users", "the whole name", "public.users"},
		{"users", "the schema may be left out", "public.users"},
		{"app.orders", "the schema tells two apart", "app.orders"},
		{"orders", "two tables are called that", ""},
		{"nobody", "there is none", ""},
	} {
		o, found := s.Table(c.name)
		require.Equal(t, c.full != "", found, "%s: %s", c.name, c.reason)
		require.Equal(t, c.full, o.Name, "%s: %s", c.name, c.reason)
	}

	less := s.Without(func(o Object) bool { return o.Name == "public.users" || o.Kind == "function" })
	require.Equal(t, []string{"table app.orders", "column app.orders.id", "table archive.orders"}, changed(Compare(less, Snapshot{})),
		"a table that is left out takes what belongs to it along")

	require.Equal(t, strings.Join([]string{"table app.orders", "    column order: id", ""}, "\n"), snapshot(s.Kind("table")[0]).String())
	require.Equal(t, "", s.Objects[0].Prop("comment"), "an absent property is empty")
}
