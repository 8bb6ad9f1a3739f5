package history

import (
	"io/fs"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A Format is one way in which a history stands in a folder. Nothing else reads its
// files.
type Format interface {
	// Name is what people call it.
	Name() string

	// Finds lists the files that hold revisions, none where the folder has none in
	// this format; sure, where they can be nothing else.
	Finds(folder fs.FS) (sure bool, files []string, err error)

	// Read reads the revisions from those files, in the order in which they run.
	Read(folder fs.FS, d dialect.Dialect, files []string, lock Locked) (Reading, error)

	// Texts is the SQL of those files, whatever dialect it is of.
	Texts(folder fs.FS, files []string) ([]*File, error)
}

// A Reading is what a [Format] has read.
type Reading struct {
	Revisions  []Revision
	PassedOver []PassedOver // beside them, which nobody reads
}
