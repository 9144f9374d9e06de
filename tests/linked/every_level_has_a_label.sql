-- A reviewer reads a word for whatever the weights or a pair can say, `missing` included.
with known_levels as (
    select
        comparison,
        comparison_level
    from {{ ref('link_weights') }}
    union
    select
        comparison,
        'missing' as comparison_level
    from {{ ref('link_weights') }}
    {% for comparison in [
        'last_name', 'first_name', 'birth_date', 'sex', 'nur', 'agdref', 'household'
    ] %}
        union
        select
            '{{ comparison }}' as comparison,
            {{ comparison }}_level as comparison_level
        from {{ ref('lnk_scored_pairs') }}
    {% endfor %}
)

select
    known_levels.comparison,
    known_levels.comparison_level
from known_levels
left join {{ ref('level_labels') }} as level_labels
    on
        known_levels.comparison = level_labels.comparison
        and known_levels.comparison_level = level_labels.comparison_level
where level_labels.label_fr is null
