with unioned as (
    {{ union_operators('stays') }}
)

select * from unioned
