-- What reaches out of the database: foreign data, publications, subscriptions.
-- Option values of user mappings may be passwords: only a hash of them is kept.
SELECT 'foreign data wrapper' AS kind, '' AS parent, quote_ident(f.fdwname) AS name,
  jsonb_build_object('handler', nullif(f.fdwhandler, 0)::regproc::text, 'validator', nullif(f.fdwvalidator, 0)::regproc::text,
    'options', array_to_string(f.fdwoptions, ', '), 'comment', obj_description(f.oid, 'pg_foreign_data_wrapper')) AS props,
  '' AS of, 0 AS oid
FROM /* needs */ pg_foreign_data_wrapper f
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_foreign_data_wrapper'::regclass AND m.objid = f.oid) /* only others */
UNION ALL
SELECT 'foreign server', '', quote_ident(s.srvname),
  jsonb_build_object('wrapper', (SELECT quote_ident(f.fdwname) FROM pg_foreign_data_wrapper f WHERE f.oid = s.srvfdw), 'type', s.srvtype, 'version', s.srvversion,
    'options', array_to_string(s.srvoptions, ', '), 'comment', obj_description(s.oid, 'pg_foreign_server')),
  '', 0
FROM /* needs */ pg_foreign_server s
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_foreign_server'::regclass AND m.objid = s.oid) /* only others */
UNION ALL
SELECT 'user mapping', quote_ident(u.srvname), format('for %s', CASE u.umuser WHEN 0 THEN 'PUBLIC' ELSE u.umuser::regrole::text END),
  jsonb_build_object('options', (SELECT string_agg(split_part(o, '=', 1) || '=' || left(encode(sha256(convert_to(o, 'UTF8')), 'hex'), 12), ', ' ORDER BY o) FROM unnest(u.umoptions) o)),
  '', 0
FROM pg_user_mappings u WHERE true /* only others */
UNION ALL
SELECT 'foreign table options', format('%I.%I', n.nspname, c.relname), 'foreign table options',
  jsonb_build_object('server', (SELECT quote_ident(s.srvname) FROM pg_foreign_server s WHERE s.oid = t.ftserver),
    'options', nullif(array_to_string(t.ftoptions, ', '), ''),
    'column options', (SELECT string_agg(quote_ident(a.attname) || ': ' || array_to_string(a.attfdwoptions, ', '), E'\n' ORDER BY a.attnum)
                       FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attfdwoptions IS NOT NULL AND NOT a.attisdropped)),
  'relation', c.oid
FROM /* needs */ pg_foreign_table t JOIN pg_class c ON c.oid = t.ftrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.oid IN (SELECT oid FROM scope) /* only relations: c.oid */
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
UNION ALL
SELECT 'publication', '', quote_ident(p.pubname),
  jsonb_build_object(
    'publish', concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
    'all tables', CASE WHEN p.puballtables THEN 'yes' END,
    'via root', CASE WHEN p.pubviaroot THEN 'yes' END,
    'generated columns', nullif(to_jsonb(p) ->> 'pubgencols', 'n'),
    'tables', (SELECT string_agg(r.prrelid::regclass::text
                 || coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])) || ')', '')
                 || coalesce(' WHERE ' || pg_get_expr(r.prqual, r.prrelid), ''), E'\n' ORDER BY r.prrelid::regclass::text)
               FROM pg_publication_rel r WHERE r.prpubid = p.oid),
    'schemas', (SELECT string_agg(s.pnnspid::regnamespace::text, ', ' ORDER BY s.pnnspid::regnamespace::text) FROM pg_publication_namespace s WHERE s.pnpubid = p.oid),
    'comment', obj_description(p.oid, 'pg_publication')),
  '', 0
FROM /* needs */ pg_publication p WHERE true /* only others */
UNION ALL
SELECT 'database settings', '', format('for role %s', CASE s.setrole WHEN 0 THEN 'ALL' ELSE s.setrole::regrole::text END),
  (SELECT jsonb_object_agg(split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)) FROM unnest(s.setconfig) c),
  '', 0
FROM pg_db_role_setting s WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) /* only others */
UNION ALL
SELECT 'security label', '', l.objtype || ' ' || l.objname, jsonb_build_object(l.provider, l.label),
  '', 0
FROM pg_seclabels l WHERE l.objtype NOT IN ('role', 'tablespace', 'database') /* only others */
UNION ALL
SELECT 'large object', '', m.oid::text, jsonb_build_object('comment', obj_description(m.oid, 'pg_largeobject')),
  '', 0
FROM /* needs */ pg_largeobject_metadata m WHERE true /* only others */
