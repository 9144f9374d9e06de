with unit_segments as (
    select * from {{ ref('fct_unit_month_segments') }}
    where is_active
),

flows as (
    select * from {{ ref('ind_monthly_flows') }}
),

medians as (
    select * from {{ ref('ind_survival_medians') }}
    where duration_kind = 'without_home'
),

elapsed as (
    select
        reference_month,
        unit,
        segment_type,
        segment,
        {% for months in [6, 12, 24] %}
            count(*) filter (
                where since_date + interval {{ months }} month <= last_day(reference_month)
            ) as over_{{ months }}_months_count,
        {% endfor %}
        count(since_date) as known_count,
        sum(last_day(reference_month) + 1 - since_date) as elapsed_days
    from unit_segments
    group by reference_month, unit, segment_type, segment
)

select
    flows.reference_month,
    flows.unit,
    flows.segment_type,
    flows.segment,
    flows.active_end as active_count,
    cast(coalesce(elapsed.known_count, 0) as integer) as known_count,
    cast(coalesce(elapsed.elapsed_days, 0) as integer) as elapsed_days,
    round(elapsed.elapsed_days / nullif(elapsed.known_count, 0), 1) as mean_elapsed_days,
    {% for months in [6, 12, 24] -%}
        cast(
            coalesce(elapsed.over_{{ months }}_months_count, 0) as integer
        ) as over_{{ months }}_months_count,
        round(
            elapsed.over_{{ months }}_months_count / nullif(elapsed.known_count, 0), 4
        ) as over_{{ months }}_months_share,
    {% endfor -%}
    cast(coalesce(medians.spell_count, 0) as integer) as spell_count,
    cast(coalesce(medians.event_count, 0) as integer) as event_count,
    medians.median_days,
    medians.median_low_days,
    medians.median_high_days
from flows
left join elapsed
    on
        flows.reference_month = elapsed.reference_month
        and flows.unit = elapsed.unit
        and flows.segment_type = elapsed.segment_type
        and flows.segment = elapsed.segment
left join medians
    on
        flows.reference_month = medians.reference_month
        and flows.unit = medians.unit
        and flows.segment_type = medians.segment_type
        and flows.segment = medians.segment
