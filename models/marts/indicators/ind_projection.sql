with changes as (
    select * from {{ ref('ind_scenario_changes') }}
),

flows as (
    select * from {{ ref('ind_monthly_flows') }}
),

observed as (
    select
        scenario,
        unit,
        segment_type,
        segment,
        any_value(scenario_label_fr) as scenario_label_fr,
        max(reference_month) as last_month,
        count(*) as observed_months,
        avg(net_change) as mean_change
    from changes
    group by scenario, unit, segment_type, segment
),

stocks as (
    select
        observed.*,
        flows.active_end
    from observed
    inner join flows
        on
            observed.last_month = flows.reference_month
            and observed.unit = flows.unit
            and observed.segment_type = flows.segment_type
            and observed.segment = flows.segment
),

horizons as (
    select unnest(generate_series(1, 12)) as horizon_months
),

years as (
    select unnest(generate_series(1, 500)) as year_number
),

-- Possible years: each of their months is drawn among the last six, by a digest and not by chance.
drawn_months as (
    select
        years.year_number,
        horizons.horizon_months,
        md5_number_lower(concat_ws('-', years.year_number, horizons.horizon_months)) as draw
    from horizons
    cross join years
),

drawn_stocks as (
    select
        stocks.*,
        drawn_months.year_number,
        drawn_months.horizon_months,
        stocks.active_end + sum(changes.net_change) over (
            partition by
                stocks.scenario, stocks.unit, stocks.segment_type, stocks.segment,
                drawn_months.year_number
            order by drawn_months.horizon_months
        ) as free_stock
    from stocks
    cross join drawn_months
    inner join changes
        on
            stocks.scenario = changes.scenario
            and stocks.unit = changes.unit
            and stocks.segment_type = changes.segment_type
            and stocks.segment = changes.segment
            and drawn_months.draw % stocks.observed_months + 1 = changes.month_number
),

-- A stock does not go below zero: what would have left an empty list is given back.
held_stocks as (
    select
        *,
        free_stock - least(0, min(free_stock) over (
            partition by scenario, unit, segment_type, segment, year_number
            order by horizon_months
        )) as stock
    from drawn_stocks
),

intervals as (
    select
        scenario,
        scenario_label_fr,
        unit,
        segment_type,
        segment,
        last_month,
        horizon_months,
        observed_months,
        active_end,
        mean_change,
        quantile_cont(stock, 0.05) as stock_low,
        quantile_cont(stock, 0.95) as stock_high
    from held_stocks
    group by all
)

select
    scenario,
    scenario_label_fr,
    unit,
    segment_type,
    segment,
    cast(horizon_months as integer) as horizon_months,
    cast(last_month + to_months(cast(horizon_months as integer)) as date) as reference_month,
    cast(observed_months as integer) as observed_months,
    active_end as active_now,
    round(mean_change, 4) as mean_change,
    round(greatest(0, active_end + horizon_months * mean_change), 2) as expected_stock,
    round(stock_low, 2) as stock_low,
    round(stock_high, 2) as stock_high
from intervals
