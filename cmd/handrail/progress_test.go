package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/finding"
)

// TestProgress walks two engines by a clock of its own. At a terminal there is a
// line for each step, with the rate and the time that remains when a second has
// passed; elsewhere a line every ten seconds.
func TestProgress(t *testing.T) {
	t.Parallel()
	walk := func(p *progress) {
		clock := time.Unix(0, 0)
		p.now = func() time.Time { return clock }
		for _, engine := range []string{"postgres", "sqlite-file"} {
			p.show(verify.Progress{Engine: engine})
			clock = clock.Add(7 * time.Second) // to start a server, which is not the walk
			for step := 1; step <= 5; step++ {
				for _, d := range []finding.Direction{finding.Up, finding.Down} {
					p.show(verify.Progress{Engine: engine, Direction: d, Step: step, Steps: 5})
					clock = clock.Add(2 * time.Second)
				}
			}
			clock = clock.Add(10 * time.Second)
			p.show(verify.Progress{Engine: engine, Direction: finding.Down, Step: 5, Steps: 5, Round: true})
		}
	}
	var plain bytes.Buffer
	walk(newProgress(&plain))
	require.Equal(t, `postgres: 2/5 0.2/s, 16s left _ up
postgres: 4/5 0.2/s, 9s left _ down
postgres: 5/5, from head to base
sqlite-file: 2/5 0.2/s, 16s left _ up
sqlite-file: 4/5 0.2/s, 9s left _ down
sqlite-file: 5/5, from head to base
`, plain.String())

	var line bytes.Buffer
	p := newProgress(&line)
	p.width = 60
	walk(p)
	require.Contains(t, line.String(), "\rpostgres: 1/5 _ up\r")
	require.Contains(t, line.String(), "\rpostgres: 2/5 0.2/s, 16s left _ up\r")
	require.Contains(t, line.String(), "\rpostgres: 3/5 0.2/s, 15s left _ down\r")
	require.NotContains(t, line.String(), "\n")
}
