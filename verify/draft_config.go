package verify

import (
	"fmt"
	"path"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/history"
)

// A configKey is a key of handrail.toml as a new file shows it, commented out.
type configKey struct {
	comment string
	example string
	of      dialect.Dialect // "": it means something on each
}

// A configTable is a table of handrail.toml with its keys.
type configTable struct {
	header string // "" at the top
	keys   []configKey
}

// starterConfig is every key of handrail.toml. The head of a history stands for
// {head}.
var starterConfig = []configTable{
	{"", []configKey{
		{"Tables whose rows, once there, nobody may change or remove.", `append_only = ["events"]`, ""},
		{
			"Revisions up to this version are climbed and not judged. For a long history that is published:\n" +
				"then only those behind it are. The other way is handrail check --accept,\n" +
				"which adds an [[allow]] for each thing that it finds today, to be given a reason.", "floor = {head}", "",
		},
		{"How long a statement of an assertion may take; 5s if not set.", `assertion_timeout = "5s"`, ""},
	}},
	{"# How the project runs golang-migrate; the checks run with exactly this.\n[runner]", []configKey{
		{"The version table; schema_migrations if not set.", `migrations_table = "schema_migrations"`, ""},
		{"The schema in which the revisions run; the server's default if not set.", `schema = "public"`, dialect.Postgres},
		{"x-multi-statement: a file is split at each semicolon.", "multi_statement = true", dialect.Postgres},
		{"x-statement-timeout: a statement that takes longer is ended.", `statement_timeout = "30s"`, dialect.Postgres},
		{"x-no-tx-wrap: there is no transaction around a file.", "no_tx_wrap = true", dialect.SQLite},
		{"Foreign keys are enforced while revisions run, as by _pragma=foreign_keys(1) in the URL.", "foreign_keys = true", dialect.SQLite},
	}},
	{"# What a check lets the revisions do on SQLite.\n[sqlite]", []configKey{
		{"They attach files by plain names, as 'archive.db', which a check makes in a folder of its own.", "attach = true", dialect.SQLite},
	}},
	{"# The database that up, down, goto and force change where there is no --url.\n[target]", []configKey{
		{"The environment variable that holds its URL, in place of HANDRAIL_TARGET_URL.", `env = "DATABASE_URL"`, ""},
	}},
	{"# What objects are called: regular expressions for the whole name, in which {table}, {columns} and\n" +
		"# {reftable} are those of the object. A kind without a pattern may be called anything.\n[naming]", []configKey{
		{"", `table = "[a-z][a-z0-9_]*"`, ""},
		{"", `column = "[a-z][a-z0-9_]*"`, ""},
		{"", `primary_key = "pk_{table}"`, ""},
		{"", `unique = "uq_{table}_{columns}"`, ""},
		{"", `check = "ck_{table}_.+"`, ""},
		{"", `foreign_key = "fk_{table}_{columns}_{reftable}"`, ""},
		{"", `index = "ix_{table}_.+"`, ""},
		{"", `trigger = "tr_{table}_.+"`, ""},
	}},
	{"# A finding that is accepted, where the file of the revision must not be touched; elsewhere a comment\n" +
		"# beside the SQL does it: -- handrail:allow RULE [OBJECT] because REASON", []configKey{
		{"", "[[allow]]", ""},
		{"", `rule = "no-down"`, ""},
		{"", "revision = {head}", ""},
		{"", `object = "ix_users_name"`, ""},
		{"", `because = "…"`, ""},
	}},
}

// DraftConfig is a handrail.toml for the subject to begin with: every key that
// means something for it, with what it does, commented out. It promises nothing.
func DraftConfig(s history.Subject) (Draft, error) {
	var head int64
	for _, d := range dialect.All() {
		if !s.Ships(d) {
			continue
		}
		h, err := s.Head(d)
		if err != nil {
			return Draft{}, err
		}
		head = max(head, h)
	}
	var b strings.Builder
	b.WriteString("# What is promised about these revisions. What is commented out is an example.\n")
	for _, table := range starterConfig {
		keys := ""
		for _, key := range table.keys {
			if key.of == "" || s.Ships(key.of) {
				keys += key.text(head)
			}
		}
		if keys == "" {
			continue
		}
		b.WriteByte('\n')
		if table.header != "" {
			b.WriteString(table.header + "\n")
		}
		b.WriteString(keys)
	}
	return Draft{path.Join(s.Dir, history.ConfigFile), []byte(b.String())}, nil
}

// text is the key with its comment.
func (k configKey) text(head int64) string {
	out := ""
	if k.comment != "" {
		out = "# " + strings.ReplaceAll(k.comment, "\n", "\n# ") + "\n"
	}
	return out + "# " + strings.ReplaceAll(k.example, "{head}", fmt.Sprint(head)) + "\n"
}
