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
    labels_<rounds>. Nothing here is recursive, so that every engine runs it.
#}
{% macro identity_label_rounds(rounds) -%}
{%- for round in range(1, rounds + 1) -%}
{%- set before = 'labels_' ~ (round - 1) -%}
identifier_labels_{{ round }} as (
    select
        links.identifier_key,
        min({{ before }}.label) as label
    from links
    inner join {{ before }}
        on links.account_key = {{ before }}.account_key
    group by links.identifier_key
),

seen_labels_{{ round }} as (
    select
        {{ before }}.label as old_label,
        min(identifier_labels_{{ round }}.label) as label
    from links
    inner join {{ before }}
        on links.account_key = {{ before }}.account_key
    inner join identifier_labels_{{ round }}
        on links.identifier_key = identifier_labels_{{ round }}.identifier_key
    group by {{ before }}.label
),

hooked_{{ round }} as (
    select
        {{ before }}.account_key,
        seen_labels_{{ round }}.label
    from {{ before }}
    inner join seen_labels_{{ round }}
        on {{ before }}.label = seen_labels_{{ round }}.old_label
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
