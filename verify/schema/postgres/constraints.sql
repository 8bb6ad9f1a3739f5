-- Constraints of tables. NOT NULL is a property of its column (Postgres 18
-- has a constraint for it as well); those of domains stand with the type.
SELECT
  CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'c' THEN 'check'
                 WHEN 'f' THEN 'foreign key' WHEN 'x' THEN 'exclusion' END AS kind,
  format('%I.%I', n.nspname, c.relname) AS parent,
  k.conname::text AS name,
  jsonb_build_object(
    'definition', pg_get_constraintdef(k.oid),
    CASE k.contype WHEN 'c' THEN '.columns' ELSE 'columns' END, CASE WHEN k.contype <> 'x' THEN
        (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY u.ord)
           FROM unnest(k.conkey) WITH ORDINALITY u(attnum, ord)
           JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum) END,
    '.references', CASE WHEN k.contype = 'f' THEN
        (SELECT jsonb_build_object('Table', k.confrelid::regclass::text, 'Columns', jsonb_agg(a.attname ORDER BY u.ord),
                  'OnUpdate', CASE k.confupdtype WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' END,
                  'OnDelete', CASE k.confdeltype WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' END,
                  'Deferred', k.condeferred)
           FROM unnest(k.confkey) WITH ORDINALITY u(attnum, ord)
           JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum) END,
    '.named', CASE WHEN k.contype IN ('u', 'x') THEN
        (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = k.conindid) END,
    'inherited', CASE WHEN k.coninhcount > 0 THEN 'yes' END,
    'index', CASE WHEN k.contype IN ('p', 'u', 'x') THEN
        (SELECT nullif(concat_ws(', ',
            CASE WHEN NOT i.indisvalid THEN 'not valid' END,
            CASE WHEN NOT i.indisready THEN 'not ready' END,
            CASE WHEN i.indisclustered THEN 'clustered' END,
            CASE WHEN i.indisreplident THEN 'replica identity' END,
            nullif(array_to_string(ic.reloptions, ', '), '')), '')
           FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid WHERE i.indexrelid = k.conindid) END,
    'depends on extension', (SELECT x.extensions FROM extended x
         WHERE k.contype IN ('p', 'u', 'x') AND x.classid = 'pg_class'::regclass AND x.objid = k.conindid),
    'comment', obj_description(k.oid, 'pg_constraint')
  ) AS props,
  'relation' AS of, c.oid
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'c', 'f', 'x') AND n.oid IN (SELECT oid FROM scope) /* only relations: c.oid */
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
