-- Numbered: the possible years below are half a million rows, to be sorted by a short key.
with changes as (
    select
        *,
        dense_rank() over (order by scenario, unit, segment_type, segment) as series_number
    from {{ ref('ind_scenario_changes') }}
),

series as (
    select
        series_number,
        scenario,
        unit,
        segment_type,
        segment,
        any_value(scenario_label_fr) as scenario_label_fr,
        max(reference_month) as last_month,
        count(*) as observed_months,
        avg(net_change) as mean_change
    from changes
    group by series_number, scenario, unit, segment_type, segment
),

stocks as (
    select
        series.*,
        flows.active_end
    from series
    inner join {{ ref('ind_monthly_flows') }} as flows
        on
            series.last_month = flows.reference_month
            and series.unit = flows.unit
            and series.segment_type = flows.segment_type
            and series.segment = flows.segment
),

horizons as (
    select unnest(generate_series(1, 12)) as horizon_months
),

years as (
    select unnest(generate_series(1, 500)) as year_number
),

lengths as (
    select unnest(generate_series(1, 6)) as observed_months
),

-- Possible years: each of their months is drawn among the last six, by a digest and not by chance.
drawn_months as (
    select
        lengths.observed_months,
        years.year_number,
        horizons.horizon_months,
        md5_number_lower(concat_ws('-', years.year_number, horizons.horizon_months))
        % lengths.observed_months + 1 as month_number
    from horizons
    cross join years
    cross join lengths
),

drawn_stocks as (
    select
        stocks.series_number,
        drawn_months.year_number,
        drawn_months.horizon_months,
        stocks.active_end + sum(changes.net_change) over (
            partition by stocks.series_number, drawn_months.year_number
            order by drawn_months.horizon_months
        ) as free_stock
    from stocks
    inner join drawn_months on stocks.observed_months = drawn_months.observed_months
    inner join changes
        on
            stocks.series_number = changes.series_number
            and drawn_months.month_number = changes.month_number
),

-- A stock does not go below zero: what would have left an empty list is given back.
held_stocks as (
    select
        *,
        free_stock - least(0, min(free_stock) over (
            partition by series_number, year_number
            order by horizon_months
        )) as stock
    from drawn_stocks
),

intervals as (
    select
        series_number,
        horizon_months,
        quantile_cont(stock, 0.05) as stock_low,
        quantile_cont(stock, 0.95) as stock_high
    from held_stocks
    group by series_number, horizon_months
)

select
    stocks.scenario,
    stocks.scenario_label_fr,
    stocks.unit,
    stocks.segment_type,
    stocks.segment,
    cast(intervals.horizon_months as integer) as horizon_months,
    cast(stocks.last_month + to_months(cast(intervals.horizon_months as integer)) as date)
        as reference_month,
    cast(stocks.observed_months as integer) as observed_months,
    stocks.active_end as active_now,
    round(stocks.mean_change, 4) as mean_change,
    round(greatest(0, stocks.active_end + intervals.horizon_months * stocks.mean_change), 2)
        as expected_stock,
    round(intervals.stock_low, 2) as stock_low,
    round(intervals.stock_high, 2) as stock_high
from stocks
inner join intervals on stocks.series_number = intervals.series_number
