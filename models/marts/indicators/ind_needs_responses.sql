{%- set horizon_months = 12 -%}
with needs as (
    select * from {{ ref('ind_needs_by_segment') }}
    where segment_type = 'total'
),

places as (
    select * from {{ ref('fct_need_places') }}
),

months as (
    select * from {{ ref('dim_months') }}
    where not is_opening
),

-- The list's first month shows who was there, not who came: it has no pace.
paced as (
    select
        months.reference_month,
        needs.* exclude (needs.reference_month),
        places.* exclude (places.reference_month, places.need),
        case when not months.is_first then needs.answered_as_needed end as answered,
        case when not months.is_first then needs.new_requests end as arrived,
        case when not months.is_first then places.openings end as opened
    from needs
    inner join months on needs.reference_month = months.reference_month
    left join places
        on
            needs.reference_month = places.reference_month
            and needs.need = places.need
),

-- A pace of so many months is known once so many were seen.
paces as (
    select
        *,
        {% for months_seen in [3, 12] -%}
            case
                when count(answered) over last_{{ months_seen }} = {{ months_seen }}
                    then avg(answered) over last_{{ months_seen }}
            end as pace_{{ months_seen }}_months,
        {% endfor -%}
        case
            when count(arrived) over last_12 = 12 then avg(arrived) over last_12
        end as new_per_month,
        case
            when count(opened) over last_12 = 12
                then avg(opened) over last_12 * {{ horizon_months }}
        end as openings_expected
    from paced
    window
        last_3 as (
            partition by need order by reference_month rows between 2 preceding and current row
        ),
        last_12 as (
            partition by need order by reference_month rows between 11 preceding and current row
        )
)

select
    reference_month,
    need,
    waiting,
    waiting_without_home,
    persons_waiting,
    denominator,
    waiting_share,
    new_requests,
    answered_as_needed,
    answered_otherwise,
    refused,
    closed,
    median_wait_days,
    places,
    places_occupied,
    places_vacant,
    occupancy,
    openings,
    openings_expected,
    waiting - openings_expected as gap,
    pace_3_months,
    pace_12_months,
    waiting / nullif(pace_3_months, 0) as months_to_absorb_at_3_months_pace,
    waiting / nullif(pace_12_months, 0) as months_to_absorb_at_12_months_pace,
    waiting / {{ horizon_months }} as pace_to_absorb_in_12_months,
    waiting / {{ horizon_months }} + new_per_month as pace_to_absorb_in_12_months_with_new
from paces
