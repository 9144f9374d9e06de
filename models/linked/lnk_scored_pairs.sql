{% set comparisons = [
    'last_name', 'first_name', 'birth_date', 'sex', 'nur', 'agdref', 'household'
] %}
{% set compared_terms = ['last_name', 'first_name', 'birth_date'] %}

with compared_pairs as (
    select * from {{ ref('lnk_compared_pairs') }}
),

household_pairs as (
    select * from {{ ref('lnk_household_pairs') }}
),

term_frequencies as (
    select * from {{ ref('lnk_term_frequencies') }}
),

weights as (
    select
        comparison,
        comparison_level,
        log2(m_probability / u_probability) as match_weight
    from {{ ref('link_weights') }}
),

-- The chance that two records drawn at random are one person falls as the list grows.
record_counts as (
    select greatest(count(distinct record_id) - 1, 1) as other_records
    from {{ ref('lnk_records') }}
),

priors as (
    select log2(link_model.matches_per_record / record_counts.other_records) as match_weight
    from {{ ref('link_model') }} as link_model
    cross join record_counts
),

with_households as (
    select
        compared_pairs.*,
        case
            when compared_pairs.household_l = compared_pairs.household_r then 'same'
            when household_pairs.member_count is not null then 'linked'
            else 'missing'
        end as household_level
    from compared_pairs
    left join household_pairs
        on
            household_pairs.household_l
            = least(compared_pairs.household_l, compared_pairs.household_r)
            and household_pairs.household_r
            = greatest(compared_pairs.household_l, compared_pairs.household_r)
),

weighted as (
    select
        with_households.*,
        priors.match_weight
        {% for comparison in comparisons %}
            + coalesce({{ comparison }}_weights.match_weight, 0)
        {% endfor %}
        {% for comparison in compared_terms %}
            + coalesce({{ comparison }}_terms.weight_adjustment, 0)
        {% endfor %}
            as match_weight
    from with_households
    cross join priors
    {% for comparison in comparisons %}
        left join weights as {{ comparison }}_weights
            on
                {{ comparison }}_weights.comparison = '{{ comparison }}'
                and {{ comparison }}_weights.comparison_level
                = with_households.{{ comparison }}_level
    {% endfor %}
    {% for comparison in compared_terms %}
        left join term_frequencies as {{ comparison }}_terms
            on
                {{ comparison }}_terms.comparison = '{{ comparison }}'
                and {{ comparison }}_terms.comparison_level
                = with_households.{{ comparison }}_level
                and {{ comparison }}_terms.term = with_households.{{ comparison }}_term
    {% endfor %}
)

-- A record may be written in several ways: the two most alike tell.
select
    record_id_l,
    record_id_r,
    last_name_level,
    first_name_level,
    birth_date_level,
    sex_level,
    nur_level,
    agdref_level,
    household_level,
    match_weight,
    1 / (1 + pow(2, -match_weight)) as match_probability
from weighted
qualify row_number() over (
    partition by record_id_l, record_id_r
    order by match_weight desc, identity_id_l asc, identity_id_r asc
) = 1
