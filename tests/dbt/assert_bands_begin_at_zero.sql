-- A band reaches from its least value to the next band's: without one that begins at 0, small
-- values would be in none.
select
    'age_bands' as seed,
    min(min_age) as least_value
from {{ ref('age_bands') }}
having coalesce(min(min_age), 1) <> 0
union all
select
    'company_size_bands' as seed,
    min(min_headcount) as least_value
from {{ ref('company_size_bands') }}
having coalesce(min(min_headcount), 1) <> 0
