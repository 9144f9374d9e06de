with records as (
    select * from {{ ref('lnk_records') }}
),

-- Each distinct identity counts once: a person listed by six operators under one name is one.
terms as (
    {% for field, others in [
        ('last_name', 'first_name_token, birth_date_token'),
        ('first_name', 'last_name_token, birth_date_token'),
    ] %}
        {% for level, column in [
            ('exact', 'token'), ('sound', 'fonem'), ('consonants', 'skeleton'),
        ] %}
            select
                '{{ field }}' as comparison,
                '{{ level }}' as comparison_level,
                {{ field }}_{{ column }} as term,
                count(distinct hash({{ others }})) as identity_count
            from records
            where {{ field }}_{{ column }} is not null
            group by {{ field }}_{{ column }}
            union all
        {% endfor %}
    {% endfor %}
    select
        'birth_date' as comparison,
        'exact' as comparison_level,
        birth_date_token as term,
        count(distinct hash(last_name_token, first_name_token)) as identity_count
    from records
    where birth_date_token is not null and birth_date_precision != 'year'
    group by birth_date_token
),

totals as (
    select
        comparison,
        comparison_level,
        sum(identity_count) as total_count,
        -- Chance that two identities share the term, at least that of one such pair.
        greatest(sum(identity_count * (identity_count - 1)), 1)
        / greatest(pow(sum(identity_count), 2), 1) as chance_agreement
    from terms
    group by comparison, comparison_level
)

select
    terms.comparison,
    terms.comparison_level,
    terms.term,
    terms.identity_count,
    -- The pair's own two identities say nothing of how many others share the term. One
    -- pseudo-identity at the average frequency keeps the rarest terms within reason.
    log2(
        (totals.total_count * totals.chance_agreement + 1)
        / (greatest(terms.identity_count - 2, 0) + 1)
    ) as weight_adjustment
from terms
inner join totals
    on
        terms.comparison = totals.comparison
        and terms.comparison_level = totals.comparison_level
