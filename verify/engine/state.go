package engine

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Base is where a database stands that no revision is applied to: the absence of
// a version. 0 is a version like any other.
const Base = -1

// A Version is that of a revision, or the absence of one: its ordinal is [Base] then. As
// text and in JSON it is the ordinal, or base.
type Version struct {
	Ordinal int64  // ours, counted in the order of the tool
	Label   string // as the tool and its files have it: "0007"; "": not known
}

// String is the ordinal, or base.
func (v Version) String() string {
	if v.Ordinal == Base {
		return "base"
	}
	return strconv.FormatInt(v.Ordinal, 10)
}

// MarshalJSON writes the ordinal, or "base".
func (v Version) MarshalJSON() ([]byte, error) {
	if v.Ordinal == Base {
		return []byte(`"base"`), nil
	}
	return []byte(v.String()), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Version) UnmarshalJSON(text []byte) error {
	if string(text) == `"base"` {
		*v = Version{Ordinal: Base}
		return nil
	}
	return json.Unmarshal(text, &v.Ordinal)
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
