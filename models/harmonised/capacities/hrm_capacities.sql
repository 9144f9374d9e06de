with unioned as (
    {{ union_operators('capacities') }}
)

select * from unioned
