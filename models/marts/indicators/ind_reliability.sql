with months as (
    select * from {{ ref('dim_months') }}
    where not is_opening
),

published as (
    select
        reference_month,
        unit,
        min(known_until) as known_until,
        max(figure) filter (where indicator = 'active_end') as active_end,
        max(figure) filter (where indicator = 'inflow') as inflow,
        max(figure) filter (where indicator = 'outflow') as outflow
    from {{ ref('ind_first_publications') }}
    where segment_type = 'total'
    group by reference_month, unit
),

deliveries as (
    select
        reference_month,
        count(*) as expected_count,
        count(*) filter (where status = 'accepted') as delivered_count
    from {{ ref('dq_deliveries') }}
    group by reference_month
),

words as (
    select
        reference_month,
        sum(value_count) as value_count,
        sum(unmapped_count) as unmapped_count
    from {{ ref('dq_mapping_coverage') }}
    group by reference_month
),

units as (
    select * from {{ ref('voc_unit') }}
),

measured as (
    select
        months.reference_month,
        units.code as unit,
        previous.active_end as active_start_published,
        published.inflow as inflow_published,
        published.outflow as outflow_published,
        published.active_end as active_end_published,
        -- Two months first published together cannot disagree: that tells nothing.
        case
            when previous.known_until < published.known_until
                then
                    previous.active_end + published.inflow - published.outflow
                    - published.active_end
        end as gap,
        deliveries.expected_count,
        deliveries.delivered_count,
        words.value_count,
        words.unmapped_count
    from months
    cross join units
    inner join deliveries on months.reference_month = deliveries.reference_month
    left join words on months.reference_month = words.reference_month
    left join published
        on months.reference_month = published.reference_month and units.code = published.unit
    left join published as previous
        on
            months.reference_month - interval 1 month = previous.reference_month
            and units.code = previous.unit
),

judged as (
    select
        *,
        round(abs(gap) / nullif(active_end_published, 0), 4) as gap_share,
        case
            when count(gap) over three_months = 3
                then max(abs(gap) / nullif(active_end_published, 0)) over three_months
        end as max_gap_share,
        count(*) over three_months as month_count,
        sum(expected_count) over three_months as expected_3_months,
        sum(delivered_count) over three_months as delivered_3_months,
        sum(value_count) over three_months as value_3_months,
        sum(unmapped_count) over three_months as unmapped_3_months
    from measured
    window three_months as (
        partition by unit order by reference_month rows between 2 preceding and current row
    )
)

select
    reference_month,
    unit,
    active_start_published,
    inflow_published,
    outflow_published,
    active_end_published,
    gap,
    gap_share,
    round(max_gap_share, 4) as max_gap_share,
    max_gap_share <= 0.15 as is_balanced,
    case
        when max_gap_share is not null then 'known'
        when active_start_published is null or active_end_published is null then 'not_published'
        when gap is null then 'published_together'
        else 'under_three_months'
    end as balance_status,
    cast(expected_3_months as integer) as expected_3_months,
    cast(delivered_3_months as integer) as delivered_3_months,
    case when month_count = 3 then delivered_3_months = expected_3_months end as is_delivered,
    cast(value_3_months as bigint) as value_3_months,
    cast(unmapped_3_months as bigint) as unmapped_3_months,
    round(unmapped_3_months / nullif(value_3_months, 0), 4) as unmapped_share,
    -- Under 2 %, in whole numbers.
    case when month_count = 3 then 50 * unmapped_3_months < value_3_months end as is_translated,
    is_balanced and is_delivered and is_translated as is_reliable
from judged
