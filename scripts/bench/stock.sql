-- Persons without a home at each month's end, in one query on the harmonised tables, for comparison only.
-- The same rules as the compiled layer; no flow, no segment, no household, no episode, no conflict counted.
with persons as (
    select records.record_id, records.person_id
    from vault.linked.lnk_person_records as records
    left join vault.linked.lnk_anonymous_records as anonymous on records.record_id = anonymous.record_id
    qualify bool_or(anonymous.record_id is null) over (partition by records.person_id)
),

situations as (
    select code, is_homeless, is_housed, is_ended, is_in_structure, is_by_night
    from vocabularies.voc_situation
),

stays as (
    select hrm_stays.*, persons.person_id
    from harmonised.hrm_stays
    inner join persons on hrm_stays.record_id = persons.record_id
    qualify row_number() over (
        partition by stay_id order by reference_month desc, received_at desc, stay_listing_id desc
    ) = 1
),

last_words as (
    select
        persons.person_id,
        max(contacts.contact_date) as contact_date,
        arg_max(situations.is_in_structure, row(contacts.contact_date, situations.is_in_structure))
            as is_in_structure
    from harmonised.hrm_contacts as contacts
    inner join persons on contacts.record_id = persons.record_id
    inner join situations on contacts.situation = situations.code
    where situations.is_homeless
    group by persons.person_id
),

placed as (
    select
        stays.*,
        case when stays.exit_date is null then least(
            min(stays.entry_date) over (
                partition by stays.person_id order by stays.entry_date
                range between interval 1 day following and unbounded following
            ),
            case
                when last_words.contact_date > stays.entry_date and not last_words.is_in_structure
                    then last_words.contact_date
            end
        ) end as moved_on_date
    from stays
    left join last_words on stays.person_id = last_words.person_id
),

heads as (
    select distinct persons.person_id
    from harmonised.hrm_records as records
    inner join persons on records.record_id = persons.record_id
    where records.household_role = 'head'
),

head_exits as (
    select
        placed.operator,
        placed.household_record_id,
        placed.structure,
        max(coalesce(placed.exit_date, placed.moved_on_date)) as exit_date,
        arg_max(
            placed.exit_destination,
            row(coalesce(placed.exit_date, placed.moved_on_date), placed.stay_id)
        ) as destination
    from placed
    inner join heads on placed.person_id = heads.person_id
    inner join vocabularies.voc_exit_reason as reasons on placed.exit_reason = reasons.code
    where placed.household_record_id is not null
    group by all
    having
        bool_and(coalesce(placed.exit_date, placed.moved_on_date) is not null)
        and arg_max(
            placed.exit_date is null or reasons.is_shared,
            row(coalesce(placed.exit_date, placed.moved_on_date), placed.stay_id)
        )
),

ended as (
    select
        placed.*,
        greatest(placed.entry_date, coalesce(placed.exit_date - 1, least(
            last_day(placed.reference_month),
            placed.moved_on_date - 1,
            case
                when head_exits.exit_date >= placed.entry_date then head_exits.exit_date - 1
            end,
            case
                when structures.closed_on > placed.entry_date then structures.closed_on - 1
            end,
            case when situations.is_by_night then placed.entry_date + 90 end
        ))) as covered_until,
        case
            when
                placed.exit_date is null and head_exits.exit_date = covered_until + 1
                and head_exits.exit_date is distinct from placed.moved_on_date
                then head_exits.destination
        end as followed_destination
    from placed
    inner join situations on placed.situation = situations.code
    left join reference.structures as structures
        on placed.operator = structures.operator and placed.structure = structures.structure
    left join head_exits
        on
            placed.operator = head_exits.operator
            and placed.household_record_id = head_exits.household_record_id
            and placed.structure is not distinct from head_exits.structure
),

latest_requests as (
    select * from harmonised.hrm_requests
    qualify row_number() over (
        partition by request_id order by reference_month desc, received_at desc, request_listing_id desc
    ) = 1
),

request_days as (
    select
        requests.*,
        unnest([
            requests.request_date, case when statuses.is_live then requests.updated_date end
        ]) as declared_date
    from harmonised.hrm_requests as requests
    left join vocabularies.voc_request_status as statuses on requests.status = statuses.code
),

