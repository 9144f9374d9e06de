-- Every record that an operator's delivery in force names is there once, and nobody else is.
with staged as (
    {% for model in [
        'stg_siao_115__appels', 'stg_siao_insertion__demandes', 'stg_accueil_jour__passages',
        'stg_maraude__rencontres', 'stg_ccas__domiciliations', 'stg_hebergement__sejours',
        'stg_hotel__nuitees', 'stg_syplo__demandes', 'stg_dna__presences', 'stg_logement__entrees',
        'stg_standard__personnes', 'stg_standard__contacts', 'stg_standard__sejours', 'stg_standard__demandes',
    ] %}
        select
            operator,
            reference_month,
            record_id
        from {{ ref(model) }}
        {{ 'union' if not loop.last }}
    {% endfor %}
),

both_sides as (
    select
        operator,
        reference_month,
        record_id,
        1 as in_records,
        0 as in_staged
    from {{ ref('hrm_records') }}
    union all
    select
        operator,
        reference_month,
        record_id,
        0 as in_records,
        1 as in_staged
    from staged
)

select
    operator,
    reference_month,
    record_id
from both_sides
group by operator, reference_month, record_id
having sum(in_records) <> 1 or sum(in_staged) <> 1
