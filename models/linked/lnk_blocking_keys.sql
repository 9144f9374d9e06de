{# Read once a build: as a table, its rows would cost more to keep than to make. #}
{{ config(materialized='view') }}

with records as not materialized (
    select
        *,
        case when birth_date_precision != 'year' then birth_date_token end as full_birth_date,
        -- The same whichever of two dates is right, and 0 where day and month are equal: no key.
        nullif(xor(birth_date_token, birth_date_swapped_token), 0) as swapped_dates,
        case
            when list_contains({{ var('operators_without_duplicates') }}, operator)
                then first_name_skeleton
        end as first_name_matched_once
    from {{ ref('lnk_records') }}
),

name_parts as (
    select
        spelling_number,
        record_number,
        first_name_fonem,
        last_name_part_tokens[1] as last_name_part,
        false as is_one_of_several
    from records
    where len(last_name_part_tokens) = 1
    union all
    select
        spelling_number,
        record_number,
        first_name_fonem,
        unnest(last_name_part_tokens) as last_name_part,
        true as is_one_of_several
    from records
    where len(last_name_part_tokens) > 1
),

names_of_birth_or_use as (
    select
        spelling_number,
        record_number,
        first_name_fonem,
        last_name_token as name_token,
        false as is_birth_name
    from records
    union all
    select
        spelling_number,
        record_number,
        first_name_fonem,
        birth_name_token as name_token,
        true as is_birth_name
    from records
    where birth_name_token is distinct from last_name_token
)

-- A rule is one key: two records that give the same one may be one person. The rules are loose and
-- overlap on purpose: what a pair is worth is decided by its comparison, not here. Some leave
-- something out, and count where one of the two records lacks it.
{{ blocking_rule('nur', ['nur_token']) }}
union all
{{ blocking_rule('agdref', ['agdref_token']) }}
union all
{{ blocking_rule('birth_date', ['full_birth_date']) }}
union all
{{ blocking_rule('last_name_and_swapped_date', ['last_name_skeleton', 'swapped_dates']) }}
union all
{{ blocking_rule('first_name_and_swapped_date', ['first_name_skeleton', 'swapped_dates']) }}
union all
{{ blocking_rule('last_name_and_day', ['last_name_skeleton', 'birth_month_day_token']) }}
union all
{{ blocking_rule('first_name_and_month', ['first_name_skeleton', 'birth_year_month_token']) }}
union all
{{ blocking_rule('first_name_and_year_day', ['first_name_skeleton', 'birth_year_day_token']) }}
union all
{{ blocking_rule('first_name_and_day', ['first_name_skeleton', 'birth_month_day_token']) }}
union all
{{ blocking_rule(
    'last_name_and_year', ['last_name_skeleton', 'birth_year'], lacks='full_birth_date is null'
) }}
union all
{{ blocking_rule(
    'first_name_and_year', ['first_name_skeleton', 'birth_year'], lacks='full_birth_date is null'
) }}
union all
-- Names alone tell where few bear them.
{{ blocking_rule(
    'sound_of_names', ['last_name_fonem', 'first_name_fonem'], most='max_namesakes'
) }}
union all
{{ blocking_rule(
    'consonants_of_names', ['last_name_skeleton', 'first_name_skeleton'], most='max_namesakes'
) }}
union all
{{ blocking_rule('names_in_any_order', ['names_token'], most='max_namesakes') }}
union all
{{ blocking_rule(
    'part_of_last_name', ['last_name_part', 'first_name_fonem'],
    lacks='is_one_of_several', most='max_namesakes', relation='name_parts'
) }}
union all
{{ blocking_rule(
    'birth_or_used_name', ['name_token', 'first_name_fonem'],
    lacks='is_birth_name', most='max_namesakes', relation='names_of_birth_or_use'
) }}
union all
-- Where a record has one match at most, so little is enough to see that no other comes near.
{{ blocking_rule(
    'last_name', ['last_name_skeleton'],
    lacks='birth_date_token is null or first_name_matched_once is not null'
) }}
union all
{{ blocking_rule('first_name', ['first_name_matched_once']) }}
union all
{{ blocking_rule(
    'household', ['household_number'], lacks='full_birth_date is null or last_name_token is null'
) }}
