package engine

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Base is where a database stands that no revision is applied to: the absence of
// a version. 0 is a version like any other.
const Base = -1

// A Version is that of a revision, or [Base]. As text and in JSON it is the
// number, or base.
type Version int64

// String is the number, or base.
func (v Version) String() string {
	if v == Base {
		return "base"
	}
	return strconv.FormatInt(int64(v), 10)
}

// MarshalJSON writes the number, or "base".
func (v Version) MarshalJSON() ([]byte, error) {
	if v == Base {
		return []byte(`"base"`), nil
	}
	return []byte(v.String()), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Version) UnmarshalJSON(text []byte) error {
	if string(text) == `"base"` {
		*v = Base
		return nil
	}
	return json.Unmarshal(text, (*int64)(v))
}

// A State is the content of golang-migrate's version table.
type State struct {
	Version int64 // Base: no revision is applied
	Dirty   bool  // a step to Version has begun and did not end well
}

// String is the state in the words of golang-migrate.
func (s State) String() string {
	v := "base"
	if s.Version != Base {
		v = fmt.Sprint("version ", s.Version)
	}
	if s.Dirty {
		return v + ", dirty"
	}
	return v
}
