-- What the databases of a server share, a row an object; $1 matches the names of databases that are left out, with
-- what hangs on them. Each column of a catalogue is compared, less its privileges, which have a form of their own here,
-- and what VACUUM writes. xmin is 0 where nobody may read it.
WITH db AS (SELECT oid, datname FROM pg_database WHERE datname !~ $1),
acl AS (
  SELECT classid, objid, string_agg(concat_ws(' ', replace(privilege, ' ', '_'), grantable, grantee), E'\n' ORDER BY privilege, grantee, grantable) AS privileges
  FROM (
    SELECT o.classid, o.objid, a.privilege_type AS privilege, bool_or(a.is_grantable)::text AS grantable,
      CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
    FROM (
      SELECT 'pg_database'::regclass AS classid, oid AS objid, coalesce(datacl, acldefault('d', datdba)) AS acl FROM pg_database
      UNION ALL SELECT 'pg_tablespace'::regclass, oid, coalesce(spcacl, acldefault('t', spcowner)) FROM pg_tablespace
      UNION ALL SELECT 'pg_parameter_acl'::regclass, oid, paracl FROM pg_parameter_acl
    ) o, aclexplode(o.acl) a WHERE o.classid <> 'pg_parameter_acl'::regclass OR a.grantee <> 10 GROUP BY 1, 2, 3, 5) x
  GROUP BY classid, objid)
SELECT 'database' AS kind, quote_ident(d.datname) AS name, d.oid::text AS key, d.xmin::text AS xmin, '' AS database, '' AS role,
  to_jsonb(d) - '{oid,datname,datacl,datfrozenxid,datminmxid,datdba,dattablespace}'::text[]
  || jsonb_build_object('name', quote_ident(d.datname), 'owner', d.datdba::regrole::text, 'privileges', acl.privileges,
       'tablespace', (SELECT quote_ident(spcname) FROM pg_tablespace t WHERE t.oid = d.dattablespace)) AS facts
FROM pg_database d LEFT JOIN acl ON acl.classid = 'pg_database'::regclass AND acl.objid = d.oid WHERE d.oid IN (SELECT oid FROM db)
UNION ALL
SELECT 'role', quote_ident(r.rolname), r.oid::text, /*role xmin*/r.xmin::text, '', quote_ident(r.rolname),
  to_jsonb(r) - '{oid,rolname,rolconfig,rolpassword}'::text[]
  || jsonb_build_object('name', quote_ident(r.rolname), 'rolpassword', md5(r.rolpassword))
FROM /*roles*/pg_authid r WHERE r.rolname !~ '^(pg_|handrail_walk_)'
UNION ALL
SELECT 'membership', format('of %I in %I', m.rolname, g.rolname), concat_ws(' ', a.member, a.roleid, a.grantor), a.xmin::text, '', quote_ident(m.rolname),
  to_jsonb(a) - '{oid,roleid,member,grantor}'::text[]
  || jsonb_build_object('member', quote_ident(m.rolname), 'role', quote_ident(g.rolname), 'grantor', a.grantor::regrole::text)
FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
UNION ALL
SELECT 'settings', 'of ' || coalesce(nullif(concat_ws(' in ', CASE WHEN s.setrole <> 0 THEN 'role ' || s.setrole::regrole::text END,
    CASE WHEN s.setdatabase <> 0 THEN 'database ' || quote_ident(db.datname) END), ''), 'all roles'),
  concat_ws(' ', s.setdatabase, s.setrole), s.xmin::text, '', CASE WHEN s.setrole <> 0 THEN s.setrole::regrole::text ELSE '' END,
  jsonb_build_object('settings', (SELECT string_agg(c, E'\n' ORDER BY c) FROM unnest(s.setconfig) c),
    'role', CASE WHEN s.setrole <> 0 THEN s.setrole::regrole::text END, 'database', quote_ident(db.datname))
