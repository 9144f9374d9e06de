-- A record with neither a last name nor a full birth date is linked by a shared number or by its
-- household only: a first name is not enough.
with known as (
    select record_id
    from {{ ref('lnk_records') }}
    group by record_id
    having
        count(last_name_token) > 0
        or count(birth_name_token) > 0
        or count(birth_year_month_token) > 0
),

links as (
    select scored_pairs.*
    from {{ ref('lnk_links') }} as lnk_links
    inner join {{ ref('lnk_scored_pairs') }} as scored_pairs
        on
            lnk_links.record_id_l = scored_pairs.record_id_l
            and lnk_links.record_id_r = scored_pairs.record_id_r
    where not lnk_links.is_pinned
)

select
    links.record_id_l,
    links.record_id_r
from links
left join known as known_l on links.record_id_l = known_l.record_id
left join known as known_r on links.record_id_r = known_r.record_id
where
    (known_l.record_id is null or known_r.record_id is null)
    and links.nur_level != 'same'
    and links.agdref_level != 'same'
    and links.household_level not in ('same', 'linked')
