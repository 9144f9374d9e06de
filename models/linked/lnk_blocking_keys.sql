with records as (
    select * from {{ ref('lnk_records') }}
),

-- A rule is one key: two records that give the same one may be one person. `||` keeps nulls, so
-- that a missing part gives no key and missing values never meet. `xor` is the same whichever of
-- two dates is the right one, and 0 where day and month are equal: nothing to exchange, and no key.
keys as (
    {{ blocking_rule('nur_birth_date', ['nur_token', 'birth_date_token']) }}
    union all
    {{ blocking_rule('nur_first_name', ['nur_token', 'first_name_fonem']) }}
    union all
    {{ blocking_rule('agdref', ['agdref_token']) }}
    union all
    {{ blocking_rule(
        'names_birth_date', ['last_name_token', 'first_name_token', 'birth_date_token']
    ) }}
    union all
    {{ blocking_rule('names_in_any_order', ['names_token', 'birth_date_token']) }}
    union all
    {{ blocking_rule('french_sound', ['last_name_fonem', 'first_name_fonem', 'birth_date_token']) }}
    union all
    {{ blocking_rule(
        'consonants', ['last_name_skeleton', 'first_name_skeleton', 'birth_date_token']
    ) }}
    union all
    {{ blocking_rule(
        'part_of_last_name', ['unnest(last_name_part_tokens)', 'first_name_fonem', 'birth_date_token']
    ) }}
    union all
    {{ blocking_rule(
        'birth_or_used_name',
        ['unnest([last_name_token, birth_name_token])', 'first_name_token', 'birth_date_token']
    ) }}
    union all
    {{ blocking_rule(
        'birth_year_and_month',
        ['last_name_skeleton', 'first_name_skeleton', 'birth_year_month_token']
    ) }}
    union all
    {{ blocking_rule(
        'birth_year_and_day', ['last_name_skeleton', 'first_name_skeleton', 'birth_year_day_token']
    ) }}
    union all
    {{ blocking_rule(
        'birth_day_and_month', ['last_name_skeleton', 'first_name_skeleton', 'birth_month_day_token']
    ) }}
    union all
    {{ blocking_rule(
        'day_and_month_swapped',
        [
            'last_name_skeleton', 'first_name_skeleton',
            'nullif(xor(birth_date_token, birth_date_swapped_token), 0)',
        ]
    ) }}
    union all
    {{ blocking_rule(
        'birth_year_only_last_name',
        ['last_name_skeleton', 'birth_year', 'sex'],
        "birth_date_precision = 'year'"
    ) }}
    union all
    {{ blocking_rule(
        'birth_year_only_first_name',
        ['case when last_name_token is not null then first_name_skeleton end', 'birth_year', 'sex'],
        "birth_date_precision = 'year'"
    ) }}
    union all
    {{ blocking_rule(
        'names_without_birth_date',
        ['last_name_skeleton', 'first_name_skeleton', 'sex'],
        'birth_date_token is null'
    ) }}
    union all
    {{ blocking_rule(
        'first_name_without_last_name',
        ['first_name_fonem', 'birth_year_month_token', 'birth_date_token', 'sex'],
        'last_name_token is null'
    ) }}
    union all
    {{ blocking_rule('names_alike', ['birth_year_month_token', 'birth_date_token', 'sex']) }}
    union all
    {{ blocking_rule('last_name_alike', ['last_name_skeleton', 'birth_date_token']) }}
    union all
    {{ blocking_rule(
        'first_name_alike',
        ['case when last_name_token is not null then first_name_skeleton end', 'birth_date_token']
    ) }}
    union all
    {{ blocking_rule(
        'household_first_name', ['household_record_id', 'first_name_fonem', 'birth_year']
    ) }}
    union all
    {{ blocking_rule(
        'household_without_birth_date',
        ['household_record_id', 'first_name_fonem', 'sex'],
        'birth_date_token is null'
    ) }}
    union all
    {{ blocking_rule('household_birth_date', ['household_record_id', 'birth_date_token', 'sex']) }}
)

select
    record_id,
    blocking_rule,
    blocking_key,
    -- Some rules leave out a name or a date: they count where one of the two does not have it.
    bool_or(knows_no_more) as knows_no_more
from keys
where blocking_key is not null
group by record_id, blocking_rule, blocking_key
