-- What the databases of a server share, beside roles.
SELECT 'tablespace' AS kind, '' AS parent, quote_ident(t.spcname) AS name,
  jsonb_build_object('owner', CASE WHEN t.spcowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user) THEN t.spcowner::regrole::text END,
    'location', nullif(pg_tablespace_location(t.oid), ''), 'options', array_to_string(t.spcoptions, ', '),
    'privileges', g.privileges, 'comment', shobj_description(t.oid, 'pg_tablespace')) AS props
FROM pg_tablespace t, LATERAL (SELECT nullif((SELECT string_agg(format('%s to %s', a.privilege_type || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END), ', ' ORDER BY a.grantee, a.privilege_type)
    FROM aclexplode(coalesce(t.spcacl, acldefault('t', t.spcowner))) a),
    (SELECT string_agg(format('%s to %s', a.privilege_type || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END), ', ' ORDER BY a.grantee, a.privilege_type)
    FROM aclexplode(acldefault('t', t.spcowner)) a)) AS privileges) g
UNION ALL
-- Databases of handrail come and go while a walk looks.
SELECT 'other database', '', quote_ident(d.datname),
  jsonb_build_object('owner', CASE WHEN d.datdba <> (SELECT oid FROM pg_roles WHERE rolname = current_user) THEN d.datdba::regrole::text END,
    'connection limit', nullif(d.datconnlimit, -1), 'privileges', g.privileges,
    'settings', (SELECT string_agg(coalesce(nullif(s.setrole, 0)::regrole::text || ': ', '') || array_to_string(s.setconfig, ', '), E'\n' ORDER BY s.setrole)
                 FROM pg_db_role_setting s WHERE s.setdatabase = d.oid),
    'comment', nullif(shobj_description(d.oid, 'pg_database'), ''))
FROM pg_database d, LATERAL (SELECT nullif((SELECT string_agg(format('%s to %s', a.privilege_type || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END), ', ' ORDER BY a.grantee, a.privilege_type)
    FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a),
    (SELECT string_agg(format('%s to %s', a.privilege_type || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END), ', ' ORDER BY a.grantee, a.privilege_type)
    FROM aclexplode(acldefault('d', d.datdba)) a)) AS privileges) g
WHERE d.datname !~ '^handrail'
UNION ALL
SELECT 'parameter', '', p.parname, jsonb_build_object('privileges', g.privileges)
FROM pg_parameter_acl p, LATERAL (SELECT nullif((SELECT string_agg(format('%s to %s', a.privilege_type || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END), ', ' ORDER BY a.grantee, a.privilege_type)
    FROM aclexplode(coalesce(p.paracl, acldefault('p', 10))) a),
    (SELECT string_agg(format('%s to %s', a.privilege_type || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END), ', ' ORDER BY a.grantee, a.privilege_type)
    FROM aclexplode(acldefault('p', 10)) a)) AS privileges) g
WHERE g.privileges IS NOT NULL
UNION ALL
SELECT 'replication origin', '', quote_ident(o.roname), '{}' FROM pg_replication_origin o
UNION ALL
SELECT 'replication slot', '', quote_ident(s.slot_name), jsonb_build_object('plugin', s.plugin) FROM pg_replication_slots s WHERE NOT s.temporary
UNION ALL
-- What ALTER SYSTEM has written.
SELECT 'server setting', '', f.name, jsonb_build_object('value', f.setting)
FROM pg_show_all_file_settings() f
WHERE f.sourcefile LIKE '%/postgresql.auto.conf'
