-- A state is a situation, a way of coming to the list or a way of leaving it.
with states as (
    select from_state as code from {{ ref('ind_trajectories') }}
    union
    select to_state from {{ ref('ind_trajectories') }}
),

labels as (
    select code from {{ ref('voc_situation') }}
    union
    select code from {{ ref('voc_inflow') }}
    union
    select code from {{ ref('voc_outflow') }}
)

select states.code
from states
left join labels on states.code = labels.code
where labels.code is null
