select code as unit, label_fr as unit_label, position
from read_parquet('data/voc_unit.parquet')
order by position
