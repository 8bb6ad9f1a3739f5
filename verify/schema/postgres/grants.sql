-- Who owns an object where it is not the current role, and privileges where
-- they are not those that the owner's objects have by default. A privilege list
-- that was changed and changed back counts as never touched. All that there are
-- on an object is ALL: Postgres 17 has one more for tables than 16.
SELECT 'privileges' AS kind, o.parent, o.name,
  jsonb_build_object(
    'owner', CASE WHEN o.owner <> o.usual_owner THEN o.owner::regrole::text END
  ) || coalesce((
    SELECT jsonb_object_agg('to ' || g.grantee, g.list)
    FROM (SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END AS grantee,
                 CASE WHEN bool_or(x.is_grantable OR x.grantor <> o.owner) OR count(*) <> o.all_there_are
                   THEN string_agg(x.privilege_type || CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
                     || CASE WHEN x.grantor <> o.owner THEN ' GRANTED BY ' || x.grantor::regrole::text ELSE '' END, ', '
                     ORDER BY x.privilege_type, x.grantor)
                   ELSE 'ALL' END AS list
          FROM aclexplode(o.acl) x GROUP BY x.grantee) g
    WHERE o.changed), '{}')
  || CASE WHEN o.changed AND cardinality(o.acl) = 0 THEN '{"to nobody": "not even to the owner"}'::jsonb ELSE '{}' END AS props,
  o.of, CASE o.of WHEN '' THEN 0 ELSE o.objid END AS oid
FROM (
  SELECT a.*, (SELECT count(*) FROM aclexplode(acldefault(a.type, a.owner)) x WHERE x.grantee = a.owner) AS all_there_are,
    coalesce(u.owner, (SELECT oid FROM pg_roles WHERE rolname = current_user)) AS usual_owner,
    EXISTS (SELECT grantor, grantee, privilege_type, is_grantable FROM aclexplode(coalesce(a.acl, acldefault(a.type, a.owner)))
            EXCEPT SELECT grantor, grantee, privilege_type, is_grantable FROM aclexplode(coalesce(u.acl, acldefault(a.type, a.owner))))
    OR EXISTS (SELECT grantor, grantee, privilege_type, is_grantable FROM aclexplode(coalesce(u.acl, acldefault(a.type, a.owner)))
            EXCEPT SELECT grantor, grantee, privilege_type, is_grantable FROM aclexplode(coalesce(a.acl, acldefault(a.type, a.owner)))) AS changed
  FROM ( -- each of
    SELECT 'relation', 'pg_class'::regclass, c.oid, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relacl, c.relowner,
           format('%I.%I', n.nspname, c.relname),
           (CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END)
             || format(' %I.%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.oid IN (SELECT oid FROM scope) /* only relations: c.oid */
    UNION ALL
    SELECT 'relation', 'pg_class'::regclass, c.oid, 'c'::"char", t.attacl, c.relowner, format('%I.%I', n.nspname, c.relname), format('column %I.%I.%I', n.nspname, c.relname, t.attname)
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.attacl IS NOT NULL AND NOT t.attisdropped AND n.oid IN (SELECT oid FROM scope) /* only relations: c.oid */
    UNION ALL
    SELECT 'function', 'pg_proc'::regclass, p.oid, 'f'::"char", p.proacl, p.proowner, format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
           format('function %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
    FROM /* needs */ pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.oid IN (SELECT oid FROM scope) /* only functions: p.oid */
    UNION ALL
    SELECT 'type', 'pg_type'::regclass, t.oid, 'T'::"char", t.typacl, t.typowner, format('%I.%I', n.nspname, t.typname), format('type %I.%I', n.nspname, t.typname)
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE n.oid IN (SELECT oid FROM scope) AND t.typelem = 0 /* only types: t.oid */
      AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
    UNION ALL
    SELECT '', 'pg_namespace'::regclass, n.oid, 'n'::"char", n.nspacl, n.nspowner, quote_ident(n.nspname), format('schema %I', n.nspname)
    FROM pg_namespace n WHERE n.oid IN (SELECT oid FROM scope) /* only others */
    UNION ALL
    SELECT '', 'pg_language'::regclass, l.oid, 'l'::"char", l.lanacl, l.lanowner, quote_ident(l.lanname), format('language %I', l.lanname)
    FROM pg_language l WHERE l.lanispl AND l.lanname <> 'plpgsql' /* only others */
    UNION ALL
    SELECT '', 'pg_foreign_data_wrapper'::regclass, f.oid, 'F'::"char", f.fdwacl, f.fdwowner, quote_ident(f.fdwname), format('foreign data wrapper %I', f.fdwname)
    FROM /* needs */ pg_foreign_data_wrapper f WHERE true /* only others */
    UNION ALL
    SELECT '', 'pg_foreign_server'::regclass, s.oid, 'S'::"char", s.srvacl, s.srvowner, quote_ident(s.srvname), format('server %I', s.srvname)
    FROM /* needs */ pg_foreign_server s WHERE true /* only others */
    UNION ALL
    SELECT '', 'pg_largeobject_metadata'::regclass, m.oid, 'L'::"char", m.lomacl, m.lomowner, m.oid::text, format('large object %s', m.oid)
    FROM /* needs */ pg_largeobject_metadata m WHERE true /* only others */
    UNION ALL
    SELECT '', 'pg_database'::regclass, d.oid, 'd'::"char", d.datacl, d.datdba, 'database', 'database'
    FROM pg_database d WHERE d.datname = current_database() /* only others */
  ) a (of, classid, objid, type, acl, owner, parent, name)
  LEFT JOIN ( -- The schema public has an owner and privileges from the start.
    SELECT 'schema public' AS name, 'pg_database_owner'::regrole::oid AS owner, '{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}'::aclitem[] AS acl
  ) u ON u.name = a.name
  WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = a.classid AND m.objid = a.objid)
) o
WHERE o.changed OR o.owner <> o.usual_owner
UNION ALL
SELECT 'default privileges', '', concat_ws(' ', 'of ' || d.defaclrole::regrole::text, 'in schema ' || (SELECT quote_ident(n.nspname) FROM pg_namespace n WHERE n.oid = d.defaclnamespace),
    'on ' || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE d.defaclobjtype::text END),
  (SELECT jsonb_object_agg('to ' || g.grantee, g.list)
   FROM (SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END AS grantee,
                CASE WHEN bool_or(x.is_grantable) OR count(*) <> (SELECT count(*) FROM aclexplode(acldefault(d.type, d.defaclrole)) y WHERE y.grantee = d.defaclrole)
                  THEN string_agg(x.privilege_type || CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', ' ORDER BY x.privilege_type)
                  ELSE 'ALL' END AS list
         FROM aclexplode(d.defaclacl) x GROUP BY x.grantee) g),
  '', 0
FROM (SELECT *, CASE defaclobjtype WHEN 'S' THEN 's' ELSE defaclobjtype END AS type FROM /* needs */ pg_default_acl) d
WHERE d.defaclacl IS DISTINCT FROM CASE WHEN d.defaclnamespace = 0 THEN acldefault(d.type, d.defaclrole) ELSE '{}' END /* only others */
