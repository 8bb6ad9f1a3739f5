package move

import "strings"

// forceCommand writes down a version and runs nothing.
func (m Move) forceCommand(version string) string {
	words := []string{"handrail force", version}
	switch dir := m.Subject.Dir; {
	case strings.Trim(dir, plainCharacters) != "":
		words = append(words, shellQuote(dir))
	case dir != "":
		words = append(words, dir)
	}
	words = append(words, "--url", shellQuote(m.URL))
	for _, flag := range m.Flags {
		if strings.Trim(flag, plainCharacters+"=") != "" {
			flag = shellQuote(flag)
		}
		words = append(words, flag)
	}
	return strings.Join(append(words, "--yes"), " ")
}

// plainCharacters mean themselves to every shell.
const plainCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"

// shellQuote writes an argument for a shell to paste.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
