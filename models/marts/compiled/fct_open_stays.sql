with listings as (
    select * from {{ ref('hrm_stays') }}
),

contacts as (
    select * from {{ ref('hrm_contacts') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

voc_situation as (
    select * from {{ ref('voc_situation') }}
),

latest_listings as (
    select *
    from listings
    {{ latest_listing('stay_id', 'stay_listing_id') }}
),

stays as (
    select
        person_records.person_id,
        latest_listings.stay_id,
        latest_listings.entry_date,
        latest_listings.exit_date
    from latest_listings
    inner join person_records on latest_listings.record_id = person_records.record_id
),

-- What the person last said of where they sleep.
last_words as (
    select
        person_records.person_id,
        contacts.contact_date,
        voc_situation.is_in_structure
    from contacts
    inner join person_records on contacts.record_id = person_records.record_id
    inner join voc_situation on contacts.situation = voc_situation.code
    where voc_situation.is_homeless
    qualify row_number() over (
        partition by person_records.person_id
        order by
            contacts.contact_date desc,
            voc_situation.is_in_structure desc,
            contacts.contact_id asc
    ) = 1
),

next_stays as (
    select
        person_id,
        entry_date,
        lead(entry_date) over (partition by person_id order by entry_date) as next_entry_date
    from stays
    group by person_id, entry_date
)

select
    stays.stay_id,
    least(
        next_stays.next_entry_date,
        case
            when last_words.contact_date > stays.entry_date and not last_words.is_in_structure
                then last_words.contact_date
        end
    ) as moved_on_date
from stays
inner join next_stays
    on stays.person_id = next_stays.person_id and stays.entry_date = next_stays.entry_date
left join last_words on stays.person_id = last_words.person_id
where stays.exit_date is null
