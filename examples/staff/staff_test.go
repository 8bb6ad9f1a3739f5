// Package staff_test shows one way to adopt handrail: see README.md.
package staff_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
)

// The revisions.
const (
	users = 1
	split = 2 // '4.537' becomes floor 4 and seat 537
)

var staff = handrail.Subject{
	Name:     "staff",
	Postgres: os.DirFS("migrations/postgres"),
	SQLite:   os.DirFS("migrations/sqlite"),
}

// TestMigrations is all that a project needs to begin with: each revision up, down
// and up again on every engine, with the rows of *.seed.sql in the tables.
func TestMigrations(t *testing.T) {
	t.Parallel()
	handrail.Run(t, staff)
}

// TestSplit says what floor and seat must be, and which locations must survive
// the way there and back.
func TestSplit(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		handrail.Data(t, staff, e, verify.Data{
			From: users, To: split,
			Seed:      sits(1, "4.537"),
			AfterUp:   finds("SELECT floor || ' and ' || seat FROM users WHERE user_id = 1", "4 and 537"),
			AfterDown: finds("SELECT location FROM users WHERE user_id = 1", "4.537"),
			Awkward: map[string]verify.Hook{
				"a basement": sits(2, "-1.12"),
				"zeros":      sits(2, "0.0"),
				"the last":   sits(2, "32767.32767"),
			},
		})
	})
}

// TestSplitRefuses: what the down could not restore stops the up, which says
// whose location it is and leaves everything as it was.
func TestSplitRefuses(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		for _, location := range []string{"4.0537", "04.537", "4.537 ", "-0.5", "4", "4.5.37", "", "cafeteria"} {
			t.Run(location, func(t *testing.T) {
				t.Parallel()
				db := handrail.OpenAt(t, staff, e, users)
				require.NoError(t, sits(1, "4.537")(t.Context(), db.DB, e.Dialect()))
				require.NoError(t, sits(2, location)(t.Context(), db.DB, e.Dialect()))
				require.ErrorContains(t, db.Migrate(t.Context(), staff, split),
					"user 2 sits at '"+location+"', which is not a floor and a seat")
				require.NoError(t, finds("SELECT location FROM users WHERE user_id = 2", location)(t.Context(), db.DB, e.Dialect()))
			})
		}
	})
}

// TestNewUsersSurvive: what the application writes after the split comes through a
// rollback and the next attempt too.
func TestNewUsersSurvive(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		ctx, db := t.Context(), handrail.Open(t, staff, e)
		_, err := db.ExecContext(ctx, "INSERT INTO users (user_id, email, name, gender, floor, seat) VALUES (7, 'dan@example.com', 'Dan', 'male', -2, 41)")
		require.NoError(t, err)
		require.NoError(t, db.Migrate(ctx, staff, users))
		require.NoError(t, finds("SELECT location FROM users", "-2.41")(ctx, db.DB, e.Dialect()))
		require.NoError(t, db.Migrate(ctx, staff, split))
		require.NoError(t, finds("SELECT floor || ' and ' || seat FROM users", "-2 and 41")(ctx, db.DB, e.Dialect()))
	})
}

// TestOpen is a test of the application. Each has a database at head of its own,
// a clone of a template that is migrated once.
func TestOpen(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		handrail.Open(t, staff, e) // the first one makes the template
		for range 3 {
			start := time.Now()
			db := handrail.Open(t, staff, e)
			t.Logf("a database at head in %s", time.Since(start).Round(100*time.Microsecond))

			hires := "INSERT INTO users (user_id, email, name, gender, floor, seat) VALUES (1, 'ada@example.com', 'Ada', 'female', 4, 537)"
			_, err := db.ExecContext(t.Context(), hires)
			require.NoError(t, err, "the users of one database are not those of another")
			_, err = db.ExecContext(t.Context(), strings.Replace(hires, "(1,", "(2,", 1))
			require.ErrorContains(t, err, "email")
		}
	})
}

