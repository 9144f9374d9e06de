select table_name, grain, column_name, term_fr, description
from read_parquet('data/dictionary.parquet')
order by term_fr is null, strip_accents(lower(term_fr)), table_name, column_name
