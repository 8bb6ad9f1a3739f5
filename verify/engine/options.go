package engine

import (
	"time"
)

// Options holds golang-migrate's own options. The walk runs with exactly these.
// The zero value is what golang-migrate does when nobody says anything.
type Options struct {
	// Schema is the Postgres schema in which the revisions run, first and
	// alone on the search path. It is created in a scratch database where
	// it is not there. The zero value is the server's default, public.
	Schema string `toml:"schema"`

	// MigrationsTable is the name of the version table. On Postgres a value
	// in double quotes may name the schema too: "meta"."versions". The zero
	// value is schema_migrations.
	MigrationsTable string `toml:"migrations_table"`

	// MultiStatement splits a Postgres file at each semicolon and runs the
	// pieces one by one, not in one transaction (x-multi-statement).
	MultiStatement bool `toml:"multi_statement"`

	// StatementTimeout ends a Postgres statement that takes longer. The zero
	// value is no limit (x-statement-timeout).
	StatementTimeout time.Duration `toml:"-"`

	// NoTxWrap runs an SQLite file without a transaction around it
	// (x-no-tx-wrap).
	NoTxWrap bool `toml:"no_tx_wrap"`

	// ForeignKeys enforces foreign keys on SQLite while the revisions run, as
	// _pragma=foreign_keys(1) in the URL does. The zero value leaves them off,
	// as SQLite and golang-migrate do.
	ForeignKeys bool `toml:"foreign_keys"`
}
