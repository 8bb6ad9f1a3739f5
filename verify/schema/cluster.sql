-- What the databases of a server share, beside roles.
SELECT 'tablespace' AS kind, '' AS parent, quote_ident(t.spcname) AS name,
  jsonb_build_object('owner', CASE WHEN t.spcowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user) THEN t.spcowner::regrole::text END,
    'location', nullif(pg_tablespace_location(t.oid), ''), 'options', array_to_string(t.spcoptions, ', '),
    'privileges', array_to_string(t.spcacl, ', '), 'comment', shobj_description(t.oid, 'pg_tablespace')) AS props
FROM pg_tablespace t WHERE t.spcname !~ '^pg_' OR t.spcacl IS NOT NULL OR t.spcoptions IS NOT NULL
UNION ALL
-- Databases of handrail come and go while a walk looks.
SELECT 'other database', '', quote_ident(d.datname),
  jsonb_build_object('owner', CASE WHEN d.datdba <> (SELECT oid FROM pg_roles WHERE rolname = current_user) THEN d.datdba::regrole::text END,
    'connection limit', nullif(d.datconnlimit, -1), 'privileges', array_to_string(d.datacl, ', '),
    'settings', (SELECT string_agg(coalesce(nullif(s.setrole, 0)::regrole::text || ': ', '') || array_to_string(s.setconfig, ', '), E'\n' ORDER BY s.setrole)
                 FROM pg_db_role_setting s WHERE s.setdatabase = d.oid),
    'comment', nullif(shobj_description(d.oid, 'pg_database'), ''))
FROM pg_database d WHERE d.datname !~ '^handrail'
UNION ALL
-- What ALTER SYSTEM has written.
SELECT 'server setting', '', f.name, jsonb_build_object('value', f.setting)
FROM pg_show_all_file_settings() f
WHERE f.sourcefile LIKE '%/postgresql.auto.conf'
