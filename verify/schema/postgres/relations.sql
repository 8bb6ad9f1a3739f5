-- Tables, views, materialized views, sequences and foreign tables.
SELECT
  CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                 WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
  '' AS parent,
  format('%I.%I', n.nspname, c.relname) AS name,
  jsonb_build_object(
    '.id', 0, '.file', c.relfilenode,
    'depends on extension', (SELECT x.extensions FROM extended x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid),
    'comment', obj_description(c.oid, 'pg_class'),
    'persistence', CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END,
    'options', nullif(array_to_string(c.reloptions, ', '), ''),
    'toast options', (SELECT array_to_string(x.reloptions, ', ') FROM pg_class x WHERE x.oid = c.reltoastrelid),
    'access method', (SELECT nullif(a.amname, 'heap') FROM pg_am a WHERE a.oid = c.relam),
    'tablespace', (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = c.reltablespace),
    'replica identity', CASE WHEN c.relkind IN ('r', 'p') THEN
        CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index' END END,
    'row security', CASE WHEN c.relrowsecurity OR c.relforcerowsecurity THEN
        concat_ws(', ', CASE WHEN c.relrowsecurity THEN 'enabled' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END) END,
    'partition key', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
    'partition bound', pg_get_expr(c.relpartbound, c.oid),
    'inherits', (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid),
    'of type', CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END,
    'column order', CASE WHEN c.relkind <> 'S' THEN
        (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
           FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END,
    'definition', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
    'populated', CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'no' END
  ) || coalesce((
    SELECT jsonb_build_object(
      'type', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment', s.seqincrement,
      'minimum', s.seqmin, 'maximum', s.seqmax, 'cache', nullif(s.seqcache, 1),
      'cycle', CASE WHEN s.seqcycle THEN 'yes' END,
      '.named', (SELECT quote_ident(a.attname)
                   FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')),
      'owned by', (SELECT d.refobjid::regclass::text || '.' || quote_ident(a.attname)
                     FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                      AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
    FROM pg_sequence s WHERE s.seqrelid = c.oid), '{}') AS props,
  'relation' AS of, c.oid
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.oid IN (SELECT oid FROM scope) /* only relations: c.oid */
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
