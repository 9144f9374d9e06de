-- Whatever pairs are grouped by, the groups add up to the pairs and labels of the total.
with linkage as (
    select * from {{ ref('dq_linkage') }}
),

sums as (
    select
        segment_type,
        sum(linked_pair_count) as linked_pair_count,
        sum(unlinked_pair_count) as unlinked_pair_count,
        sum(linked_labelled_count) as linked_labelled_count,
        sum(unlinked_labelled_count) as unlinked_labelled_count
    from linkage
    group by segment_type
)

select sums.segment_type
from sums
left join linkage as totals on totals.segment_type = 'total'
where
    sums.linked_pair_count is distinct from totals.linked_pair_count
    or sums.unlinked_pair_count is distinct from totals.unlinked_pair_count
    or sums.linked_labelled_count is distinct from totals.linked_labelled_count
    or sums.unlinked_labelled_count is distinct from totals.unlinked_labelled_count
    or totals.linked_labelled_count > totals.linked_pair_count
    or totals.unlinked_labelled_count > totals.unlinked_pair_count
