select
    lnk_records.record_id,
    lnk_records.identity_id
from {{ ref('lnk_records') }} as lnk_records
left join {{ ref('lnk_compared_records') }} as compared_records
    on
        lnk_records.record_id = compared_records.record_id
        and lnk_records.identity_id = compared_records.identity_id
where compared_records.record_number is null
