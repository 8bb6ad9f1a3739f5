-- Casts, operators, operator families and classes, conversions, languages,
-- transforms, access methods.
SELECT 'cast' AS kind, '' AS parent, format('%s as %s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS name,
  jsonb_build_object(
    'function', CASE c.castmethod WHEN 'f' THEN c.castfunc::regprocedure::text WHEN 'i' THEN 'input and output' WHEN 'b' THEN 'none, binary coercible' END,
    'context', CASE c.castcontext WHEN 'a' THEN 'assignment' WHEN 'i' THEN 'implicit' END,
    'comment', obj_description(c.oid, 'pg_cast')) AS props,
  '' AS of, 0 AS oid
FROM /* needs */ pg_cast c WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_cast'::regclass AND m.objid = c.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i') /* only others */
UNION ALL
SELECT 'operator', '', format('%I.%s(%s, %s)', n.nspname, o.oprname, CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END, format_type(o.oprright, NULL)),
  jsonb_build_object('function', nullif(o.oprcode::oid, 0)::regprocedure::text,
    'commutator', nullif(o.oprcom, 0)::regoperator::text, 'negator', nullif(o.oprnegate, 0)::regoperator::text,
    'restrict', nullif(o.oprrest::oid, 0)::regproc::text, 'join', nullif(o.oprjoin::oid, 0)::regproc::text,
    'options', nullif(concat_ws(', ', CASE WHEN o.oprcanhash THEN 'hashes' END, CASE WHEN o.oprcanmerge THEN 'merges' END), ''),
    'comment', obj_description(o.oid, 'pg_operator')),
  '', 0
FROM /* needs */ pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE n.oid IN (SELECT oid FROM scope)
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_operator'::regclass AND m.objid = o.oid) /* only others */
UNION ALL
SELECT 'operator family', '', format('%I.%I using %I', n.nspname, f.opfname, a.amname),
  jsonb_build_object(
    'operators', (SELECT string_agg(format('%s %s', o.amopstrategy, o.amopopr::regoperator)
                    || CASE WHEN o.amopsortfamily <> 0 THEN ' FOR ORDER BY ' || (SELECT format('%I', s.opfname) FROM pg_opfamily s WHERE s.oid = o.amopsortfamily) ELSE '' END,
                    E'\n' ORDER BY o.amoplefttype::regtype::text, o.amoprighttype::regtype::text, o.amopstrategy)
                  FROM pg_amop o WHERE o.amopfamily = f.oid),
    'functions', (SELECT string_agg(format('%s (%s, %s) %s', p.amprocnum, p.amproclefttype::regtype, p.amprocrighttype::regtype, p.amproc::regprocedure),
                    E'\n' ORDER BY p.amproclefttype::regtype::text, p.amprocrighttype::regtype::text, p.amprocnum)
                  FROM pg_amproc p WHERE p.amprocfamily = f.oid),
    'comment', obj_description(f.oid, 'pg_opfamily')),
  '', 0
FROM /* needs */ pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am a ON a.oid = f.opfmethod
WHERE n.oid IN (SELECT oid FROM scope)
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_opfamily'::regclass AND m.objid = f.oid) /* only others */
UNION ALL
SELECT 'operator class', '', format('%I.%I using %I', n.nspname, c.opcname, a.amname),
  jsonb_build_object('type', format_type(c.opcintype, NULL), 'default', CASE WHEN c.opcdefault THEN 'yes' END,
    'storage', CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END,
    'family', (SELECT format('%I.%I', fn.nspname, f.opfname) FROM pg_opfamily f JOIN pg_namespace fn ON fn.oid = f.opfnamespace WHERE f.oid = c.opcfamily),
    'comment', obj_description(c.oid, 'pg_opclass')),
  '', 0
FROM /* needs */ pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace JOIN pg_am a ON a.oid = c.opcmethod
WHERE n.oid IN (SELECT oid FROM scope)
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_opclass'::regclass AND m.objid = c.oid) /* only others */
UNION ALL
SELECT 'conversion', '', format('%I.%I', n.nspname, c.conname),
  jsonb_build_object('from', pg_encoding_to_char(c.conforencoding), 'to', pg_encoding_to_char(c.contoencoding),
    'function', c.conproc::text, 'default', CASE WHEN c.condefault THEN 'yes' END, 'comment', obj_description(c.oid, 'pg_conversion')),
  '', 0
FROM /* needs */ pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE n.oid IN (SELECT oid FROM scope)
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_conversion'::regclass AND m.objid = c.oid) /* only others */
UNION ALL
SELECT 'language', '', quote_ident(l.lanname),
  jsonb_build_object('trusted', CASE WHEN l.lanpltrusted THEN 'yes' END, 'handler', nullif(l.lanplcallfoid, 0)::regproc::text,
    'inline', nullif(l.laninline, 0)::regproc::text, 'validator', nullif(l.lanvalidator, 0)::regproc::text, 'comment', obj_description(l.oid, 'pg_language')),
  '', 0
FROM pg_language l WHERE l.lanispl
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_language'::regclass AND m.objid = l.oid) /* only others */
UNION ALL
SELECT 'transform', '', format('for %s language %I', format_type(t.trftype, NULL), l.lanname),
  jsonb_build_object('from sql', nullif(t.trffromsql::oid, 0)::regprocedure::text, 'to sql', nullif(t.trftosql::oid, 0)::regprocedure::text,
    'comment', obj_description(t.oid, 'pg_transform')),
  '', 0
FROM /* needs */ pg_transform t JOIN pg_language l ON l.oid = t.trflang
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_transform'::regclass AND m.objid = t.oid) /* only others */
UNION ALL
SELECT 'access method', '', quote_ident(a.amname),
  jsonb_build_object('type', CASE a.amtype WHEN 'i' THEN 'index' ELSE 'table' END, 'handler', a.amhandler::text, 'comment', obj_description(a.oid, 'pg_am')),
  '', 0
FROM pg_am a WHERE a.oid >= 16384
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_am'::regclass AND m.objid = a.oid) /* only others */
