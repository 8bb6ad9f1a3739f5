-- Functions, procedures, window functions and aggregates, less the
-- constructors that come with a range type.
SELECT
  CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
  '' AS parent,
  format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS name,
  jsonb_build_object(
    '.id', 0,
    'definition', CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END,
    'aggregate', CASE WHEN p.prokind = 'a' THEN
        (SELECT (to_jsonb(g) - 'aggfnoid' - 'aggsortop' || jsonb_build_object('aggtranstype', format_type(g.aggtranstype, NULL),
             'aggmtranstype', format_type(nullif(g.aggmtranstype, 0), NULL), 'aggsortop', nullif(g.aggsortop, 0)::regoperator,
             'returns', pg_get_function_result(p.oid), 'parallel', p.proparallel))::text
           FROM pg_aggregate g WHERE g.aggfnoid = p.oid) END,
    'depends on extension', (SELECT x.extensions FROM extended x WHERE x.classid = 'pg_proc'::regclass AND x.objid = p.oid),
    'comment', obj_description(p.oid, 'pg_proc')
  ) AS props,
  'function' AS of, p.oid
FROM /* needs */ pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.oid IN (SELECT oid FROM scope) /* only functions: p.oid */
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
