-- What stands between a statement and its table: rules, policies, event triggers.
SELECT 'rule' AS kind, format('%I.%I', n.nspname, c.relname) AS parent, r.rulename::text AS name,
  jsonb_build_object('definition', pg_get_ruledef(r.oid),
    'enabled', CASE r.ev_enabled WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' WHEN 'D' THEN 'no' END,
    'comment', obj_description(r.oid, 'pg_rewrite')) AS props,
  'relation' AS of, c.oid
FROM /* needs */ pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.oid IN (SELECT oid FROM scope) /* only relations: c.oid */ AND NOT (r.rulename = '_RETURN' AND c.relkind IN ('v', 'm'))
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
UNION ALL
SELECT 'policy', format('%I.%I', n.nspname, c.relname), p.polname::text,
  jsonb_build_object(
    'kind', CASE WHEN NOT p.polpermissive THEN 'restrictive' END,
    'command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' END,
    'roles', CASE WHEN p.polroles <> '{0}' THEN (SELECT string_agg(r::regrole::text, ', ' ORDER BY r::regrole::text) FROM unnest(p.polroles) r) END,
    'using', pg_get_expr(p.polqual, p.polrelid),
    'with check', pg_get_expr(p.polwithcheck, p.polrelid),
    'comment', obj_description(p.oid, 'pg_policy')),
  'relation', c.oid
FROM /* needs */ pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.oid IN (SELECT oid FROM scope) /* only relations: c.oid */
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
UNION ALL
SELECT 'event trigger', '', quote_ident(e.evtname),
  jsonb_build_object('event', e.evtevent, 'function', e.evtfoid::regprocedure::text,
    'tags', array_to_string(e.evttags, ', '),
    'enabled', CASE e.evtenabled WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' WHEN 'D' THEN 'no' END,
    'comment', obj_description(e.oid, 'pg_event_trigger')),
  '', 0
FROM /* needs */ pg_event_trigger e
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_event_trigger'::regclass AND m.objid = e.oid) /* only others */
