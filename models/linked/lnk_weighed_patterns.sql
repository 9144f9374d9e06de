{% set comparisons = linkage_comparisons().keys() | list %}

with weights as (
    select
        comparison,
        comparison_level,
        log2(m_probability / u_probability) as match_weight
    from {{ ref('link_weights') }}
),

namesakes as (
    select * from {{ ref('lnk_namesakes') }}
),

patterns as (
    select
        {% for comparison in comparisons %}
            {{ comparison }}_level,
        {% endfor %}
        count(*) as pair_count
    from {{ ref('lnk_compared_pairs') }}
    group by all
),

weighed as (
    select
        patterns.*,
        {% for comparison in comparisons %}
            coalesce({{ comparison }}_weights.match_weight, 0) as {{ comparison }}_weight,
        {% endfor %}
        patterns.last_name_level in ('exact', 'sound')
        and patterns.first_name_level in ('exact', 'sound') as is_full_name
    from patterns
    {% for comparison in comparisons %}
        left join weights as {{ comparison }}_weights
            on
                {{ comparison }}_weights.comparison = '{{ comparison }}'
                and {{ comparison }}_weights.comparison_level = patterns.{{ comparison }}_level
    {% endfor %}
)

select
    {% for comparison in comparisons %}
        weighed.{{ comparison }}_level,
    {% endfor %}
    weighed.pair_count,
    -- Where one name stands in the place of the other, that the two look crossed says no more.
    case
        when weighed.last_name_level = 'crossed' and weighed.first_name_level != 'crossed' then 0
        else weighed.last_name_weight
    end as last_name_weight,
    weighed.first_name_weight,
    weighed.birth_date_weight,
    weighed.sex_weight + weighed.nur_weight + weighed.agdref_weight as other_weight,
    -- Names of one origin go together: two that are alike are no two coincidences. Where both are
    -- the same, how many bear the full name says more (lnk_full_names).
    case
        when
            least(weighed.last_name_weight, weighed.first_name_weight) > 0
            and not weighed.is_full_name
            then log2(1 / namesakes.dependence)
        else 0
    end as names_weight
from weighed
cross join namesakes
