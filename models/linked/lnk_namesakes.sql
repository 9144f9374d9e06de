-- Who is written alike by two records is no slip of the pen.
with persons as (
    select
        last_name_fonem,
        first_name_fonem,
        birth_date_token
    from {{ ref('lnk_compared_records') }}
    where
        is_identity_confirmed
        and last_name_fonem is not null
        and first_name_fonem is not null
    group by last_name_fonem, first_name_fonem, birth_date_token
),

names as (
    select
        case
            when grouping(first_name_fonem) = 1 then 'last_name'
            when grouping(last_name_fonem) = 1 then 'first_name'
            else 'full_name'
        end as name,
        count(*) as person_count
    from persons
    group by grouping sets (
        (last_name_fonem), (first_name_fonem), (last_name_fonem, first_name_fonem)
    )
),

pairs as (
    select
        coalesce(sum(person_count) filter (name = 'last_name'), 0) as person_count,
        coalesce(sum(person_count * (person_count - 1) / 2) filter (name = 'last_name'), 0)
            as last_name_count,
        coalesce(sum(person_count * (person_count - 1) / 2) filter (name = 'first_name'), 0)
            as first_name_count,
        coalesce(sum(person_count * (person_count - 1) / 2) filter (name = 'full_name'), 0)
            as namesake_count
    from names
)

select
    cast(namesake_count as bigint) as namesake_count,
    last_name_count * first_name_count
    / greatest(person_count * (person_count - 1) / 2, 1) as expected_namesake_count,
    -- The least that the count allows to say, two standard deviations under it and one pair as
    -- expected: a short list does not tell what it does not know.
    greatest(
        (namesake_count - 2 * sqrt(namesake_count) + 1) / (expected_namesake_count + 1), 1
    ) as dependence
from pairs
