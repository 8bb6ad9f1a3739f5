package verify_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// split is the history of REFERENCE B: a location becomes floor and seat.
func split(up string) history.Subject {
	files := func(d dialect.Dialect) fstest.MapFS {
		folder := fstest.MapFS{}
		for name, sql := range map[string]string{
			"0001_users.up.sql":   "CREATE TABLE users (id int PRIMARY KEY, location text);",
			"0001_users.down.sql": "DROP TABLE users;",
			"0002_parts.up.sql":   "ALTER TABLE users ADD COLUMN floor int; ALTER TABLE users ADD COLUMN seat int;",
			"0002_parts.down.sql": "ALTER TABLE users DROP COLUMN floor; ALTER TABLE users DROP COLUMN seat;",
			"0003_fill.up.sql":    up,
			"0003_fill.down.sql":  "UPDATE users SET location = floor || '.' || seat; UPDATE users SET floor = NULL, seat = NULL;",
		} {
			if d == dialect.SQLite {
				sql = strings.NewReplacer("split_part(location, '.', 1)", "substr(location, 1, 1)", "split_part(location, '.', 2)", "substr(location, 3)").Replace(sql)
			}
			folder[name] = &fstest.MapFile{Data: []byte(sql)}
		}
		return folder
	}
	return history.Subject{Postgres: files(dialect.Postgres), SQLite: files(dialect.SQLite)}
}

const fill = "UPDATE users SET floor = CAST(split_part(location, '.', 1) AS int), seat = CAST(split_part(location, '.', 2) AS int);"

func write(stmt string) verify.Hook {
	return func(ctx context.Context, db *sql.DB, _ dialect.Dialect) error {
		_, err := db.ExecContext(ctx, stmt)
		return err
	}
}

// holds is a hook that wants one value.
func holds(query, want string) verify.Hook {
	return func(ctx context.Context, db *sql.DB, _ dialect.Dialect) error {
		var got string
		if err := db.QueryRowContext(ctx, query).Scan(&got); err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s: got %s, want %s", query, got, want)
		}
		return nil
	}
}

func TestData(t *testing.T) {
	t.Parallel()
	m := verify.Data{
		From: 2, To: 3, Seed: write("INSERT INTO users (id, location) VALUES (1, '4.537')"),
		AfterUp:   holds("SELECT seat FROM users WHERE id = 1", "537"),
		AfterDown: holds("SELECT location FROM users WHERE id = 1", "4.537"),
	}
	awkward := m
	awkward.Awkward = map[string]verify.Hook{"a zero": write("INSERT INTO users (id, location) VALUES (2, '4.0537')")}
	wrong := m
	wrong.AfterUp = holds("SELECT seat FROM users WHERE id = 1", "538")
	for _, c := range []struct {
		name, reason, up string
		data             verify.Data
		want             []string
	}{
		{"clean", "all rows come back", fill, m, nil},
		{"awkward", "a value that the conversion does not survive", fill, awkward, []string{
			"error rows-changed: 0003_fill: down changes location in 1 of 2 rows of users",
		}},
		{"hook", "what the project wants does not hold, both times", fill, wrong, []string{
			"error scenario-fails: data migration 0003_fill: after the up: SELECT seat FROM users WHERE id = 1: got 537, want 538",
			"error scenario-fails: data migration 0003_fill: after the second up: SELECT seat FROM users WHERE id = 1: got 537, want 538",
		}},
		{"not twice", "run again it changes rows", fill + "UPDATE users SET location = location || '!';", m, []string{
			"error not-idempotent: data migration 0003_fill: the SQL of 0003_fill",
		}},
		{"up fails", "on rows only", "INSERT INTO users (id) SELECT id FROM users;" + fill, m, []string{"error up-fails: data migration 0003_fill: on the way to 0003_fill with rows"}},
	} {
		onEngines(t, c.name, func(t *testing.T, e engine.Engine) {
			run, err := verify.CheckData(t.Context(), e, split(c.up), c.data)
			require.NoError(t, err)
			var got []string
			for _, f := range run.All() {
				line, _, _ := strings.Cut(f.String(), "\n")
				line = strings.ReplaceAll(line, "public.users", "users")
				if i := slicesPrefix(c.want, line); i != "" {
					line = i
				}
				got = append(got, line)
			}
			require.Equal(t, c.want, got, c.reason)
			if len(c.want) == 0 {
				require.Len(t, run.Checklist, 5)
				for _, item := range run.Checklist {
					require.Equal(t, finding.Pass, item.Status, item.Promise)
				}
			}
		})
	}
}

