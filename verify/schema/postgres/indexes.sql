-- Indexes, less those that a constraint owns: they stand with the constraint.
SELECT
  'index' AS kind,
  format('%I.%I', n.nspname, c.relname) AS parent,
  format('%I.%I', n.nspname, ic.relname) AS name,
  jsonb_build_object(
    'definition', pg_get_indexdef(i.indexrelid),
    'valid', CASE WHEN NOT i.indisvalid THEN 'no' END,
    'ready', CASE WHEN NOT i.indisready THEN 'no' END,
    'clustered', CASE WHEN i.indisclustered THEN 'yes' END,
    'replica identity', CASE WHEN i.indisreplident THEN 'yes' END,
    'tablespace', (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = ic.reltablespace),
    'partition of', (SELECT p.inhparent::regclass::text FROM pg_inherits p WHERE p.inhrelid = i.indexrelid),
    'statistics', (SELECT string_agg(a.attnum || ' ' || a.attstattarget, ', ' ORDER BY a.attnum)
                     FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0),
    '.named', (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = i.indexrelid),
    'depends on extension', (SELECT x.extensions FROM extended x WHERE x.classid = 'pg_class'::regclass AND x.objid = i.indexrelid),
    'comment', obj_description(i.indexrelid, 'pg_class')
  ) AS props,
  'relation' AS of, c.oid
FROM /* needs */ pg_index i
JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.oid IN (SELECT oid FROM scope) /* only relations: c.oid */
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid IN (c.oid, ic.oid))
