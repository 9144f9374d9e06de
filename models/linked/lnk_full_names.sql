with records as not materialized (
    select * from {{ ref('lnk_records') }}
),

term_frequencies as (
    select * from {{ ref('lnk_term_frequencies') }}
    where comparison_level = 'sound'
),

totals as (
    select sum(identity_count) as identity_count
    from term_frequencies
    where comparison = 'last_name'
),

namesakes as (
    select * from {{ ref('lnk_namesakes') }}
),

-- A slip of the pen seldom changes the year: as many birth years, as many persons of that name.
full_names as (
    select
        last_name_fonem,
        first_name_fonem,
        greatest(count(distinct birth_year), 1) as person_count
    from records
    where last_name_fonem is not null and first_name_fonem is not null
    group by last_name_fonem, first_name_fonem
)

select
    hash(full_names.last_name_fonem, full_names.first_name_fonem) as full_name_term,
    full_names.person_count,
    last_names.identity_count * first_names.identity_count / totals.identity_count
        as expected_count,
    log2(
        (1 + namesakes.dependence * expected_count)
        / (namesakes.dependence * full_names.person_count)
    ) as weight_adjustment
from full_names
cross join totals
cross join namesakes
inner join term_frequencies as last_names
    on
        last_names.comparison = 'last_name'
        and full_names.last_name_fonem = last_names.term
inner join term_frequencies as first_names
    on
        first_names.comparison = 'first_name'
        and full_names.first_name_fonem = first_names.term
