package verify

// A Recreation is a table of SQLite that an up made anew, though statements of
// ALTER TABLE come to the same.
type Recreation struct {
	Name, Was  string
	Statements []string
	Renamed    map[string]string // columns
}

// renamed are the columns of tables that were made anew which have another name
// now, as an experiment has shown.
func (s Stair) renamed() map[string]map[string]string {
	columns := map[string]map[string]string{}
	for _, r := range s.Recreated {
		if len(r.Renamed) > 0 {
			columns[r.Was] = r.Renamed
		}
	}
	return columns
}
