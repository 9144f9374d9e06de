-- The territory's words, from the tables of codes that this edition holds.
select
    families.family,
    families.position as family_position,
    terms.label_fr as term,
    terms.definition_fr as definition,
    terms.position
from read_parquet('data/voc_*.parquet', union_by_name = true, filename = true) as terms
inner join (values
    ('voc_unit', 'Unités', 1),
    ('voc_status', 'États d''une personne', 2),
    ('voc_situation', 'Situations', 3),
    ('voc_inflow', 'Entrées', 4),
    ('voc_outflow', 'Sorties', 5),
    ('voc_indicator', 'Indicateurs', 6),
    ('voc_duration_kind', 'Durées', 7),
    ('voc_household_type', 'Ménages', 8),
    ('voc_administrative_status', 'Situations administratives', 9),
    ('voc_resources', 'Ressources', 10),
    ('voc_need', 'Besoins', 11),
    ('voc_refusal_reason', 'Motifs de refus', 12),
    ('voc_revision_reason', 'Motifs de révision', 13),
    ('voc_calendar_status', 'Calendrier des fichiers', 14),
    ('voc_quality_dimension', 'Qualité des données', 15),
    ('voc_closing_reason', 'Raisons de clôture d''un séjour', 16),
    ('voc_cell_status', 'Cases sans chiffre', 17)
) as families (table_name, family, position)
    on parse_filename(terms.filename, true) = families.table_name
order by family_position, terms.position
