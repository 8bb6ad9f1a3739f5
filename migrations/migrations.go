// Package migrations holds the event store: its revisions for Postgres and SQLite, and its declared model.
//
// The revisions are golang-migrate files, NNNN_name.up.sql and NNNN_name.down.sql, one folder a dialect:
//
//	0001_event_store        the table event_store, its constraints and indexes
//	0002_append_only        the triggers that refuse to change or remove an event
//	0003_stream_index       the table stream_index
//	0004_stream_index_fill  data only: one row of stream_index for each stream of event_store
//
// What a revision promises stands beside it, in NNNN_name.assert.sql.
// NNNN_name.seed.sql beside a revision writes rows just below it when the history is verified, and nowhere else.
//
// No file names a schema. On Postgres everything is created in the schema that search_path selects first.
package migrations

import (
	"embed"
	"io/fs"
)

// Files holds this folder as it is on disk: postgres/*.sql and sqlite/*.sql, the revisions; schema.postgres.sql and
// schema.sqlite.sql, the complete schema at head of each dialect; handrail.toml, the promises about the history; and
// handrail.lock beside the revisions of each dialect, which says what of them is published.
//
//go:embed postgres/*.sql sqlite/*.sql postgres/handrail.lock sqlite/handrail.lock schema.*.sql handrail.toml
var Files embed.FS

// Postgres returns the revisions for Postgres, at the root of the file system: what a runner takes as its source.
// It is never nil, and it shares the files with [Files].
func Postgres() fs.FS { return folder("postgres") }

// SQLite returns the revisions for SQLite, at the root of the file system: what a runner takes as its source.
// It is never nil, and it shares the files with [Files].
func SQLite() fs.FS { return folder("sqlite") }

// folder drops the error of [fs.Sub], which only a malformed name can cause.
func folder(name string) fs.FS {
	sub, _ := fs.Sub(Files, name)
	return sub
}
