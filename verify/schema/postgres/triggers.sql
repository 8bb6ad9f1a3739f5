-- Triggers, with the one thing that their definition does not say: when they fire.
SELECT
  'trigger' AS kind,
  format('%I.%I', n.nspname, c.relname) AS parent,
  t.tgname::text AS name,
  jsonb_build_object(
    'definition', pg_get_triggerdef(t.oid),
    'enabled', CASE t.tgenabled WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' WHEN 'D' THEN 'no' END,
    'depends on extension', (SELECT x.extensions FROM extended x WHERE x.classid = 'pg_trigger'::regclass AND x.objid = t.oid),
    'comment', obj_description(t.oid, 'pg_trigger')
  ) AS props,
  'relation' AS of, c.oid
FROM /* needs */ pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND n.oid IN (SELECT oid FROM scope) /* only relations: c.oid */
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
