package finding

// A Direction is the way a step goes.
type Direction string

// The directions. Again is the second way up, after the way down.
const (
	Up    Direction = "up"
	Down  Direction = "down"
	Again Direction = "up again"
)

// Opposite is the way back.
func (d Direction) Opposite() Direction {
	if d == Down {
		return Up
	}
	return Down
}
