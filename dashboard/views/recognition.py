"""Recognition: curves, by crop, by group, and person by person."""

from dashboard import charts, widgets, words
from dashboard.data import numbers, ranking
from dashboard.parts import recognition

PARTS = {
    "Curves": recognition.curves,
    "By crop": recognition.crops,
    "By group": recognition.groups,
    "Person by person": recognition.persons,
}

dataset, crop = widgets.dataset_and_crop()
clean = numbers.metrics(dataset=dataset, crop=crop, **numbers.CLEAN)
question = ranking.first(clean, "identify", "neighbour", "view2", "verify", "open_set", "name")
ranked = list(ranking.answers(clean, question).model)
models = widgets.several("models", "Models", ranked, ranked[: len(charts.COLOURS)])
show_part = PARTS[widgets.part("part", list(PARTS))]
show_part(
    ranking.View(
        dataset=dataset,
        crop=crop,
        models=models,
        clean=clean[clean.model.isin(models)],
        question=question,
        file=words.file_name(dataset, crop),
    )
)
