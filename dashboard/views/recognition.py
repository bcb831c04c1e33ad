"""Recognition: curves, by crop, by group, person by person, and in larger galleries."""

from dashboard import charts, widgets
from dashboard.data import numbers, ranking
from dashboard.parts import recognition
from dashboard.view import View
from facebench.report.headlines import HEADLINES

PARTS = {
    "Curves": recognition.curves,
    "By crop": recognition.crops,
    "By group": recognition.groups,
    "Person by person": recognition.persons,
    "Larger galleries": recognition.larger,
}

dataset, crop = widgets.dataset_and_crop()
clean = numbers.metrics(dataset=dataset, crop=crop, **numbers.CLEAN)
protocols = [headline.protocol for headline in HEADLINES]
headline = ranking.first(dataset, crop, clean, *protocols)
ranked = list(ranking.ranked(clean, headline).model)
models = widgets.several("models", "Models", ranked, ranked[: len(charts.COLOURS)])
show_part = PARTS[widgets.part("part", list(PARTS))]
show_part(
    View(
        dataset=dataset,
        crop=crop,
        numbers=ranking.coloured(clean[clean.model.isin(models)]),
        models=models,
        headline=headline,
    )
)
