-- From one month's end to the next, at the level of the whole list: who came, moved or left.
with states as (
    select code, any_value(label_fr) as label_fr, any_value(domain) as domain
    from read_parquet('data/labels.parquet')
    where domain in ('situation', 'inflow', 'outflow')
    group by code
)

select
    moves.reference_month,
    strftime(moves.reference_month, '%Y-%m') as month_code,
    moves.unit,
    moves.from_state,
    moves.to_state,
    coalesce(from_states.label_fr, moves.from_state) as from_label,
    coalesce(to_states.label_fr, moves.to_state) as to_label,
    moves.move_count
from read_parquet('data/ind_trajectories.parquet') as moves
left join states as from_states on moves.from_state = from_states.code
left join states as to_states on moves.to_state = to_states.code
where moves.segment_type = 'total' and moves.from_state <> 'first_list' and moves.move_count > 0
order by moves.reference_month, moves.unit, moves.move_count desc
