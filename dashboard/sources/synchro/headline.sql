-- One row per month and unit: the figures at the top of the first page. The first month is the first list, not a flow.
select
    reference_month,
    strftime(reference_month, '%Y-%m') as month_code,
    unit,
    active_end,
    active_end_status,
    active_end - lag(active_end) over unit_months as active_change_1_month,
    active_end - lag(active_end, 12) over unit_months as active_change_12_months,
    case when inflow_first_list > 0 then null else inflow end as inflow,
    case when inflow_first_list > 0 then 'not_yet_known' else inflow_status end as inflow_status,
    case
        when coalesce(lag(inflow_first_list) over unit_months, 0) = 0 then inflow - lag(inflow) over unit_months
    end as inflow_change_1_month,
    outflow,
    outflow_status,
    outflow - lag(outflow) over unit_months as outflow_change_1_month,
    outflow_own_housing + outflow_supported_housing as housed,
    case
        when outflow_own_housing_status = 'shown' then outflow_supported_housing_status
        else outflow_own_housing_status
    end as housed_status
from read_parquet('data/ind_monthly_flows.parquet')
where segment_type = 'total'
window unit_months as (partition by unit order by reference_month)
order by reference_month, unit
