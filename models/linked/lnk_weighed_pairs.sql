{% set comparisons = linkage_comparisons().keys() | list %}
{% set compared_terms = ['last_name', 'first_name', 'birth_date'] %}

with household_weights as (
    select
        comparison_level as household_level,
        log2(m_probability / u_probability) as household_weight
    from {{ ref('link_weights') }}
    where comparison = 'household'
),

with_households as materialized (
    select
        compared_pairs.*,
        case
            when compared_pairs.household_l = compared_pairs.household_r then 'same'
            when household_pairs.member_count is not null then 'linked'
            else 'missing'
        end as household_level
    from {{ ref('lnk_compared_pairs') }} as compared_pairs
    left join {{ ref('lnk_household_pairs') }} as household_pairs
        on
            household_pairs.household_l
            = least(compared_pairs.household_l, compared_pairs.household_r)
            and household_pairs.household_r
            = greatest(compared_pairs.household_l, compared_pairs.household_r)
),

-- The same few hundred patterns come back by the million: each is weighed once.
weighed as (
    select
        with_households.*,
        {% for comparison in compared_terms %}
            patterns.{{ comparison }}_weight
            + coalesce({{ comparison }}_terms.weight_adjustment, 0) as {{ comparison }}_weight,
        {% endfor %}
        patterns.other_weight + coalesce(household_weights.household_weight, 0)
        + coalesce(full_names.weight_adjustment, patterns.names_weight) as other_weight
    from with_households
    inner join {{ ref('lnk_weighed_patterns') }} as patterns
        on
            {% for comparison in comparisons %}
                {{ 'and ' if not loop.first }}with_households.{{ comparison }}_level
                = patterns.{{ comparison }}_level
            {% endfor %}
    left join household_weights
        on with_households.household_level = household_weights.household_level
    {% for comparison in compared_terms %}
        left join {{ ref('lnk_term_frequencies') }} as {{ comparison }}_terms
            on
                {{ comparison }}_terms.comparison = '{{ comparison }}'
                and {{ comparison }}_terms.comparison_level
                = with_households.{{ comparison }}_level
                and {{ comparison }}_terms.term = with_households.{{ comparison }}_term
    {% endfor %}
    left join {{ ref('lnk_full_names') }} as full_names
        on with_households.full_name_term = full_names.full_name_term
),

summed as (
    select
        spelling_number_l,
        spelling_number_r,
        record_number_l,
        record_number_r,
        is_only_spelling,
        list_1,
        list_2,
        {% for comparison in comparisons + ['household'] %}
            {{ comparison }}_level,
        {% endfor %}
        first_name_weight + other_weight
        -- A family shares its last name, and twins their birth date too: under one roof neither is
        -- evidence that two records are one person.
        + case when household_level = 'missing' then last_name_weight else 0 end
        + case
            when household_level != 'missing' and first_name_level like 'different%'
                then least(birth_date_weight, 0)
            else birth_date_weight
        end as evidence_weight
    from weighed
)

select * from summed
where is_only_spelling
union all
-- A record may be written in several ways: the two most alike tell.
select * from (  -- noqa: AM04
    select * from summed
    where not is_only_spelling
    qualify row_number() over (
        partition by record_number_l, record_number_r
        order by evidence_weight desc, spelling_number_l asc, spelling_number_r asc
    ) = 1
) as most_alike
