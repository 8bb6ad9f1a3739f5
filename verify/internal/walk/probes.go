package walk

// The probes, in the order in which they look: after the first up, and after the second.
var (
	afterUp    = []Probe{rebuilding{}, rewriting{}, recreating{}, writing{}, asserting{}}
	afterAgain = []Probe{secondRound{}, repeating{}}
)
