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
    'depends on extension', (SELECT x.extensions FROM extended x WHERE x.classid = 'pg_class'::regclass AND x.objid = i.indexrelid),
    'comment', obj_description(i.indexrelid, 'pg_class')
  ) || (SELECT jsonb_build_object(
      '.named', string_agg(quote_ident(x.attname), ', ' ORDER BY x.attnum),
      '.key', jsonb_build_object('Unique', i.indisunique, 'Where', pg_get_expr(i.indpred, i.indrelid),
          'Method', CASE WHEN ic.relam <> 403 /* a tree */ THEN (SELECT m.amname FROM pg_am m WHERE m.oid = ic.relam) END,
          'Parts', jsonb_agg(jsonb_build_object('Column', a.attname, 'Desc', i.indoption[x.attnum - 1] & 1 = 1,
              'Expression', CASE WHEN a.attname IS NULL THEN pg_get_indexdef(i.indexrelid, x.attnum, false) END) ORDER BY x.attnum)
            FILTER (WHERE x.attnum <= i.indnkeyatts)))
    FROM pg_attribute x LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[x.attnum - 1]
    WHERE x.attrelid = i.indexrelid) AS props,
  'relation' AS of, c.oid
FROM /* needs */ pg_index i
JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.oid IN (SELECT oid FROM scope) /* only relations: c.oid */
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid IN (c.oid, ic.oid))
