-- Roles, less the predefined ones, and who is a member of what. Passwords are not compared: each is stored with a
-- salt of its own, and only a superuser may look.
SELECT 'role' AS kind, '' AS parent, quote_ident(r.rolname) AS name,
  jsonb_build_object(
    'attributes', nullif(concat_ws(', ', CASE WHEN r.rolsuper THEN 'superuser' END, CASE WHEN r.rolcanlogin THEN 'login' END,
      CASE WHEN r.rolcreatedb THEN 'createdb' END, CASE WHEN r.rolcreaterole THEN 'createrole' END, CASE WHEN NOT r.rolinherit THEN 'noinherit' END,
      CASE WHEN r.rolreplication THEN 'replication' END, CASE WHEN r.rolbypassrls THEN 'bypassrls' END), ''),
    'connection limit', nullif(r.rolconnlimit, -1), 'valid until', extract(epoch FROM r.rolvaliduntil)::text,
    'settings', array_to_string(r.rolconfig, E'\n'), 'comment', shobj_description(r.oid, 'pg_authid')) AS props
FROM pg_roles r WHERE r.rolname !~ '^pg_' AND coalesce(r.rolname = ANY ($1::text[]), true)
UNION ALL
SELECT 'membership', quote_ident(m.rolname), format('in %I', g.rolname),
  jsonb_build_object('admin', CASE WHEN bool_or(a.admin_option) THEN 'yes' END,
    'options', string_agg(DISTINCT nullif(concat_ws(', ',
      CASE WHEN (to_jsonb(a) ->> 'inherit_option')::boolean <> m.rolinherit THEN 'inherit ' || (to_jsonb(a) ->> 'inherit_option') END,
      CASE WHEN to_jsonb(a) ->> 'set_option' = 'false' THEN 'set false' END), ''), '; '))
FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
WHERE (m.rolname !~ '^pg_' OR g.rolname !~ '^pg_')
  AND coalesce(m.rolname = ANY ($1::text[]) OR g.rolname = ANY ($1::text[]), true)
GROUP BY m.rolname, g.rolname
