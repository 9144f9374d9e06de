with scored_pairs as (
    select * from {{ ref('lnk_scored_pairs') }}
),

overrides as (
    select * from {{ ref('lnk_overrides') }}
)

-- A person's decision always wins over the weights.
select
    coalesce(scored_pairs.record_id_l, overrides.record_id_l) as record_id_l,
    coalesce(scored_pairs.record_id_r, overrides.record_id_r) as record_id_r,
    scored_pairs.match_weight,
    coalesce(overrides.decision = 'must_link', false) as is_pinned
from scored_pairs
full join overrides
    on
        scored_pairs.record_id_l = overrides.record_id_l
        and scored_pairs.record_id_r = overrides.record_id_r
where
    overrides.decision = 'must_link'
    or (
        overrides.decision is null
        and scored_pairs.match_probability >= {{ var('link_threshold') }}
        -- A first name and a year are not a person, nor is a household, whatever the weights say.
        and (
            coalesce(scored_pairs.last_name_level, '') != 'missing'
            or scored_pairs.birth_date_level not in (
                'missing', 'year_only', 'year', 'different', 'different_confirmed'
            )
            or scored_pairs.nur_level = 'same'
            or scored_pairs.agdref_level = 'same'
            or (
                scored_pairs.household_level in ('same', 'linked')
                and (
                    scored_pairs.first_name_level != 'missing'
                    or scored_pairs.birth_date_level != 'missing'
                )
            )
        )
    )
