with unioned as (
    {{ union_operators('records') }}
)

select * from unioned
