-- One row per month, unit and kind of inflow or outflow. The first list is no flow, and is left out.
select
    totals.reference_month,
    strftime(totals.reference_month, '%Y-%m') as month_code,
    totals.unit,
    kinds.direction,
    case kinds.direction when 'in' then 'Entrées' else 'Sorties' end as direction_label,
    kinds.code as kind,
    labels.label_fr as kind_label,
    labels.position,
    kinds.flow_count,
    kinds.flow_count_status
from read_parquet('data/ind_monthly_flows.parquet') as totals
cross join lateral (values
    ('in', 'newly_identified', totals.inflow_newly_identified, totals.inflow_newly_identified_status),
    ('in', 'returned_from_housing', totals.inflow_returned_from_housing, totals.inflow_returned_from_housing_status),
    ('in', 'returned_from_inactive', totals.inflow_returned_from_inactive, totals.inflow_returned_from_inactive_status),
    ('in', 'returned_to_territory', totals.inflow_returned_to_territory, totals.inflow_returned_to_territory_status),
    ('in', 'returned_to_perimeter', totals.inflow_returned_to_perimeter, totals.inflow_returned_to_perimeter_status),
    ('in', 'household_formed', totals.inflow_household_formed, totals.inflow_household_formed_status),
    ('out', 'own_housing', totals.outflow_own_housing, totals.outflow_own_housing_status),
    ('out', 'supported_housing', totals.outflow_supported_housing, totals.outflow_supported_housing_status),
    ('out', 'inactive', totals.outflow_inactive, totals.outflow_inactive_status),
    ('out', 'left_territory', totals.outflow_left_territory, totals.outflow_left_territory_status),
    ('out', 'deceased', totals.outflow_deceased, totals.outflow_deceased_status),
    ('out', 'out_of_perimeter', totals.outflow_out_of_perimeter, totals.outflow_out_of_perimeter_status),
    ('out', 'household_dissolved', totals.outflow_household_dissolved, totals.outflow_household_dissolved_status)
) as kinds (direction, code, flow_count, flow_count_status)
left join read_parquet('data/labels.parquet') as labels
    on labels.domain = kinds.direction || 'flow' and labels.code = kinds.code
where
    totals.segment_type = 'total'
    and not (totals.unit = 'person' and kinds.code in ('household_formed', 'household_dissolved'))
order by totals.reference_month, totals.unit, kinds.direction, labels.position
