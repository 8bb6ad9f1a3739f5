-- Schemas and extensions.
SELECT 'schema' AS kind, '' AS parent, quote_ident(n.nspname) AS name,
  jsonb_build_object('comment', nullif(obj_description(n.oid, 'pg_namespace'), CASE n.nspname WHEN 'public' THEN 'standard public schema' END)) AS props,
  '' AS of, 0 AS oid
FROM pg_namespace n WHERE n.oid IN (SELECT oid FROM scope) /* only others */
UNION ALL
SELECT 'extension', '', quote_ident(e.extname),
  jsonb_build_object('version', e.extversion, 'schema', (SELECT quote_ident(n.nspname) FROM pg_namespace n WHERE n.oid = e.extnamespace),
    'comment', obj_description(e.oid, 'pg_extension')),
  '', 0
FROM pg_extension e WHERE e.extname <> 'plpgsql' /* only others */
