-- What comes in and what goes out explain the whole change of the stock: an equality, never
-- adjusted.
select
    reference_month,
    unit,
    segment_type,
    segment,
    active_end - (active_start + inflow + segment_in - outflow - segment_out) as gap
from {{ ref('ind_monthly_flows') }}
where
    active_end is distinct from active_start + inflow + segment_in - outflow - segment_out
    or inflow is distinct from
    inflow_first_list + inflow_newly_identified + inflow_returned_from_housing
    + inflow_returned_from_inactive + inflow_returned_to_territory + inflow_returned_to_perimeter
    + inflow_household_formed
    or outflow is distinct from
    outflow_own_housing + outflow_supported_housing + outflow_inactive
    + outflow_left_territory + outflow_deceased + outflow_out_of_perimeter
    + outflow_household_dissolved
