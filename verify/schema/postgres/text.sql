-- Collations and text search.
SELECT 'collation' AS kind, '' AS parent, format('%I.%I', n.nspname, c.collname) AS name,
  jsonb_build_object(
    'provider', CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE c.collprovider::text END,
    'locale', coalesce(c.collcollate, to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale'),
    'ctype', CASE WHEN c.collctype <> c.collcollate THEN c.collctype END,
    'deterministic', CASE WHEN NOT c.collisdeterministic THEN 'no' END,
    'rules', to_jsonb(c) ->> 'collicurules',
    'comment', obj_description(c.oid, 'pg_collation')) AS props,
  '' AS of, 0 AS oid
FROM /* needs */ pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE n.oid IN (SELECT oid FROM scope)
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_collation'::regclass AND m.objid = c.oid) /* only others */
UNION ALL
SELECT 'text search parser', '', format('%I.%I', n.nspname, p.prsname),
  jsonb_build_object('start', p.prsstart::text, 'token', p.prstoken::text, 'end', p.prsend::text, 'headline', nullif(p.prsheadline::oid, 0)::regproc::text,
    'types', p.prslextype::text, 'comment', obj_description(p.oid, 'pg_ts_parser')),
  '', 0
FROM /* needs */ pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE n.oid IN (SELECT oid FROM scope)
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_parser'::regclass AND m.objid = p.oid) /* only others */
UNION ALL
SELECT 'text search template', '', format('%I.%I', n.nspname, t.tmplname),
  jsonb_build_object('init', nullif(t.tmplinit::oid, 0)::regproc::text, 'lexize', t.tmpllexize::text, 'comment', obj_description(t.oid, 'pg_ts_template')),
  '', 0
FROM /* needs */ pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE n.oid IN (SELECT oid FROM scope)
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_template'::regclass AND m.objid = t.oid) /* only others */
UNION ALL
SELECT 'text search dictionary', '', format('%I.%I', n.nspname, d.dictname),
  jsonb_build_object('options', d.dictinitoption, 'comment', obj_description(d.oid, 'pg_ts_dict'))
  || jsonb_build_object('template', (SELECT format('%I.%I', tn.nspname, t.tmplname) FROM pg_ts_template t JOIN pg_namespace tn ON tn.oid = t.tmplnamespace WHERE t.oid = d.dicttemplate)),
  '', 0
FROM /* needs */ pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
WHERE n.oid IN (SELECT oid FROM scope)
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_dict'::regclass AND m.objid = d.oid) /* only others */
UNION ALL
SELECT 'text search configuration', '', format('%I.%I', n.nspname, c.cfgname),
  jsonb_build_object(
    'parser', (SELECT format('%I.%I', pn.nspname, p.prsname) FROM pg_ts_parser p JOIN pg_namespace pn ON pn.oid = p.prsnamespace WHERE p.oid = c.cfgparser),
    'mappings', (SELECT string_agg(format('%s: %s', t.alias, m.dicts), E'\n' ORDER BY t.alias)
                 FROM (SELECT maptokentype, string_agg(mapdict::regdictionary::text, ', ' ORDER BY mapseqno) AS dicts
                         FROM pg_ts_config_map WHERE mapcfg = c.oid GROUP BY maptokentype) m
                 JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype),
    'comment', obj_description(c.oid, 'pg_ts_config')),
  '', 0
FROM /* needs */ pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace
WHERE n.oid IN (SELECT oid FROM scope)
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_config'::regclass AND m.objid = c.oid) /* only others */
UNION ALL
SELECT 'statistics object', s.stxrelid::regclass::text, format('%I.%I', n.nspname, s.stxname),
  jsonb_build_object('definition', pg_get_statisticsobjdef(s.oid), 'target', nullif(s.stxstattarget::int, -1), 'comment', obj_description(s.oid, 'pg_statistic_ext')),
  'relation', s.stxrelid
FROM /* needs */ pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE n.oid IN (SELECT oid FROM scope) /* only relations: s.stxrelid */
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_statistic_ext'::regclass AND m.objid = s.oid)
