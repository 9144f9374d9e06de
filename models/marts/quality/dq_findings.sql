{# Each check: the row's key, the day it is about, and the condition that is not plausible. #}
{% set checks = [
    ('implausible_age', 'records', 'record_id', 'null',
     "birth_year not between year(reference_month) - " ~ var('oldest_age') ~ " and year(reference_month)"),
    ('child_as_head', 'records', 'record_id', 'null',
     "household_role = 'head' and year(reference_month) - birth_year < 16"),
    ('contact_out_of_month', 'contacts', 'contact_id', 'contact_date',
     "contact_date > last_day(reference_month)"),
    ('exit_before_entry', 'stays', 'stay_listing_id', 'entry_date', "exit_date < entry_date"),
    ('entry_after_month', 'stays', 'stay_listing_id', 'entry_date',
     "entry_date > last_day(reference_month)"),
    ('very_long_stay', 'stays', 'stay_listing_id', 'entry_date',
     "exit_date is null and situation in ('emergency_shelter', 'hotel', 'night_shelter')"
     ~ " and reference_month > entry_date + interval " ~ var('longest_stay_years') ~ " year"),
    ('exit_without_reason', 'stays', 'stay_listing_id', 'exit_date',
     "exit_date is not null and exit_reason = 'unknown' and exit_destination = 'unknown'"),
    ('update_before_request', 'requests', 'request_listing_id', 'request_date',
     "least(updated_date, status_date) < request_date"),
] %}

with row_findings as (
    {% for check, entity, row_key, day, condition in checks %}
        select
            operator,
            '{{ entity }}' as entity,
            '{{ check }}' as check_code,
            reference_month,
            record_id,
            {{ row_key }} as row_id,
            cast({{ day }} as date) as event_date
        from {{ ref('hrm_' ~ entity) }}
        where {{ condition }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

{% set sources = [
    'row_findings',
    ref('dq_duplicate_records'),
    ref('dq_forgotten_stays'),
    ref('dq_anonymous_records'),
] %}

{% for source in sources %}
    select
        operator,
        entity,
        check_code,
        reference_month,
        record_id,
        row_id,
        event_date
    from {{ source }}
    {{ 'union all' if not loop.last }}
{% endfor %}
