{#
    Rounds of label propagation with pointer jumping over the shared identifiers.

    A round takes a label per account and lets every group of accounts with the same label adopt
    the least label that any of them can see over a shared identifier (hooking), then replaces each
    label by the label of the account it names (pointer jumping; Shiloach and Vishkin 1982 give the
    scheme). Within two rounds every group that is not yet a whole component has joined another one,
    so the number of groups at least halves: 2k rounds are enough for any component of 2^k accounts,
    and mostly far fewer are needed.

    Arguments: labels, a relation of account_key and label; links, a relation of account_key,
    identifier_key; rounds, how many. Returns the CTEs and the name of the last one is
    labels_<rounds>. Nothing here is recursive, so that every engine runs it; windows instead of
    joins keep a round at two readings of the one before, as some engines compute a CTE anew for
    each reader.
#}
{% macro identity_label_rounds(rounds) -%}
{%- for round in range(1, rounds + 1) -%}
{%- set before = 'labels_' ~ (round - 1) -%}
seen_labels_{{ round }} as (
    select
        links.account_key,
        {{ before }}.label as old_label,
        min({{ before }}.label) over (partition by links.identifier_key) as label
    from links
    inner join {{ before }}
        on links.account_key = {{ before }}.account_key
),

adopted_labels_{{ round }} as (
    select
        account_key,
        min(label) over (partition by old_label) as label
    from seen_labels_{{ round }}
),

hooked_{{ round }} as (
    select
        account_key,
        min(label) as label
    from adopted_labels_{{ round }}
    group by account_key
),

labels_{{ round }} as (
    select
        hooked_{{ round }}.account_key,
        pointed_{{ round }}.label
    from hooked_{{ round }}
    inner join hooked_{{ round }} as pointed_{{ round }}
        on hooked_{{ round }}.label = pointed_{{ round }}.account_key
),
{% if not loop.last %}
{% endif %}
{%- endfor -%}
{%- endmacro %}
