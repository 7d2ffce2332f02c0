-- How two revisions of a run differ, counted once: the worker does it for a revision and the one before it, who asks for another pair does it for
-- that. Revisions do not change, so this does not either; what is removed is counted anew when it is asked for.
create table assay.revision_differences (
  to_revision_id   uuid not null references assay.revisions on delete cascade,
  from_revision_id uuid not null references assay.revisions on delete cascade,
  project_id       uuid not null references assay.projects on delete cascade,
  run_id           uuid not null references assay.runs on delete cascade,
  counts           jsonb not null, -- ChangeCounts of shared/types/revision.ts
  created_at       timestamptz not null default now(),
  primary key (to_revision_id, from_revision_id),
  constraint revision_differences_of_two check (to_revision_id <> from_revision_id)
);
create index revision_differences_from_revision_id_idx on assay.revision_differences (from_revision_id);
create index revision_differences_project_id_idx on assay.revision_differences (project_id);
create index revision_differences_run_id_idx on assay.revision_differences (run_id, created_at);

-- Which samples differ, by their later rank, and how: some thousand samples a row, so that a page reads one or a few of them.
create table assay.revision_difference_ranks (
  to_revision_id   uuid not null,
  from_revision_id uuid not null,
  project_id       uuid not null references assay.projects on delete cascade,
  last_rank        int not null check (last_rank > 0),
  changes          int not null, -- whichever occur among the samples: 1 newly flagged, 2 no longer, 4 issue types, 8 suggestion, 16 probability, 32 rank
  ranks            int[] not null, -- ascending
  changes_of_rank  smallint[] not null, -- of each of them
  primary key (to_revision_id, from_revision_id, last_rank),
  foreign key (to_revision_id, from_revision_id) references assay.revision_differences on delete cascade
);
create index revision_difference_ranks_project_id_idx on assay.revision_difference_ranks (project_id);

do $$
declare
  v_table text;
begin
  foreach v_table in array array['revision_differences', 'revision_difference_ranks'] loop
    execute format('alter table assay.%I enable row level security', v_table);
    execute format('grant select on assay.%I to authenticated', v_table);
    execute format('grant select, insert, update, delete on assay.%I to assay_worker', v_table);
    execute format(
      'create policy %I on assay.%I for select to authenticated using (coalesce(
         project_id = any (array(select assay.project_ids()))
         and from_revision_id in (select id from assay.revisions where published_at is not null)
         and to_revision_id in (select id from assay.revisions where published_at is not null), false))',
      v_table || '_select_member', v_table);
    execute format(
      'create policy %I on assay.%I for all to assay_worker using (true) with check (true)',
      v_table || '_all_worker', v_table);
  end loop;
end $$;

-- Counts how two revisions differ, and keeps it, once; at most 32 pairs of a run are kept, the newest. A million samples take some 3 s of a core
-- and up to 6 MB; a page of what is kept takes 10 ms, and took 4 s while each counted for itself.
create function assay.keep_difference(p_from uuid, p_to uuid) returns void
language plpgsql set search_path = '' set work_mem = '32MB'
set enable_nestloop = off -- of two revisions newer than the table's statistics one row each is expected: 12,000 took 129 s, and take .2 s
as $$
declare
  v_run uuid;
  v_project uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended(p_from || ' ' || p_to, 0));
  if exists (select from assay.revision_differences d where d.from_revision_id = p_from and d.to_revision_id = p_to) then
    return;
  end if;
  select t.run_id, t.project_id into strict v_run, v_project
  from assay.revisions t join assay.revisions f on f.run_id = t.run_id
  where t.id = p_to and f.id = p_from;

  insert into assay.revision_differences (to_revision_id, from_revision_id, project_id, run_id, counts)
  values (p_to, p_from, v_project, v_run, '{}');
  with both_say as materialized (
    select x.rank,
      case when y.issue_types = '{}' and x.issue_types <> '{}' then 1 else 0 end
      | case when y.issue_types <> '{}' and x.issue_types = '{}' then 2 else 0 end
      | case when y.issue_types <> x.issue_types then 4 else 0 end
      | case when y.suggested_label is distinct from x.suggested_label then 8 else 0 end
      | case when y.mislabeled_probability is distinct from x.mislabeled_probability then 16 else 0 end
      | case when y.rank <> x.rank then 32 else 0 end as changes,
      case when y.issue_types <> x.issue_types then y.issue_types end as types_before,
      case when y.issue_types <> x.issue_types then x.issue_types end as types_after
    from assay.sample_results x
    join assay.sample_results y on y.revision_id = p_from and y.split = x.split and y.sample_key = x.sample_key
    where x.revision_id = p_to
  ), kept as (
    insert into assay.revision_difference_ranks (to_revision_id, from_revision_id, project_id, last_rank, changes, ranks, changes_of_rank)
    select p_to, p_from, v_project, max(c.rank), bit_or(c.changes), array_agg(c.rank order by c.rank), array_agg(c.changes::smallint order by c.rank)
    from both_say c
    where c.changes <> 0
    group by (c.rank - 1) / 1024
  ), types as (
    select t.issue_type, count(*) filter (where t.is_after)::int as added, count(*) filter (where not t.is_after)::int as removed
    from both_say c cross join lateral (
      select u.issue_type, true as is_after from unnest(c.types_after) as u (issue_type)
      where u.issue_type <> all (c.types_before)
      union all
      select u.issue_type, false from unnest(c.types_before) as u (issue_type)
      where u.issue_type <> all (c.types_after)
    ) t
    where c.changes & 4 <> 0
    group by t.issue_type
  )
  update assay.revision_differences d set counts = jsonb_build_object(
    'n_compared', n.n_compared, 'newly_flagged', n.newly_flagged, 'no_longer_flagged', n.no_longer_flagged, 'issue_types', n.issue_types,
    'suggestion', n.suggestion, 'probability', n.probability, 'rank', n.rank,
    'by_issue_type', coalesce((
      select jsonb_object_agg(t.issue_type, jsonb_build_object('added', t.added, 'removed', t.removed)) from types t
    ), '{}'))
  from (
    select count(*) as n_compared, count(*) filter (where c.changes & 1 <> 0) as newly_flagged,
      count(*) filter (where c.changes & 2 <> 0) as no_longer_flagged, count(*) filter (where c.changes & 4 <> 0) as issue_types,
      count(*) filter (where c.changes & 8 <> 0) as suggestion, count(*) filter (where c.changes & 16 <> 0) as probability,
      count(*) filter (where c.changes & 32 <> 0) as rank
    from both_say c
  ) n
  where d.to_revision_id = p_to and d.from_revision_id = p_from;

  delete from assay.revision_differences d
  where d.run_id = v_run and (d.to_revision_id, d.from_revision_id) in (
    select o.to_revision_id, o.from_revision_id from assay.revision_differences o
    where o.run_id = v_run order by o.created_at desc offset 32
  );
end
$$;

-- The same for who sees both revisions; to anybody else it does nothing.
create function assay.compare_revisions(p_from uuid, p_to uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if 2 = (
    select count(*) from assay.revisions v
    where v.id in (p_from, p_to) and v.published_at is not null
      and v.project_id = any (array(select assay.project_ids()))
      and v.run_id <> all (array(select assay.deleted_ids('runs')))
  ) then
    perform assay.keep_difference(p_from, p_to);
  end if;
end
$$;

revoke all on function assay.keep_difference(uuid, uuid), assay.compare_revisions(uuid, uuid) from public;
grant execute on function assay.keep_difference(uuid, uuid) to assay_worker;
grant execute on function assay.compare_revisions(uuid, uuid) to authenticated;