// TestBroken breaks a copy of the revisions in one place and shows, to the letter,
// what makes TestMigrations red then.
func TestBroken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, reason string
		change       func(folder fstest.MapFS)
		postgresOnly bool // elsewhere nothing is found
		want         []string
	}{
		{
			name: "no DROP TYPE", reason: "a type outlives the table that uses it, and is in the way of the next up",
			change:       func(folder fstest.MapFS) { write(folder, "0001_users.down.sql", "DROP TABLE users;") },
			postgresOnly: true, // SQLite has a CHECK instead, which goes with its table
			want: []string{
				"residue: 0001_users: down leaves enum gender behind\n" +
					"+ enum gender\n+     labels: 'female', 'male'",
				`reup-fails: 0001_users: up again fails: ERROR: type "gender" already exists (SQLSTATE 42710)`,
			},
		},
		{
			name: "no refusal", reason: "'4.0537' becomes floor 4 and seat 537, and these become '4.537'",
			change: func(folder fstest.MapFS) {
				_, up, _ := strings.Cut(read(folder, "0002_split_floor_and_seat.up.sql"), "\n\n") // the refusal is the first paragraph
				write(folder, "0002_split_floor_and_seat.up.sql", up)
				write(folder, "0002_split_floor_and_seat.seed.sql", read(folder, "0002_split_floor_and_seat.seed.sql")+
					"INSERT INTO users VALUES (4, 'eve@example.com', 'Eve', 'female', '4.0537');")
			},
			want: []string{
				"rows-changed: 0002_split_floor_and_seat: down changes location in 1 of 4 rows of users\n" +
					"- INSERT INTO users (user_id, email, name, gender, location) VALUES (4, 'eve@example.com', 'Eve', 'female', '4.0537');\n" +
					"+ INSERT INTO users (user_id, email, name, gender, location) VALUES (4, 'eve@example.com', 'Eve', 'female', '4.537');",
			},
		},
		{
			name: "one value lost", reason: "one value of one row is enough, in a column that has nothing to do with the split",
			change: func(folder fstest.MapFS) {
				write(folder, "0002_split_floor_and_seat.down.sql", read(folder, "0002_split_floor_and_seat.down.sql")+
					"UPDATE users SET name = '' WHERE user_id = 2;")
			},
			want: []string{
				"rows-changed: 0002_split_floor_and_seat: down changes name in 1 of 3 rows of users\n" +
					"- INSERT INTO users (user_id, email, name, gender, location) VALUES (2, 'bob@example.com', 'Bob', 'male', '-1.0');\n" +
					"+ INSERT INTO users (user_id, email, name, gender, location) VALUES (2, 'bob@example.com', '', 'male', '-1.0');",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onEachEngine(t, func(t *testing.T, e engine.Engine) {
				found := findings(t, e, changed(t, c.change))
				if c.postgresOnly && e.Dialect() != dialect.Postgres {
					require.Empty(t, found)
					return
				}
				require.Equal(t, c.want, found, c.reason)
			})
		})
	}
}

// TestCafeteria: among the rows of a seed, a location that the split refuses is a
// finding, with that row alone.
func TestCafeteria(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		found := findings(t, e, changed(t, func(folder fstest.MapFS) {
			write(folder, "0002_split_floor_and_seat.seed.sql", strings.Replace(read(folder, "0002_split_floor_and_seat.seed.sql"), "-1.0", "cafeteria", 1))
		}))
		require.Len(t, found, 1)
		require.Regexp(t, "^up-needs-empty: 0002_split_floor_and_seat: up runs on empty tables and fails on the rows of the seeds: .*"+
			"user 2 sits at 'cafeteria', which is not a floor and a seat.*\n"+
			`on INSERT INTO users \(user_id, email, name, gender, location\) VALUES \(2, 'bob@example.com', 'Bob', 'male', 'cafeteria'\);$`, found[0])
	})
}

// changed is the subject with a change in a copy of each folder.
func changed(t *testing.T, change func(folder fstest.MapFS)) handrail.Subject {
	t.Helper()
	copied := func(folder fs.FS) fs.FS {
		files := fstest.MapFS{}
		names, err := fs.Glob(folder, "*.sql")
		require.NoError(t, err)
		for _, name := range names {
			sql, err := fs.ReadFile(folder, name)
			require.NoError(t, err)
			write(files, name, string(sql))
		}
		change(files)
		return files
	}
	return handrail.Subject{Postgres: copied(staff.Postgres), SQLite: copied(staff.SQLite)}
}

func read(folder fstest.MapFS, name string) string { return string(folder[name].Data) }

func write(folder fstest.MapFS, name, sql string) { folder[name] = &fstest.MapFile{Data: []byte(sql)} }

// findings are those of the walk on one engine, as text that is the same on each.
func findings(t *testing.T, e engine.Engine, s handrail.Subject) []string {
	t.Helper()
	run, err := verify.Stairway(t.Context(), e, s)
	require.NoError(t, err)
	if run.NotRun != "" {
		t.Skip(run.NotRun)
	}
	alike := strings.NewReplacer("public.", "", "('2'", "(2", "('4'", "(4")
	var found []string
	for _, f := range run.All() {
		if f.Waived != "" {
			continue
		}
		text := fmt.Sprintf("%s: %s", f.Rule, f.Message)
		if f.Want != "" {
			text += "\n- " + strings.TrimSpace(f.Want)
		}
		if f.Got != "" {
			text += "\n+ " + strings.ReplaceAll(strings.TrimSpace(f.Got), "\n", "\n+ ")
		}
		if f.Rows != "" {
			text += "\non " + f.Rows
		}
		found = append(found, alike.Replace(text))
	}
	return found
}

// onEachEngine runs one body on every engine, in parallel.
func onEachEngine(t *testing.T, body func(t *testing.T, e engine.Engine)) {
	t.Helper()
	for _, e := range fixtures.All() {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			body(t, e)
		})
	}
}

// sits is a hook that adds a user with a location.
func sits(id int, location string) verify.Hook {
	return func(ctx context.Context, db *sql.DB, _ dialect.Dialect) error {
		row := fmt.Sprintf("(%d, 'user%d@example.com', 'User', 'female', '%s')", id, id, location)
		_, err := db.ExecContext(ctx, "INSERT INTO users (user_id, email, name, gender, location) VALUES "+row)
		return err
	}
}

// finds is a hook that wants one value.
func finds(query, want string) verify.Hook {
	return func(ctx context.Context, db *sql.DB, _ dialect.Dialect) error {
		var got string
		if err := db.QueryRowContext(ctx, query).Scan(&got); err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s: got %q, want %q", query, got, want)
		}
		return nil
	}
}