declared as (
    select record_id, 'contact' as kind, contact_date as declared_date, situation
    from harmonised.hrm_contacts
    union all
    select record_id, 'request', declared_date, situation
    from request_days
    where situation != 'not_collected'
    qualify row_number() over (
        partition by request_id, declared_date
        order by reference_month desc, received_at desc, request_listing_id desc
    ) = 1
    union all
    select record_id, 'housing', status_date, 'own_housing' from latest_requests
    where status = 'rehoused'
    union all
    select
        record_id, 'exit', coalesce(exit_date, covered_until + 1),
        case
            when exit_reason in ('deceased', 'left_territory') then exit_reason
            when exit_date is null then coalesce(followed_destination, 'unknown')
            else exit_destination
        end as destination
    from ended
    where destination not in ('unknown', 'unmapped', 'not_collected')
),

stated as (
    select person_id, kind, declared_date as start_date, declared_date as end_date, situation
    from declared
    inner join persons on declared.record_id = persons.record_id
    where declared_date is not null
    union all
    select
        ended.person_id, if(situations.is_housed, 'housing', 'stay'), ended.entry_date, ended.covered_until,
        ended.situation
    from ended
    inner join situations on ended.situation = situations.code
),

known as (
    select
        stated.*,
        kinds.source_rank,
        stated.situation not in ('unknown', 'unmapped', 'not_collected') as is_known,
        if(is_known and not situations.is_ended, stated.situation, null) as lived
    from stated
    inner join vocabularies.voc_evidence_kind as kinds on stated.kind = kinds.code
    inner join situations on stated.situation = situations.code
),

carried as (
    select
        person_id, kind, start_date, end_date,
        if(is_known, situation, last_value(lived ignore nulls) over (
            partition by person_id order by start_date, is_known desc, source_rank desc, situation
            rows between unbounded preceding and current row
        )) as situation
    from known
),

evidence as (
    select
        carried.*,
        situations.* exclude (code),
        not (is_homeless or is_housed or is_ended)
        and situation not in ('unknown', 'unmapped', 'not_collected') as is_outside
    from carried
    inner join situations on carried.situation = situations.code
),

lived as (
    select * from evidence
    where kind in ('stay', 'housing')
),

-- What someone declares on a day covered by a stay of the other kind does not count.
kept as (
    select * from evidence
    where not (kind in ('contact', 'request') and (is_homeless or is_housed) and exists (
        select 1 from lived
        where
            lived.person_id = evidence.person_id
            and lived.start_date <= evidence.end_date
            and lived.end_date >= evidence.start_date
            and (lived.is_housed and evidence.is_homeless or lived.is_homeless and evidence.is_housed)
    ))
),

months as (
    select reference_month, month_end, is_opening from compiled.dim_months
),

monthly as (
    select
        kept.person_id,
        months.reference_month,
        max(least(kept.end_date, months.month_end)) filter (where is_homeless) as homeless_until,
        max(start_date) filter (where is_homeless) as homeless_start,
        max(start_date) filter (where is_housed) as housing_start,
        max(start_date) filter (where situation = 'left_territory') as left_date,
        max(least(kept.end_date, months.month_end)) filter (where is_outside) as outside_until,
        bool_or(situation = 'deceased') as is_dead
    from kept
    inner join months
        on
            kept.start_date <= months.month_end
            and (kept.end_date >= months.reference_month or months.is_opening)
    group by all
),

-- A person is known at each month's end by all that came before.
so_far as (
    select
        months.reference_month,
        months.month_end,
        months.is_opening,
        max(homeless_until) over so_far as homeless_until,
        max(homeless_start) over so_far as homeless_start,
        max(housing_start) over so_far as housing_start,
        max(left_date) over so_far as left_date,
        max(outside_until) over so_far as outside_until,
        max(is_dead) over so_far as is_dead
    from (select person_id, min(reference_month) as first_month from monthly group by all) as firsts
    inner join months on firsts.first_month <= months.reference_month
    left join monthly
        on firsts.person_id = monthly.person_id and months.reference_month = monthly.reference_month
    window so_far as (partition by firsts.person_id order by months.reference_month)
)

select
    reference_month,
    count(*) as active
from so_far
where
    not is_opening
    and not is_dead
    and homeless_start > coalesce(left_date, date '0001-01-01')
    and homeless_start > coalesce(housing_start, date '0001-01-01')
    and month_end - homeless_until <= 90
    and homeless_until >= coalesce(outside_until, homeless_until)
group by all
order by reference_month
