{% macro birth_date_levels() -%}
    {%- set years_apart = 'abs(records_l.birth_year - records_r.birth_year)' -%}
    {{ return([
        ('missing', 'records_l.birth_date_token is null or records_r.birth_date_token is null'),
        ('year_only', "(records_l.birth_date_precision = 'year' or records_r.birth_date_precision = 'year')"
            ~ ' and records_l.birth_year = records_r.birth_year'),
        ('exact', 'records_l.birth_date_token = records_r.birth_date_token'),
        ('swapped', 'records_l.birth_date_swapped_token = records_r.birth_date_token'
            ~ ' or records_l.birth_date_token = records_r.birth_date_swapped_token'),
        ('year_and_month', 'records_l.birth_year_month_token = records_r.birth_year_month_token'),
        ('year_and_day', 'records_l.birth_year_day_token = records_r.birth_year_day_token'),
        ('day_and_month_year_near', 'records_l.birth_month_day_token = records_r.birth_month_day_token'
            ~ ' and (' ~ years_apart ~ ' = 1 or ' ~ years_apart ~ ' % 10 = 0)'),
        ('day_and_month', 'records_l.birth_month_day_token = records_r.birth_month_day_token'),
        ('different_confirmed', 'records_l.is_identity_confirmed and records_r.is_identity_confirmed'),
        ('year', 'records_l.birth_year = records_r.birth_year'),
        ('different', 'true'),
    ]) }}
{%- endmacro %}
