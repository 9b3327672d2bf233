{#
    The registry of segmentations: the var `segmentations`, one entry per segmentation, in the order
    in which reports list them. Everything that lists segmentations is made from it.
#}

{#
    The entries with their defaults filled in. Returns a list of maps: id; model, which classifies
    every customer_number and as_of_date; reads, the column in it; column, of marts.customers;
    otherwise, the segment of customers that the model leaves out (none: it leaves nobody out);
    preset, the set of labels in use; is_open, whether the segments are whatever the data holds;
    explained_by, the model that says why a customer is in its segment (none: nothing does).
#}
{% macro registered_segmentations() %}
    {% set registered = [] %}
    {% for entry in segmentation.checked_var('segmentations') %}
        {% do registered.append({
            'id': entry.id,
            'model': entry.model,
            'reads': entry.reads or 'segment_id',
            'column': entry.column or entry.id ~ '_segment',
            'otherwise': entry.otherwise,
            'preset': var(entry.preset_var) if entry.preset_var else 'default',
            'is_open': entry.is_open or false,
            'explained_by': entry.explained_by,
        }) %}
    {% endfor %}
    {{ return(registered) }}
{% endmacro %}


{#  What an entry may say, and whether it must.  #}
{% macro registry_fields() %}
    {{ return({
        'id': true, 'model': true, 'reads': false, 'column': false, 'otherwise': false,
        'preset_var': false, 'is_open': false, 'explained_by': false,
    }) }}
{% endmacro %}


{#  What is wrong with the var `segmentations`, as a sentence, or an empty text.  #}
{% macro registry_problem(value) %}
    {% set fields = segmentation.registry_fields() %}
    {% set example = '{id: rfm, model: int_rfm_segments}' %}
    {% if value is string or value is mapping or value is not sequence or value | length == 0 %}
        {{ return('The var "segmentations" is ' ~ segmentation.shown(value) ~ '; allowed: a list of entries such as ' ~ example ~ '.') }}
    {% endif %}
    {% set ids = [] %}
    {% set columns = [] %}
    {% for entry in value %}
        {% if entry is not mapping %}
            {{ return('The var "segmentations" holds ' ~ segmentation.shown(entry) ~ '; allowed: entries such as ' ~ example ~ '.') }}
        {% endif %}
        {% set named = 'The entry ' ~ segmentation.shown(entry) ~ ' of the var "segmentations"' %}
        {% for field in entry if field not in fields %}
            {{ return(
                named ~ ' has the field "' ~ field ~ '"; allowed: ' ~ fields.keys() | join(', ') ~ '.'
                ~ segmentation.did_you_mean(field, fields.keys() | list)
            ) }}
        {% endfor %}
        {% for field, required in fields.items() if required and not entry.get(field) %}
            {{ return(named ~ ' has no "' ~ field ~ '".') }}
        {% endfor %}
        {% for field in ['id', 'model', 'reads', 'column', 'otherwise', 'explained_by'] if entry.get(field) is not none %}
            {% if entry[field] is not string or not modules.re.fullmatch('[a-z][a-z0-9_]*', entry[field]) %}
                {{ return(named ~ ' has ' ~ segmentation.shown(entry[field]) ~ ' as its ' ~ field ~ '; allowed: lower-case letters, digits and underscores.') }}
            {% endif %}
        {% endfor %}
        {% if entry.preset_var is defined and entry.preset_var not in segmentation.var_rules() %}
            {{ return(
                named ~ ' names the var "' ~ entry.preset_var ~ '", which is unknown.'
                ~ segmentation.did_you_mean(entry.preset_var, segmentation.var_rules().keys() | list)
            ) }}
        {% endif %}
        {% if entry.is_open is defined and entry.is_open is not boolean %}
            {{ return(named ~ ' has ' ~ segmentation.shown(entry.is_open) ~ ' as its is_open; allowed: true or false.') }}
        {% endif %}
        {% if entry.id == 'audience' %}
            {{ return(named ~ ' has the id of the audiences, which are listed in the var "audiences".') }}
        {% endif %}
        {% do ids.append(entry.id) %}
        {% do columns.append(entry.column or entry.id ~ '_segment') %}
    {% endfor %}
    {% for id in ids if ids.count(id) > 1 %}
        {{ return('The var "segmentations" has "' ~ id ~ '" twice.') }}
    {% endfor %}
    {% for column in columns if columns.count(column) > 1 %}
        {{ return('The var "segmentations" gives the column "' ~ column ~ '" to two segmentations.') }}
    {% endfor %}
    {{ return('') }}
{% endmacro %}


{#
    Sentences for segmentations that marts.customers does not promise as columns, or promises without
    their being registered. Read from the manifest; nothing is asked of the database.
#}
{% macro registry_shape_problems() %}
    {% set problems = [] %}
    {% set customers = graph.nodes.get('model.segmentation.customers') %}
    {% if customers %}
        {% set registered = segmentation.registered_segmentations() %}
        {% set columns = registered | map(attribute='column') | list %}
        {% for entry in registered if entry.column not in customers.columns %}
            {% do problems.append(
                'The segmentation "' ~ entry.id ~ '" is registered, but the contract of marts.customers has no column "'
                ~ entry.column ~ '": add it to models/marts/customers/customers.yml, after the others.'
            ) %}
        {% endfor %}
        {% for name in customers.columns if name.endswith('_segment') and name not in columns %}
            {% do problems.append(
                'The contract of marts.customers promises "' ~ name ~ '", but no entry of the var "segmentations" fills it: '
                ~ 'register the segmentation again, or take the column out of models/marts/customers/customers.yml.'
            ) %}
        {% endfor %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
