select operator, label_fr as operator_label, family_fr as family_label
from read_parquet('data/operators.parquet')
where operator in (select operator from read_parquet('data/dq_scorecard.parquet'))
order by family_fr, label_fr
