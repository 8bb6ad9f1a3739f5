package verify

// A Direction is the way a step goes.
type Direction string

// The directions. Again is the second way up, after the way down.
const (
	Up    Direction = "up"
	Down  Direction = "down"
	Again Direction = "up again"
)

// opposite is the way back.
func (d Direction) opposite() Direction {
	if d == Down {
		return Up
	}
	return Down
}
