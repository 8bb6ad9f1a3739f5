package verify

import (
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// A RuleDoc is what a person should know about a rule.
type RuleDoc struct {
	Rule      finding.Rule
	Severity  finding.Severity // that its findings have, unless they say otherwise
	Condition string
	Effect    string
	Remedy    string
}

// Rules documents every rule, in the order in which they are met.
var Rules = []RuleDoc{
	{
		finding.UpFails, finding.Error, "The up does not run on the schema that the revisions before it made, or takes longer than --timeout.",
		"No new database can be made from this history. Revisions behind it are unverified.", "Make the up run; the message is that of the server.",
	},
	{
		finding.DownFails, finding.Error, "The down does not run on the schema that its own up made.",
		"A rollback stops half way, with the version table dirty.", "Undo what the up did, in reverse order.",
	},
	{
		finding.ReupFails, finding.Error, "The up runs on a fresh schema and not after its own down. A warning where nothing but a label of an enum is in its way, which no down can remove, and where the down says that there is no way back.",
		"After a rollback the revision cannot be applied again.", "Let the down remove what is in the way.",
	},
	{
		finding.Residue, finding.Error, "After the down an object is there that was not there before the up. A note for an extension.",
		"A rolled back schema is not the one that the older code knows; often the second up fails on it.", "Drop the object in the down. Where DROP … IF EXISTS names something that exists nowhere, mend the name.",
	},
	{
		finding.Loss, finding.Error, "After the down an object is missing that was there before the up.",
		"The older code runs without a table, an index, a constraint that it relied on.", "Create the object again in the down. DROP COLUMN takes along the indexes and constraints of the column.",
	},
	{
		finding.Changed, finding.Error, "After the down an object is there and different. A warning where nothing but a comment differs besides what is a note: columns in another order, and the views that show it; names that the server chose and nobody wrote; a label that stays in an enum; white space in a body of sql or plpgsql that means nothing there.",
		"Types, defaults, NOT NULL, triggers or privileges are not those that the older code knows.", "Restore the object in the down exactly as it was.",
	},
	{
		finding.EmptyDown, finding.Error, "The down file holds no SQL and the up changed the schema. A note where a comment in the file says that there is no way back: in any case and as words, " + strings.Join(oneWays, ", ") + ". SQL that is commented out says nothing of it; and a file that says that there is nothing to undo is asked about what stays, rows too.",
		"golang-migrate lowers the version and the schema stays.", "Write the down, or say that there is none: -- handrail:allow empty-down because …",
	},
	{
		finding.NoDown, finding.Warning, "The revision has no down file.",
		"golang-migrate takes that for success and lowers the version.", "Write the down, or waive the rule with the reason.",
	},
	{
		finding.NoUp, finding.Error, "A version has a down file and no up file.",
		"golang-migrate climbs it as an empty step, and its down takes away what another revision made.", "Write the up, or give the down the version that it belongs to.",
	},
	{
		finding.ReupDiffers, finding.Error, "The second up runs and makes another schema than the first. A warning or a note where change is one.",
		"What a database looks like depends on whether it was ever rolled back.", "Let the down leave what the up found.",
	},
	{
		finding.InvalidIndex, finding.Error, "After the up an index is invalid.",
		"No query uses it, and every write pays for it.", "Drop it and create it again.",
	},
	{
		finding.SessionLeak, finding.Warning, "A step leaves its session changed: a setting, the role, temporary objects, an open transaction.",
		"Revisions that golang-migrate runs after it in the same session behave otherwise than in one of their own.", "SET LOCAL, or RESET at the end of the file.",
	},
	{
		finding.NameMismatch, finding.Warning, "The up and the down of a version have different names.",
		"golang-migrate pairs files by version alone; perhaps a down belongs to another revision.", "Give both one name.",
	},
	{
		finding.VersionGap, finding.Note, "A numbered history leaves out a version.",
		"A revision that arrives with that version later is never applied where a higher one is.", "Number without gaps, or by date.",
	},
	{
		finding.VersionDuplicate, finding.Error, "Two files have the same version and direction.",
		"golang-migrate refuses the whole folder.", "Renumber one of them.",
	},
	{
		finding.IgnoredFile, finding.Warning, "A file looks like a migration and golang-migrate does not read it; or no migration of TOML or JSON names it; or it looks like a configuration and is not called handrail.toml. A note for a sub-folder with revisions in it.",
		"Its SQL is never run, what it promises never checked.", "Call it VERSION_name.up.sql or VERSION_name.down.sql, or handrail.toml; or name it in a migration.",
	},
	{
		finding.ProvisionalOrdinal, finding.Note, "A migration of TOML or JSON has no ordinal in handrail.lock.",
		"Another that is added may take its place in the order; up refuses it.", "Run handrail lock and commit the file.",
	},
	{
		finding.OrderMatters, finding.Error, "Two migrations of TOML or JSON that are neighbours in the order, and neither of which says that it needs the other, do not run the other way about, or make another schema. A note for columns in another order, and for names that the server chose.",
		"The order is an accident of their names until the lock file fixes it, and a needed migration is not among the deps.", "Add the one to the deps of the other.",
	},
	{
		finding.RowsLost, finding.Error, "A row that was there before the up is missing after the up, the down or the second up, while its table is there. A warning where no seed has written rows: then they are the history's own.",
		"Data is gone.", "Find the statement that takes it; a rebuild of a table that others refer to is the usual one.",
	},
	{
		finding.RowsChanged, finding.Error, "A value that was there before the up is another one after the down, or after the up of a revision that changes the schema, in a column that is there both times. A warning where no seed has written rows.",
		"Data is not what somebody wrote.", "Keep what cannot be computed back in a column of its own, or say why it may go.",
	},
	{
		finding.Truncated, finding.Error, "As rows-changed, and what came back is the beginning of the value, or the number with fewer decimals.",
		"Data has lost its end.", "Refuse values that do not fit before converting them.",
	},
	{
		finding.DataLoss, finding.Error, "After the down a table or column that held values is there again, and holds none, or only its default. A warning where no seed has written rows.",
		"A rollback restores the schema and not the data.", "Keep the old values until a later revision, or accept the loss: -- handrail:allow data-loss TABLE because …",
	},
	{
		finding.RowsAdded, finding.Warning, "A revision that changes the schema writes rows into a table that was there, or a down leaves rows behind that its up wrote.",
		"After a rollback there are rows that the older code has not written.", "Write rows in a revision of their own, and delete exactly those in its down.",
	},
	{
		finding.UpNeedsEmpty, finding.Error, "The up fails on the rows of the seeds, and runs where there are none.",
		"It passes every test on an empty database and fails in production.", "Bring the rows into order first, in the same file or in an earlier revision.",
	},
	{
		finding.DownNeedsEmpty, finding.Error, "The down fails on the rows of the seeds, and runs where there are none.",
		"No database in use can be rolled back.", "Let the down bring the rows into order first.",
	},
	{
		finding.AssertionFailed, finding.Error, "A statement of an assertion raises or returns a row, after a revision from which on it must hold.",
		"A promise that the project has written down is broken.", "Mend the revision; or retire the assertion from this revision on: -- handrail:until VERSION",
	},
	{
		finding.AssertionDependsOnData, finding.Warning, "An assertion does not hold on the rows of the seeds and holds on empty tables.",
		"It fails or not by what happens to be in a database.", "Let the assertion bring rows of its own, which are rolled back.",
	},
	{
		finding.AssertionResidue, finding.Error, "An assertion changes the catalogue or rows in spite of the rollback. A sequence that advances is none: no rollback takes that back.",
		"Looking at a database changes it.", "Leave out what reaches out of the transaction.",
	},
	{
		finding.NotIdempotent, finding.Error, "A revision that leaves the schema alone changes rows when its SQL runs once more, on the rows of seeds. A warning where it fails then.",
		"After a step that broke off half way it cannot be run again.", "Let it skip what is done: WHERE … IS NULL, ON CONFLICT DO NOTHING.",
	},
	{
		finding.ScenarioFails, finding.Error, "What a data migration or a rollback promises of its rows does not hold.",
		"See the message: it is the project's own.", "See the message.",
	},
	{
		finding.RebuildCascade, finding.Error, "On SQLite, rebuilding a table takes rows of the tables that refer to it. A warning where only another mode of golang-migrate's driver does so: with foreign keys on, or without the transaction around a file.",
		"DROP TABLE deletes its rows first, and their children go with them; PRAGMA foreign_keys has no effect inside a transaction.",
		"Under golang-migrate a rebuild is safe with foreign keys off in the URL, or with x-no-tx-wrap and PRAGMA foreign_keys = OFF before a BEGIN of its own.",
	},
	{
		finding.RebuildLostObject, finding.Error, "On SQLite, an index, trigger or view is gone after a rebuild of its table that nothing in the file drops and that did not have to go.",
		"DROP TABLE takes them along without a word.", "Create them again behind the rename, or drop them by name, to say that they may go.",
	},
	{
		finding.RebuildBrokenView, finding.Error, "On SQLite, a view or trigger does not compile any more after the up.",
		"Every statement that meets it fails.", "Drop it before the rebuild and create it again behind it.",
	},
	{
		finding.ForeignKeys, finding.Error, "On SQLite, PRAGMA foreign_key_check finds rows after the up that refer to nothing, or integrity_check finds damage.",
		"The next connection that enforces foreign keys cannot write these rows, nor delete what they refer to.", "Delete or mend the rows in the same file.",
	},
	{
		finding.Mixed, finding.Warning, "An up changes the schema and writes rows, by a statement of its file, in a body that it runs, or as is seen in the rows. Comments and privileges are no schema here, and neither the rows of temporary tables nor those that a rebuild on SQLite copies are data. Downs are not judged: they bring back both.",
		"The locks of the DDL are held until the last row is written; and where it breaks off, neither half can be run again alone.", "Write the rows in a revision of their own, behind the one that makes room for them.",
	},
	{
		finding.Destructive, finding.Warning, "An up takes away what was there before it: a schema, table, column, view, type, label of an enum, sequence, function or extension, or makes a column narrower than it was. Under another name it is not gone. Constraints, indexes, triggers and policies hold nothing and are left out, and so is what data-loss names.",
		"The older code, which runs until the last server has the newer one, meets an error; and what was in it is gone.", "Stop using it first; and say why it may go, with the revision that has brought what it held to safety: -- handrail:allow destructive NAME because moved by 0012_people",
	},
	{
		finding.Rewrite, finding.Warning, "On Postgres, an up makes the server write all rows of a table that was there anew, into another file. TRUNCATE does not count.",
		"While it goes on, which takes longer with each row, nobody can read or write the table.", "Add a new column and fill it in a revision of its own. See the message.",
	},
	{
		finding.Recreate, finding.Warning, "On SQLite, an up makes a table anew, and ALTER TABLE alone comes to the same table with the same rows, as is tried in a copy; or nothing about it is different.",
		"All rows are copied, and whatever hangs on the table, children by their foreign keys, indexes, triggers, is at risk.", "Use the statements of the message. They were run by the SQLite that the finding names; an older one may not know all of them.",
	},
	{
		finding.HardcodedURL, finding.Error, "A file of a revision or handrail.toml holds a connection string with a password or with a host that is no example, or gives a role, a user mapping or a server a password. A verifier of SCRAM is none.",
		"Whoever reads the repository, or a backup of it, can connect; and every database is made with the same password.", "Take it out and change the password. Addresses come from the environment.",
	},
	{
		finding.ClusterChanged, finding.Error, "On a Postgres server that others use too, SQL of the history, of a seed, an assertion, the prelude or the declared model changes what all its databases share, and does not take it back: a database, its owner, privileges and settings, roles and memberships, tablespaces, privileges on parameters, comments and labels on these, replication slots and origins, prepared transactions. What others do there meanwhile does not count. On a server of handrail's own, which a history gets whose text makes such changes, it is residue, loss or change where the down does not take it back.",
		"A check has changed what is not handrail's, and so does every environment in which the revision runs.", "Run the statements of the message on the server, and leave such changes to whoever runs it. No waiver accepts it.",
	},
	{
		finding.RoundTrip, finding.Error, "All downs at once, then all ups at once, do not end where they began.",
		"The revisions depend on being run one at a time.", "See the message.",
	},
	{
		finding.Drift, finding.Error, "The schema at head is not the declared model.",
		"Code that is written against the model meets another schema.", "Add a revision that runs the statements shown, or bring the model up to date: handrail schema --write.",
	},
	{
		finding.Parity, finding.Error, "A revision is on one dialect only, or is called otherwise there; or after it the dialects differ in a table, a column, its nullability or the class of its default, a key, a foreign key, an index, or in the rows that a check refuses. Constraints without a name may be called otherwise.",
		"Code that is tested on one dialect meets another schema on the other.",
		"Write it for both, or say in a file of the revision why not: -- handrail:only postgres OBJECT because …",
	},
	{
		finding.Guard, finding.Warning, "A file has what only the other dialect understands: words, operators, types. Texts, comments, names in quotes and bodies of functions do not count.",
		"It does not run, or runs and means something else: SQLite takes SERIAL for a type and gives no numbers.",
		"Write what the file's own dialect has for it.",
	},
	{
		finding.Naming, finding.Error, "An object that the up makes, or renames, is called otherwise than [naming] in handrail.toml says, or has no name of its own.",
		"Code and later revisions must know by heart how it is called, and a name that the server chose may be another in the next database.",
		"Give it the name that the remedy says; a constraint takes one with CONSTRAINT NAME in front.",
	},
	{
		finding.AppendOnly, finding.Error, "A row of a table that is promised append-only was changed, or there is no such table at head. A warning where an attack passes and changes nothing.",
		"History can be rewritten.", "Refuse the attack with a trigger; see migrations/ for one that does.",
	},
	{
		finding.Edited, finding.Error, "The SQL of a published revision is not what it was: its up or its down has other tokens than handrail.lock has, or than the state of --since; or its files are gone, or have another name. Comments, white space and line endings do not count.",
		"A database that has the revision never runs the edit, and a new one does: they differ from then on.",
		"Take the edit back and write a new revision. Where nobody has it: handrail lock --rewrite REASON, or [[allow]] in handrail.toml. A comment in the file itself waives nothing: it would accept every later edit too.",
	},
	{
		finding.BaselineChanged, finding.Error, "As edited, and the revision is the baseline of handrail.lock: the first one.",
		"Every new database begins with it, and the others have the old one.",
		"handrail squash --check OLD NEW proves that both give the same schema and rows; then handrail lock --rewrite REASON.",
	},
	{
		finding.NotLast, finding.Error, "A new revision sorts before one that is published, in handrail.lock or in the state of --since.",
		"Where the published one is applied golang-migrate never applies the new one, and a later down runs its down.", "Give it a version above all that are published.",
	},
	{
		finding.SquashDiffers, finding.Error, "What an old history and the one that is to replace it leave differs: an object of the catalogue, or the rows that they write themselves. A note for columns in another order, for names that the server chose, and for values that the server or the clock gives; see handrail squash.",
		"Databases made from now on are not those that exist.", "Bring the new history into line; the old one is what databases have.",
	},
	{
		finding.WaiverIncomplete, finding.Error, "A waiver names no rule or gives no reason.",
		"It counts for nothing.", "-- handrail:allow RULE [OBJECT] because REASON",
	},
	{
		finding.WaiverUnused, finding.Warning, "A waiver matches no finding.",
		"It may hide a defect to come.", "Remove it.",
	},
}
