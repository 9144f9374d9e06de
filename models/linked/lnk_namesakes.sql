-- Who is written alike by two records is no slip of the pen.
with persons as (
    select
        records.last_name_fonem,
        records.first_name_fonem,
        records.birth_date_token
    from {{ ref('lnk_records') }} as records
    inner join {{ ref('lnk_confirmed_writings') }} as confirmed
        on records.spelling_number = confirmed.spelling_number
    where
        confirmed.is_identity_confirmed
        and records.last_name_fonem is not null
        and records.first_name_fonem is not null
    group by records.last_name_fonem, records.first_name_fonem, records.birth_date_token
),

{% set sorts = {
    'last_name': ['last_name_fonem'],
    'first_name': ['first_name_fonem'],
    'full_name': ['last_name_fonem', 'first_name_fonem'],
} %}

{% for sort, columns in sorts.items() %}
    {{ sort }}_pairs as (
        select coalesce(sum(person_count * (person_count - 1) / 2), 0) as pair_count
        from (
            select count(*) as person_count
            from persons
            group by {{ columns | join(', ') }}
        ) as bearers
    ),
{% endfor %}

totals as (
    select count(*) as person_count
    from persons
),

pairs as (
    select
        full_name_pairs.pair_count as namesake_count,
        last_name_pairs.pair_count * first_name_pairs.pair_count
        / greatest(totals.person_count * (totals.person_count - 1) / 2, 1)
            as expected_namesake_count
    from full_name_pairs
    cross join last_name_pairs
    cross join first_name_pairs
    cross join totals
)

select
    cast(namesake_count as bigint) as namesake_count,
    expected_namesake_count,
    -- The least that the count allows to say, two standard deviations under it and one pair as
    -- expected: a short list does not tell what it does not know.
    greatest(
        (namesake_count - 2 * sqrt(namesake_count) + 1) / (expected_namesake_count + 1), 1
    ) as dependence
from pairs
