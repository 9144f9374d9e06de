with person_records as (  -- noqa: PRS
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
        sides_l.first_received_at as received_at_l,
        sides_r.first_received_at as received_at_r,
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
        linked_at,
        received_at_r < received_at_l
        or (received_at_r = received_at_l and record_id_r < record_id_l) as is_to_earlier
    from links
    where person_id_l = person_id_r
    union all
    select
        record_id_r as record_id,
        linked_at,
        received_at_l < received_at_r
        or (received_at_l = received_at_r and record_id_l < record_id_r) as is_to_earlier
    from links
    where person_id_l = person_id_r
),

-- A record was a person of its own until a link to an earlier record was there; where there is none,
-- until a later record brought the two together.
first_links as (
    select
        record_id,
        coalesce(min(linked_at) filter (where is_to_earlier), min(linked_at)) as linked_at
    from sides
    group by record_id
),

merges as (
    select
        person_records.record_id as former_person_id,
        person_records.person_id,
        'merged' as change,
        first_links.linked_at as happened_at,
        'later_link' as reason
    from person_records
    inner join first_links on person_records.record_id = first_links.record_id
    where
        person_records.record_id != person_records.person_id
        and first_links.linked_at > person_records.first_received_at
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
