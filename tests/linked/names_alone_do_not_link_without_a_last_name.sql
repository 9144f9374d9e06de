-- A record with neither a last name nor a full birth date is linked by a shared number or its household
-- only: a first name is not enough.
with nameless as (
    select record_id
    from {{ ref('lnk_records') }}
    group by record_id
    having
        count(last_name_token) = 0
        and count(birth_name_token) = 0
        and count(birth_year_month_token) = 0
),

links as (
    select * from {{ ref('lnk_scored_pairs') }}
    where is_link
)

select
    links.record_id_l,
    links.record_id_r,
    links.matched_rules,
from links
inner join nameless on nameless.record_id in (links.record_id_l, links.record_id_r)
where not regexp_matches(links.matched_rules, 'nur|agdref|household')
