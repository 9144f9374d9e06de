with recursive person_records as (  -- noqa: PRS
    select
        person_records.record_id,
        person_records.person_id,
        min(records.first_received_at) as first_received_at
    from {{ ref('lnk_person_records') }} as person_records
    inner join {{ ref('lnk_records') }} as records on person_records.record_id = records.record_id
    group by person_records.record_id, person_records.person_id
),

overrides as (
    select * from {{ ref('lnk_overrides') }}
),

links as (
    select
        lnk_links.record_id_l,
        lnk_links.record_id_r,
        sides_l.person_id as person_id_l,
        sides_r.person_id as person_id_r,
        greatest(
            sides_l.first_received_at,
            sides_r.first_received_at,
            cast(overrides.decided_on as timestamp)
        ) as linked_at,
        lnk_links.is_pinned
    from {{ ref('lnk_links') }} as lnk_links
    inner join person_records as sides_l on lnk_links.record_id_l = sides_l.record_id
    inner join person_records as sides_r on lnk_links.record_id_r = sides_r.record_id
    left join overrides
        on
            lnk_links.record_id_l = overrides.record_id_l
            and lnk_links.record_id_r = overrides.record_id_r
            and lnk_links.is_pinned
),

sides as (
    select
        record_id_l as record_id,
        record_id_r as other_id,
        linked_at
    from links
    where person_id_l = person_id_r
    union all
    select
        record_id_r as record_id,
        record_id_l as other_id,
        linked_at
    from links
    where person_id_l = person_id_r
),

-- A chain of links holds from the day of its last link: the earliest such day, for each record and each
-- of those it is joined to.
joined (record_id, other_id, joined_at) using key (record_id, other_id) as (
    select
        record_id,
        record_id as other_id,
        first_received_at as joined_at
    from person_records
    where record_id != person_id
    union
    select
        joined.record_id,
        sides.other_id,
        min(greatest(joined.joined_at, sides.linked_at)) as joined_at
    from joined
    inner join sides on joined.other_id = sides.record_id
    left join recurring.joined as known
        on joined.record_id = known.record_id and sides.other_id = known.other_id
    where
        known.joined_at is null
        or greatest(joined.joined_at, sides.linked_at) < known.joined_at
    group by joined.record_id, sides.other_id
),

-- A record was a person of its own until it was joined to an earlier one.
absorptions as (
    select
        joined.record_id,
        min(joined.joined_at) as absorbed_at
    from joined
    inner join person_records on joined.record_id = person_records.record_id
    inner join person_records as others on joined.other_id = others.record_id
    where
        others.first_received_at < person_records.first_received_at
        or (
            others.first_received_at = person_records.first_received_at
            and others.record_id < person_records.record_id
        )
    group by joined.record_id
),

merges as (
    select
        person_records.record_id as former_person_id,
        person_records.person_id,
        'merged' as change,
        absorptions.absorbed_at as happened_at,
        'later_link' as reason
    from person_records
    inner join absorptions on person_records.record_id = absorptions.record_id
    where absorptions.absorbed_at > person_records.first_received_at
),

splits as (
    select
        greatest(links.person_id_l, links.person_id_r) as former_person_id,
        least(links.person_id_l, links.person_id_r) as person_id,
        'split' as change,
        max(links.linked_at) as happened_at,
        'contradiction' as reason
    from links
    where links.person_id_l != links.person_id_r
    group by all
)

select * from merges
union all
select * from splits
