package verify

// cutText is a statement of a length that a person reads.
func cutText(text string) string {
	if runes := []rune(text); len(runes) > longestRow {
		return string(runes[:longestRow]) + "…"
	}
	return text
}

const longestRow = 600
