package rows

import (
	"errors"
	"hash/maphash"
	"slices"
)

// Without is the table without some of its columns, and without its key where one
// of them belongs to it. It holds rows of its own: see [Set.Close].
func (t *Table) Without(leave func(Column) bool) (_ *Table, err error) {
	out := &Table{Dialect: t.Dialect, Name: t.Name, Key: t.Key, Partitioned: t.Partitioned, Unread: t.Unread}
	var places []int
	for i, c := range t.Columns {
		if leave(c) {
			if slices.Contains(t.Key, c.Name) {
				out.Key = nil
			}
			continue
		}
		places = append(places, i)
		out.Columns = append(out.Columns, c)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.spool.close())
		}
	}()
	kept, record := make(Row, len(places)), []byte{}
	return out, t.Each(func(row Row) error {
		for i, p := range places {
			kept[i] = row[p]
		}
		record = encode(record[:0], kept)
		out.Count++
		out.digest += maphash.Bytes(seed, record)
		return out.spool.add(record)
	})
}
