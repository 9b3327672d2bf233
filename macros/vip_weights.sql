{#
    What R, F and M weigh in the composite score, as whole numbers: the vars vip_weight_recency,
    vip_weight_frequency and vip_weight_monetary in ten-thousandths, so that nothing is binary.
    Returns a map of score column to weight. Example: a weight of 2.5 is 25000. What is no number weighs
    nothing here, so that the project can be read; check_config then says what is wrong with it.
#}
{% macro vip_weights() %}
    {% set weights = {} %}
    {% for column, name in [
        ('r_score', 'vip_weight_recency'),
        ('f_score', 'vip_weight_frequency'),
        ('m_score', 'vip_weight_monetary'),
    ] %}
        {% set is_usable = var(name) is number and var(name) | string not in ['inf', 'nan'] %}
        {% do weights.update({column: (var(name) * 10000) | round | int if is_usable else 0}) %}
    {% endfor %}
    {{ return(weights) }}
{% endmacro %}