FROM pg_db_role_setting s LEFT JOIN db ON db.oid = s.setdatabase WHERE s.setdatabase = 0 OR db.oid IS NOT NULL
UNION ALL
SELECT 'tablespace', quote_ident(t.spcname), t.oid::text, t.xmin::text, '', '',
  jsonb_build_object('name', quote_ident(t.spcname), 'owner', t.spcowner::regrole::text, 'options', array_to_string(t.spcoptions, ', '), 'privileges', acl.privileges)
FROM pg_tablespace t LEFT JOIN acl ON acl.classid = 'pg_tablespace'::regclass AND acl.objid = t.oid
UNION ALL
SELECT 'parameter', quote_ident(p.parname), quote_ident(p.parname), p.xmin::text, '', '', jsonb_build_object('privileges', acl.privileges)
FROM pg_parameter_acl p LEFT JOIN acl ON acl.classid = 'pg_parameter_acl'::regclass AND acl.objid = p.oid
UNION ALL
SELECT 'comment', 'on ' || CASE c.classoid WHEN 'pg_database'::regclass THEN 'database ' || quote_ident(db.datname)
    WHEN 'pg_authid'::regclass THEN 'role ' || quote_ident(r.rolname) ELSE 'tablespace ' || quote_ident(t.spcname) END,
  concat_ws(' ', c.classoid, c.objoid), c.xmin::text, '', coalesce(quote_ident(r.rolname), ''), jsonb_build_object('comment', c.description)
FROM pg_shdescription c LEFT JOIN db ON c.classoid = 'pg_database'::regclass AND db.oid = c.objoid
  LEFT JOIN pg_roles r ON c.classoid = 'pg_authid'::regclass AND r.oid = c.objoid
  LEFT JOIN pg_tablespace t ON c.classoid = 'pg_tablespace'::regclass AND t.oid = c.objoid
WHERE coalesce(db.oid, r.oid, t.oid) IS NOT NULL AND coalesce(r.rolname, '') !~ '^handrail_walk_'
UNION ALL
SELECT 'security label', format('%I on ', l.provider) || CASE l.classoid WHEN 'pg_database'::regclass THEN 'database ' || quote_ident(db.datname)
    WHEN 'pg_authid'::regclass THEN 'role ' || quote_ident(r.rolname) ELSE 'tablespace ' || quote_ident(t.spcname) END,
  concat_ws(' ', l.classoid, l.objoid, l.provider), l.xmin::text, '', coalesce(quote_ident(r.rolname), ''), jsonb_build_object('label', l.label)
FROM pg_shseclabel l LEFT JOIN db ON l.classoid = 'pg_database'::regclass AND db.oid = l.objoid
  LEFT JOIN pg_roles r ON l.classoid = 'pg_authid'::regclass AND r.oid = l.objoid
  LEFT JOIN pg_tablespace t ON l.classoid = 'pg_tablespace'::regclass AND t.oid = l.objoid
WHERE coalesce(db.oid, r.oid, t.oid) IS NOT NULL
UNION ALL
SELECT 'replication origin', quote_literal(o.roname), o.roname, o.xmin::text, '', '', '{}'::jsonb FROM pg_replication_origin o
UNION ALL
SELECT 'replication slot', quote_literal(s.slot_name), s.slot_name, '0', coalesce(s.database, ''), '',
  jsonb_build_object('plugin', quote_literal(s.plugin))
FROM pg_replication_slots s WHERE NOT s.temporary
UNION ALL
SELECT 'subscription', quote_ident(s.subname), s.oid::text, '0', d.datname, '',
  jsonb_build_object('owner', s.subowner::regrole::text, 'enabled', s.subenabled::text)
FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
UNION ALL
SELECT 'prepared transaction', quote_literal(p.gid), p.gid, p.transaction::text, p.database, '', '{}'::jsonb FROM pg_prepared_xacts p
UNION ALL
SELECT 'snapshot', pg_current_snapshot()::text, '', '0', '', '', '{}'::jsonb
