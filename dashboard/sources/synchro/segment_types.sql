-- The axes of the monthly flows, in the order they are read, with the units that each exists for.
select distinct
    flows.unit,
    flows.segment_type,
    labels.label_fr as segment_type_label,
    labels.position
from read_parquet('data/ind_monthly_flows.parquet') as flows
left join read_parquet('data/labels.parquet') as labels
    on labels.domain = 'segment_type' and labels.code = flows.segment_type
where flows.segment_type <> 'total'
order by labels.position
