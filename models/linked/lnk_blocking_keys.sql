with records as (
    select
        *,
        case when birth_date_precision != 'year' then birth_date_token end as full_birth_date,
        -- The same whichever of two dates is right, and 0 where day and month are equal: no key.
        nullif(xor(birth_date_token, birth_date_swapped_token), 0) as swapped_dates,
        list_contains({{ var('operators_without_duplicates') }}, operator) as is_matched_once
    from {{ ref('lnk_records') }}
),

-- A rule is one key: two records that give the same one may be one person. The rules are loose and
-- overlap on purpose: what a pair is worth is decided by its comparison, not here.
keys as (
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
        'part_of_last_name', ['last_name_part_tokens[1]', 'first_name_fonem'], most='max_namesakes'
    ) }}
    union all
    {{ blocking_rule(
        'part_of_last_name', ['unnest(last_name_part_tokens[2:])', 'first_name_fonem'],
        most='max_namesakes', where='len(last_name_part_tokens) > 1'
    ) }}
    union all
    {{ blocking_rule(
        'birth_or_used_name', ['last_name_token', 'first_name_fonem'], most='max_namesakes'
    ) }}
    union all
    {{ blocking_rule(
        'birth_or_used_name', ['birth_name_token', 'first_name_fonem'],
        most='max_namesakes', where='birth_name_token is distinct from last_name_token'
    ) }}
    union all
    {{ blocking_rule(
        'last_name_and_year', ['last_name_skeleton', 'birth_year'], 'full_birth_date is null'
    ) }}
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
        'first_name_and_year', ['first_name_skeleton', 'birth_year'], 'full_birth_date is null'
    ) }}
    union all
    -- Where a record has one match at most, so little is enough to see that no other comes near.
    {{ blocking_rule(
        'last_name', ['last_name_skeleton'], 'birth_date_token is null or is_matched_once'
    ) }}
    union all
    {{ blocking_rule('first_name', ['case when is_matched_once then first_name_skeleton end']) }}
    union all
    {{ blocking_rule(
        'household', ['household_number'], 'full_birth_date is null or last_name_token is null'
    ) }}
)

select
    spelling_number,
    record_number,
    blocking_rule,
    blocking_key,
    -- Some rules leave out a date: they count where one of the two records does not have it.
    knows_no_more,
    most_others
from keys
where blocking_key is not null
