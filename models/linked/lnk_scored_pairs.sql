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
        level,
        log2(m_probability / u_probability) as match_weight
    from {{ ref('link_weights') }}
),

-- The chance that two records drawn at random are one person falls as the list grows.
prior as (
    select log2(link_model.matches_per_record / greatest(count(distinct records.record_id) - 1, 1)) as match_weight
    from {{ ref('link_model') }} as link_model
    cross join {{ ref('lnk_records') }} as records
    group by link_model.matches_per_record
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
            least(compared_pairs.household_l, compared_pairs.household_r) = household_pairs.household_l
            and greatest(compared_pairs.household_l, compared_pairs.household_r) = household_pairs.household_r
),

weighted as (
    select
        with_households.*,
        prior.match_weight
        {% for comparison in ['last_name', 'first_name', 'birth_date', 'sex', 'nur', 'agdref', 'household'] -%}
            + coalesce({{ comparison }}_weights.match_weight, 0)
        {% endfor -%}
        {% for comparison in ['last_name', 'first_name', 'birth_date'] -%}
            + coalesce({{ comparison }}_terms.weight_adjustment, 0)
        {% endfor -%} as match_weight
    from with_households
    cross join prior
    {% for comparison in ['last_name', 'first_name', 'birth_date', 'sex', 'nur', 'agdref', 'household'] -%}
        left join weights as {{ comparison }}_weights
            on
                {{ comparison }}_weights.comparison = '{{ comparison }}'
                and with_households.{{ comparison }}_level = {{ comparison }}_weights.level
    {% endfor -%}
    {% for comparison in ['last_name', 'first_name', 'birth_date'] -%}
        left join term_frequencies as {{ comparison }}_terms
            on
                {{ comparison }}_terms.comparison = '{{ comparison }}'
                and with_households.{{ comparison }}_level = {{ comparison }}_terms.level
                and with_households.{{ comparison }}_term = {{ comparison }}_terms.term
    {% endfor -%}
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
