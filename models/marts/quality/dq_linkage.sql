with strata as (
    select
        *,
        -- Linked and not one person, or one person and not linked.
        case when is_linked then labelled_count - match_count else match_count end as wrong_count
    from {{ ref('lnk_clerical_counts') }}
),

sides as (
    select
        segment_type,
        segment,
        is_linked,
        sum(pair_count) as pair_count,
        sum(labelled_count) as labelled_count,
        -- Null as soon as a band holds pairs and no label: what nobody looked at is not zero.
        case
            when min(labelled_count) > 0
                then sum(pair_count * wrong_count / labelled_count) / sum(pair_count)
        end as error_rate,
        -- Kish: the size of a simple sample that would tell as much as these weighted labels.
        case
            when min(labelled_count) > 0
                then pow(sum(pair_count), 2) / sum(pow(pair_count, 2) / labelled_count)
        end as effective_size
    from strata
    group by segment_type, segment, is_linked
),

bounded as (
    select
        *,
        {{ wilson_bound('error_rate', 'effective_size', 'low') }} as error_low,
        {{ wilson_bound('error_rate', 'effective_size', 'high') }} as error_high
    from sides
),

segments as (
    select
        {% for side, condition in [('linked', 'is_linked'), ('unlinked', 'not is_linked')] %}
            coalesce(sum(pair_count) filter (where {{ condition }}), 0) as {{ side }}_pair_count,
            coalesce(sum(labelled_count) filter (where {{ condition }}), 0)
                as {{ side }}_labelled_count,
            {% for figure in ['error_rate', 'error_low', 'error_high'] %}
                max({{ figure }}) filter (where {{ condition }}) as {{ side }}_{{ figure }},
            {% endfor %}
        {% endfor %}
        segment_type,
        segment
    from bounded
    group by segment_type, segment
),

-- Without pairs on one side there is nothing to look at there: no match is missed, or none is made.
matches as (
    select
        {% for figure in ['rate', 'low', 'high'] %}
            case
                when segments.unlinked_pair_count = 0 then 0
                else segments.unlinked_pair_count * unlinked_error_{{ figure }}
            end as missed_{{ figure }},
            case
                when segments.linked_pair_count = 0 then 0
                else segments.linked_pair_count * (1 - linked_error_{{ figure }})
            end as found_{{ figure }},
        {% endfor %}
        segments.*
    from segments
)

select
    segment_type,
    segment,
    cast(linked_pair_count as bigint) as linked_pair_count,
    cast(unlinked_pair_count as bigint) as unlinked_pair_count,
    cast(linked_labelled_count as bigint) as linked_labelled_count,
    cast(unlinked_labelled_count as bigint) as unlinked_labelled_count,
    round(linked_error_rate, 6) as false_match_rate,
    round(linked_error_low, 6) as false_match_low,
    round(linked_error_high, 6) as false_match_high,
    -- The low bound has the fewest matches missed and the most found, the high bound the reverse:
    -- a bound of both errors at once is on the careful side.
    round(missed_rate / nullif(missed_rate + found_rate, 0), 6) as false_miss_rate,
    round(missed_low / nullif(missed_low + found_low, 0), 6) as false_miss_low,
    round(missed_high / nullif(missed_high + found_high, 0), 6) as false_miss_high
from matches
