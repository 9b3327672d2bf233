{{ config(severity='warn') }}
-- Warns of audiences that are empty because their day has come: take them out, or move the day.
select
    audience_id,
    owner,
    expires_date
from {{ ref('int_audiences') }}
where is_expired
