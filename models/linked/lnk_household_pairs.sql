with compared_pairs as (
    select * from {{ ref('lnk_compared_pairs') }}
)

-- Names and birth date agree for one member: the two households may be one. It is evidence for the
-- other members, never proof.
select
    least(household_l, household_r) as household_l,
    greatest(household_l, household_r) as household_r,
    count(*) as member_count
from compared_pairs
where
    household_l != household_r
    and last_name_level in ('exact', 'birth_name', 'sound')
    and first_name_level in ('exact', 'sound')
    and birth_date_level = 'exact'
group by all
