package history

import (
	"slices"
	"sync"

	"github.com/handrail-db/handrail/verify/dialect"
)

// histories are those that a subject has read, or why it could not.
type histories struct {
	mutex sync.Mutex
	of    map[dialect.Dialect]func() (History, error)
}

// read is the history of a dialect, by the first call of read for it.
func (h *histories) read(d dialect.Dialect, read func() (History, error)) (History, error) {
	h.mutex.Lock()
	if h.of == nil {
		h.of = map[dialect.Dialect]func() (History, error){}
	}
	if h.of[d] == nil {
		h.of[d] = sync.OnceValues(read)
	}
	once := h.of[d]
	h.mutex.Unlock()
	found, err := once()
	found.Revisions = slices.Clone(found.Revisions)
	return found, err
}
