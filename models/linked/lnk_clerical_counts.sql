{% set segment_types = [
    'sex', 'age_band', 'name_form', 'birth_date_precision', 'operator_pair'
] %}

with pairs as (
    select
        pair_strata.*,
        clerical_sample.is_match
    from {{ ref('lnk_pair_strata') }} as pair_strata
    left join {{ ref('lnk_clerical_sample') }} as clerical_sample
        on
            pair_strata.record_id_l = clerical_sample.record_id_l
            and pair_strata.record_id_r = clerical_sample.record_id_r
),

segments as (
    {% for segment_type in segment_types %}
        select
            '{{ segment_type }}' as segment_type,
            {{ segment_type }} as segment,
            band,
            is_linked,
            is_match
        from pairs
        union all
    {% endfor %}
    select
        'total' as segment_type,
        'total' as segment,
        band,
        is_linked,
        is_match
    from pairs
)

select
    segment_type,
    segment,
    band,
    is_linked,
    count(*) as pair_count,
    count(is_match) as labelled_count,
    count(*) filter (where is_match) as match_count
from segments
group by segment_type, segment, band, is_linked
