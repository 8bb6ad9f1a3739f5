-- Columns of tables, views, materialized views and foreign tables.
SELECT
  'column' AS kind,
  format('%I.%I', n.nspname, c.relname) AS parent,
  a.attname::text AS name,
  jsonb_build_object(
    '.id', a.attnum,
    'type', format_type(a.atttypid, a.atttypmod),
    'null', CASE WHEN a.attnotnull THEN 'no' END,
    'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
    'generated', CASE a.attgenerated WHEN '' THEN NULL WHEN 's' THEN 'stored ' ELSE 'virtual ' END || pg_get_expr(d.adbin, d.adrelid),
    'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
    'collation', CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END,
    'storage', CASE WHEN a.attstorage <> t.typstorage THEN
        CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END END,
    'compression', CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
    'statistics', nullif(a.attstattarget, -1),
    -- From 17.12 on the server writes pg_attver there itself, with another number for each table.
    'options', (SELECT string_agg(o, ', ' ORDER BY i) FROM unnest(a.attoptions) WITH ORDINALITY AS x (o, i) WHERE o NOT LIKE 'pg\_attver=%'),
    'comment', col_description(c.oid, a.attnum)
  ) AS props,
  'relation' AS of, c.oid
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND n.oid IN (SELECT oid FROM scope) /* only relations: c.oid */
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