// slicesPrefix is the want that a line begins with: what follows is the server's.
func slicesPrefix(wants []string, line string) string {
	for _, w := range wants {
		if strings.HasPrefix(line, w) {
			return w
		}
	}
	return ""
}

func onEngines(t *testing.T, name string, body func(*testing.T, engine.Engine)) {
	for _, e := range fixtures.All() {
		t.Run(name+"/"+e.Name(), func(t *testing.T) {
			t.Parallel()
			_, err := e.Server(t.Context())
			available(t, err)
			body(t, e)
		})
	}
}

func TestDataWantsBothEnds(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]verify.Data{
		"Data.To: no revision of migrations has version 0: say up to which version it goes":                {From: 1},
		"Data.From: no revision of migrations has version 0: say at which version the rows are written":    {To: 2},
		"Data.From: no revision of migrations has version base: say at which version the rows are written": {From: engine.Base, To: 2},
		"Data.To: no revision of migrations has version 7: say up to which version it goes":                {From: 1, To: 7},
		"Data.From: no revision of migrations has version 9: say at which version the rows are written":    {From: 9, To: 3},
		"Data.From is 3 and must be below Data.To, which is 2":                                             {From: 3, To: 2},
	} {
		_, err := verify.CheckData(t.Context(), fixtures.SQLiteMemory, split(fill), m)
		require.EqualError(t, err, want)
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	r := verify.Rollback{
		From: 1, To: 3, Seed: write("INSERT INTO users (id, location) VALUES (1, '4.537')"),
		AtTo:   holds("SELECT floor FROM users", "4"),
		Expect: []verify.Expectation{{"V1.3", "the location is what it was", holds("SELECT location FROM users", "4.537")}},
		Budget: time.Minute,
	}
	onEngines(t, "clean", func(t *testing.T, e engine.Engine) {
		run, err := verify.CheckRollback(t.Context(), e, split(fill), r)
		require.NoError(t, err)
		require.Empty(t, run.All())
		var promises []string
		for _, item := range run.Checklist {
			require.Equal(t, finding.Pass, item.Status)
			promises = append(promises, strings.TrimPrefix(item.Promise, "rollback of 0002 to 0003_fill to 0001_users: "))
		}
		require.Equal(t, []string{
			"at 0003_fill", "catalogue and rows are what they were", "V1.3 the location is what it was",
			"going there again changes nothing", "time of the way back",
		}, promises)
		require.Contains(t, run.Checklist[4].Evidence, "of a budget of 1m0s")
	})
	onEngines(t, "not inhabited", func(t *testing.T, e engine.Engine) {
		empty := r
		empty.Seed, empty.AtTo, empty.Expect = nil, nil, nil
		run, err := verify.CheckRollback(t.Context(), e, split(fill), empty)
		require.NoError(t, err)
		require.Equal(t, finding.NotRun, run.Checklist[0].Status)
		require.Equal(t, "not inhabited when the up changed it: users", strings.ReplaceAll(run.Checklist[0].Evidence, "public.", ""))
	})
	onEngines(t, "one value lost", func(t *testing.T, e engine.Engine) {
		lossy := r
		lossy.Seed = write("INSERT INTO users (id, location) VALUES (1, '4.0537'), (2, '4.537')")
		run, err := verify.CheckRollback(t.Context(), e, split(fill), lossy)
		require.NoError(t, err)
		require.Len(t, run.Findings, 1)
		require.Equal(t, finding.RowsChanged, run.Findings[0].Rule)
	})
}
