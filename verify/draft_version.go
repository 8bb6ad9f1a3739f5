package verify

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/handrail-db/handrail/verify/history"
)

// firstVersion is that of the first revision of a history.
const firstVersion = "0001"

// calendar is how versions by date are written, and how far the next one is.
var calendar = []struct {
	layout string
	step   time.Duration
}{{"20060102150405", time.Second}, {"200601021504", time.Minute}, {"20060102", 24 * time.Hour}}

// clocks count the time as migrate create -format unix does, and as others do.
var clocks = []func(time.Time) int64{time.Time.Unix, time.Time.UnixMilli, time.Time.UnixMicro, time.Time.UnixNano}

// following is the version behind the last one, in the digits of a file's name. It
// is the next number, as wide; or the time, where the last one is a time. It is
// above the last one in any case.
func following(last *history.Revision, now time.Time) (string, error) {
	if last == nil {
		return firstVersion, nil
	}
	if last.Version == math.MaxInt64 {
		return "", errors.New("no version is left: " + last.String() + " has the highest that the version table can hold")
	}
	for _, c := range calendar {
		at, err := time.Parse(c.layout, last.Digits)
		if err != nil || at.Year() < 2000 {
			continue
		}
		next := now.UTC().Truncate(c.step)
		if !next.After(at) {
			next = at.Add(c.step)
		}
		return next.Format(c.layout), nil
	}
	for _, clock := range clocks {
		soon := clock(now.Add(24 * time.Hour))
		if len(last.Digits) == len(fmt.Sprint(soon)) && last.Digits[0] != '0' && last.Version <= soon {
			return fmt.Sprint(max(clock(now), last.Version+1)), nil
		}
	}
	return fmt.Sprintf("%0*d", len(last.Digits), last.Version+1), nil
}
