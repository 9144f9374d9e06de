with unioned as (
    {{ union_operators('contacts') }}
)

select * from unioned
