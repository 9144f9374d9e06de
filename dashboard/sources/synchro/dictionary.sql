select table_name, grain, column_name, term_fr, description
from read_parquet('data/dictionary.parquet')
order by table_name, column_name
