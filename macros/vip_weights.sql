{#
    What R, F and M weigh in the composite score, as whole numbers: the vars vip_weight_recency,
    vip_weight_frequency and vip_weight_monetary in ten-thousandths, so that nothing is binary.
    Returns a map of score column to weight. Example: a weight of 2.5 is 25000.
#}
{% macro vip_weights() %}
    {% set weights = {} %}
    {% for column, name in [
        ('r_score', 'vip_weight_recency'),
        ('f_score', 'vip_weight_frequency'),
        ('m_score', 'vip_weight_monetary'),
    ] %}
        {% do weights.update({column: (var(name) * 10000) | round | int}) %}
    {% endfor %}
    {{ return(weights) }}
{% endmacro %}
