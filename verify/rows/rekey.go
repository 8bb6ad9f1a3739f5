package rows

import (
	"hash/maphash"
	"slices"
)

// strays are rows that have no partner with their key, by the hash of their other
// values: how many there are, and some of them.
type strays struct {
	count map[uint64]int64
	some  []stray
}

type stray struct {
	rest uint64
	row  Row
}

// add takes a row. Of one that says nothing but its key the hash is 0: nobody knows
// what became of it.
func (s *strays) add(rest uint64, row Row) {
	if rest != 0 {
		if s.count == nil {
			s.count = map[uint64]int64{}
		}
		s.count[rest]++
	}
	if len(s.some) < maxPairs {
		s.some = append(s.some, stray{rest, slices.Clone(row)})
	}
}

// rest is the hash of the values of the row that was hashed last which are not its
// key, 0 where it has none.
func (c *comparison) rest() uint64 {
	if c.keyWas == nil {
		return 0
	}
	c.record = c.record[:0]
	says := false
	for i, value := range c.picked {
		if !slices.Contains(c.keyWas, i) {
			c.record, says = encode(c.record, c.picked[i:i+1]), says || value.Kind != Null
		}
	}
	if !says {
		return 0
	}
	return maphash.Bytes(seed, c.record) | 1
}

// rekey takes a row that went, and another that came with the same values but for the
// key, for one row whose key changed.
func (c *comparison) rekey() {
	moved := map[uint64]int64{}
	for rest, n := range c.gone.count {
		if n = min(n, c.came.count[rest]); n > 0 {
			moved[rest] = n
			c.d.Lost, c.d.Added, c.d.Changed = c.d.Lost-n, c.d.Added-n, c.d.Changed+n
		}
	}
	if len(moved) == 0 {
		return
	}
	went, stayedAway := c.gone.split(moved)
	came, others := c.came.split(moved)
	c.d.LostRows, c.d.AddedRows = stayedAway, others
	for rest, rows := range went {
		for i := range min(len(rows), len(came[rest])) {
			c.pairs = append(c.pairs, Pair{rows[i], came[rest][i]})
		}
	}
}

// split tells the rows that moved, by their hash, from examples of those that did not.
func (s *strays) split(moved map[uint64]int64) (went map[uint64][]Row, others []Row) {
	went = map[uint64][]Row{}
	for _, r := range s.some {
		switch {
		case int64(len(went[r.rest])) < moved[r.rest]:
			went[r.rest] = append(went[r.rest], r.row)
		case len(others) < maxExamples:
			others = append(others, r.row)
		}
	}
	return went, others
}
