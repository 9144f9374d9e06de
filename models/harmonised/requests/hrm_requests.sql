with unioned as (
    {{ union_operators('requests') }}
)

select * from unioned
